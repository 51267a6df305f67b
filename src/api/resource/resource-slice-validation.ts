// The rules of slices of devices. Upstream: ValidateResourceSlice in pkg/apis/resource/validation.

import { checkNodeSelector } from '../core/affinity-validation.ts';
import { deepEqual } from '../deep-equal.ts';
import { checkDriverName, checkLabel, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import { checkSet } from './bounded-lists.ts';
import { checkPoolName } from './device-name-validation.ts';
import { checkTaints } from './device-taint-validation.ts';
import { checkCounters, checkDevice } from './device-validation.ts';
import type { CounterSet, Device, ResourcePool, ResourceSlice, ResourceSliceSpec } from './resource-slice.ts';

const SPEC = Path.of('spec');
const MAX_DEVICES = 128;
/** Of devices that have taints or share counters, which take more work. */
const MAX_ADVANCED_DEVICES = 64;
const MAX_COUNTER_SETS = 8;

/** Taints that do not change stay as they are: there may be more effects one day, and fewer again. */
export function validateResourceSlice({ spec }: ResourceSlice, previous?: ResourceSlice): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkDriverName(spec.driver, SPEC.child('driver'), errors);
  checkPool(spec.pool, SPEC.child('pool'), errors);
  checkNodes(spec, errors);
  if (spec.sharedCounters && spec.devices) {
    errors.push(fieldError.invalid(SPEC, '', 'only one of `sharedCounters` or `devices` is allowed'));
  }
  const isAdvanced = spec.devices?.some(({ taints, consumesCounters }) => taints?.length || consumesCounters?.length);
  const before = new Map(previous?.spec.devices?.map((device) => [device.name, device]));
  const devices = {
    key: ({ name }: Device) => name,
    check(device: Device, at: Path) {
      checkDevice(device, spec.perDeviceNodeSelection === true, at, errors);
      const known = before.get(device.name);
      if (!known || !deepEqual(known.taints, device.taints)) checkTaints(device.taints, at.child('taints'), errors);
    },
  };
  checkSet(spec.devices, isAdvanced ? MAX_ADVANCED_DEVICES : MAX_DEVICES, devices, SPEC.child('devices'), errors);
  const sets = { key: ({ name }: CounterSet) => name, check: checkCounterSet };
  checkSet(spec.sharedCounters, MAX_COUNTER_SETS, sets, SPEC.child('sharedCounters'), errors);
  return errors;
}

/** A slice stays with its driver, its pool and its node: whoever may write it has been told by these. */
export function validateResourceSliceUpdate(
  { spec }: ResourceSlice,
  { spec: previous }: ResourceSlice,
): readonly FieldError[] {
  return [
    ...immutable(SPEC.child('pool', 'name'), spec.pool.name, previous.pool.name),
    ...immutable(SPEC.child('driver'), spec.driver, previous.driver),
    ...immutable(SPEC.child('nodeName'), spec.nodeName, previous.nodeName),
  ];
}

function checkPool({ name, resourceSliceCount, generation }: ResourcePool, at: Path, errors: FieldError[]): void {
  checkPoolName(name, at.child('name'), errors);
  if (resourceSliceCount <= 0) {
    const why = 'must be greater than zero';
    errors.push(fieldError.invalid(at.child('resourceSliceCount'), resourceSliceCount, why));
  }
  if (generation < 0) {
    errors.push(fieldError.invalid(at.child('generation'), generation, 'must be greater than or equal to zero'));
  }
}

function checkNodes(spec: ResourceSliceSpec, errors: FieldError[]): void {
  const { nodeName, nodeSelector } = spec;
  const nameAt = SPEC.child('nodeName');
  if (nodeName === '') {
    errors.push(fieldError.invalid(nameAt, nodeName, 'must be either unset or set to a non-empty string'));
  } else if (nodeName !== undefined) checkSubdomain(nodeName, nameAt, errors);
  if (nodeSelector) checkSelector(nodeSelector, SPEC.child('nodeSelector'), errors);
  for (const field of ['allNodes', 'perDeviceNodeSelection'] as const) {
    if (spec[field] !== false) continue;
    errors.push(fieldError.invalid(SPEC.child(field), false, 'must be either unset or set to true'));
  }
  const fields = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;
  const chosen = fields.filter((field) => spec[field]).map((field) => `\`${field}\``);
  const why = `exactly one of ${fields.map((field) => `\`${field}\``).join(', ')} is required`;
  if (chosen.length === 0) errors.push(fieldError.required(SPEC, why));
  if (chosen.length > 1) {
    errors.push(fieldError.invalid(SPEC, `{${chosen.join(', ')}}`, `${why}, but multiple fields are set`));
  }
}

/** One term only, so that selectors of several slices can be put together. */
function checkSelector(selector: NonNullable<ResourceSliceSpec['nodeSelector']>, at: Path, errors: FieldError[]): void {
  checkNodeSelector(selector, at, errors);
  const { nodeSelectorTerms: terms } = selector;
  if (terms?.length === 1) return;
  errors.push(fieldError.invalid(at.child('nodeSelectorTerms'), terms, 'must have exactly one node selector term'));
}

function checkCounterSet({ name, counters }: CounterSet, at: Path, errors: FieldError[]): void {
  if (name === '') errors.push(fieldError.required(at.child('name')));
  else checkLabel(name, at.child('name'), errors);
  checkCounters(counters, at.child('counters'), errors);
}
