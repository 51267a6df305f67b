// The rules of devices. Upstream: validateDevice in pkg/apis/resource/validation.

import { checkNodeSelector } from '../core/affinity-validation.ts';
import { checkLabel, checkMaxBytes, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { checkMap, checkSet } from './bounded-lists.ts';
import { checkSharedCapacity, checkWholeCapacity } from './device-capacity-validation.ts';
import { checkAttributeName, MAX_ATTRIBUTE_NAME } from './device-name-validation.ts';
import { checkBindingConditions } from './device-taint-validation.ts';
import type { Counter, Device, DeviceAttribute, DeviceCounterConsumption } from './resource-slice.ts';

const MAX_ATTRIBUTES = 32;
const MAX_VALUE = 64;
const MAX_CONSUMPTIONS = 2;
const MAX_COUNTERS = 32;
const MAX_COUNTER_NAME = 63;
const SEMVER =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

/** `choosesNodes`: each device of the slice says which nodes it is for. */
export function checkDevice(device: Device, choosesNodes: boolean, at: Path, errors: FieldError[]): void {
  checkLabel(device.name, at.child('name'), errors);
  const count = Object.keys(device.attributes ?? {}).length + Object.keys(device.capacity ?? {}).length;
  if (count > MAX_ATTRIBUTES) {
    const why = `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES}`;
    errors.push(fieldError.invalid(at, count, why));
  }
  const named = { maxKey: MAX_ATTRIBUTE_NAME, checkKey: checkAttributeName };
  const attributes = { ...named, check: checkAttribute };
  checkMap(device.attributes, Number.POSITIVE_INFINITY, attributes, at.child('attributes'), errors);
  const capacities = { ...named, check: device.allowMultipleAllocations ? checkSharedCapacity : checkWholeCapacity };
  checkMap(device.capacity, Number.POSITIVE_INFINITY, capacities, at.child('capacity'), errors);
  const consumptions = { key: ({ counterSet }: DeviceCounterConsumption) => counterSet, check: checkConsumption };
  checkSet(device.consumesCounters, MAX_CONSUMPTIONS, consumptions, at.child('consumesCounters'), errors);
  checkNodes(device, choosesNodes, at, errors);
  checkBindingConditions(device, at, errors);
}

export function checkCounters(counters: Readonly<Record<string, Counter>>, at: Path, errors: FieldError[]): void {
  if (Object.keys(counters ?? {}).length === 0) errors.push(fieldError.required(at));
  // Any quantity will do.
  const rules = { maxKey: MAX_COUNTER_NAME, checkKey: checkLabel, check: () => {} };
  checkMap(counters, MAX_COUNTERS, rules, at, errors);
}

function checkConsumption({ counterSet, counters }: DeviceCounterConsumption, at: Path, errors: FieldError[]): void {
  if (counterSet === '') errors.push(fieldError.required(at.child('counterSet')));
  else checkLabel(counterSet, at.child('counterSet'), errors);
  checkCounters(counters, at.child('counters'), errors);
}

function checkAttribute(attribute: DeviceAttribute, at: Path, errors: FieldError[]): void {
  const { string, version } = attribute;
  checkMaxBytes(string, MAX_VALUE, at.child('string'), errors);
  if (version !== undefined) {
    const path = at.child('version');
    if (!SEMVER.test(version)) {
      errors.push(fieldError.invalid(path, version, 'must be a string compatible with semver.org spec 2.0.0'));
    }
    checkMaxBytes(version, MAX_VALUE, path, errors);
  }
  const count = Object.values(attribute).filter((value) => value !== undefined).length;
  if (count === 1) return;
  errors.push(fieldError.invalid(at, count === 0 ? '' : attribute, 'exactly one value must be specified'));
}

const PER_DEVICE = 'when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';

function checkNodes(device: Device, choosesNodes: boolean, at: Path, errors: FieldError[]): void {
  const { nodeName, nodeSelector, allNodes } = device;
  if (!choosesNodes) {
    if (nodeName === undefined && !nodeSelector && allNodes === undefined) return;
    const why =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    errors.push(fieldError.invalid(at, null, why));
    return;
  }
  if (nodeName === '') errors.push(fieldError.invalid(at.child('nodeName'), nodeName, 'must not be empty'));
  else if (nodeName !== undefined) checkSubdomain(nodeName, at.child('nodeName'), errors);
  if (nodeSelector) checkNodeSelector(nodeSelector, at.child('nodeSelector'), errors);
  if (allNodes === false) {
    errors.push(fieldError.invalid(at.child('allNodes'), allNodes, 'must be either unset or set to true'));
  }
  const chosen = [nodeName && '`nodeName`', nodeSelector && '`nodeSelector`', allNodes && '`allNodes`'].filter(Boolean);
  const why = `exactly one of \`nodeName\`, \`nodeSelector\`, or \`allNodes\` is required ${PER_DEVICE}`;
  if (chosen.length === 0) errors.push(fieldError.required(at, why));
  if (chosen.length > 1) errors.push(fieldError.invalid(at, `{${chosen.join(', ')}}`, why));
}
