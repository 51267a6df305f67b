// The rules of nodes. Upstream: ValidateNode and ValidateNodeUpdate in pkg/apis/core/validation.

import { parseCidr } from '../../base/ip-address.ts';
import { checkCidr, checkFaults, checkLabel, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { configMapKey } from '../names.ts';
import { checkTaints } from './affinity-validation.ts';
import type { Node } from './node.ts';
import { checkNodeAnnotations } from './node-annotations-validation.ts';
import type { ConfigMapNodeConfigSource, NodeConfigSource } from './node-status.ts';
import { checkResourceQuantity } from './resource-validation.ts';

const META = Path.of('metadata');
const SPEC = Path.of('spec');
const STATUS = Path.of('status');
const CIDRS = SPEC.child('podCIDRs');

export function validateNode({ metadata, spec, status }: Node): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkNodeAnnotations(metadata.annotations ?? {}, META.child('annotations'), errors);
  checkTaints(spec.taints ?? [], META.child('taints'), errors);
  checkResources(status, errors);
  const swap = status.nodeInfo.swap?.capacity;
  if (swap !== undefined && swap <= 0) {
    // Upstream puts it there.
    errors.push(fieldError.invalid(META.child('nodeSwapStatus', 'capacity'), swap, 'must be greater than zero'));
  }
  checkDeclaredFeatures(status.declaredFeatures ?? [], errors);
  const cidrs = spec.podCIDRs ?? [];
  for (const [index, cidr] of cidrs.entries()) checkCidr(cidr, CIDRS.index(index), errors);
  if (cidrs.length < 2) return errors;
  const families = new Set(cidrs.map((cidr) => parseCidr(cidr)?.address.family));
  if (cidrs.length > 2 || families.size < 2) {
    errors.push(fieldError.invalid(CIDRS, cidrs, 'may specify no more than one CIDR for each IP family'));
  }
  return errors;
}

/** What is given to a node stays: its networks and its name with the cloud. */
export function validateNodeUpdate(node: Node, previous: Node): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { spec, status } = node;
  const before = previous.spec;
  checkAddresses(status, errors);
  if (before.podCIDRs?.length && !isSameList(spec.podCIDRs ?? [], before.podCIDRs)) {
    errors.push(fieldError.forbidden(CIDRS, 'node updates may not change podCIDR except from "" to valid'));
  }
  if (before.providerID && before.providerID !== spec.providerID) {
    const why = 'node updates may not change providerID except from "" to valid';
    errors.push(fieldError.forbidden(SPEC.child('providerID'), why));
  }
  if ((before.externalID ?? '') !== (spec.externalID ?? '')) {
    errors.push(fieldError.forbidden(SPEC.child('externalID'), 'may not be updated'));
  }
  if (spec.configSource) checkConfigSource(spec.configSource, SPEC.child('configSource'), errors, checkSpecified);
  for (const field of ['assigned', 'active', 'lastKnownGood'] as const) {
    const source = status.config?.[field];
    if (source) checkConfigSource(source, STATUS.child('config', field), errors, checkResolved);
  }
  return errors;
}

/** Nodes report their taints and addresses along with the rest. */
export function validateNodeStatusUpdate(node: Node, previous: Node): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { metadata, spec, status } = node;
  checkNodeAnnotations(metadata.annotations ?? {}, META.child('annotations'), errors);
  checkResources(status, errors);
  checkDeclaredFeatures(status.declaredFeatures ?? [], errors);
  errors.push(...validateNodeUpdate(node, previous));
  checkTaints(spec.taints ?? [], META.child('taints'), errors);
  return errors;
}

function checkResources(status: Node['status'], errors: FieldError[]): void {
  for (const field of ['capacity', 'allocatable'] as const) {
    for (const [name, quantity] of Object.entries(status[field] ?? {})) {
      checkResourceQuantity(name, quantity, STATUS.child(field, name), errors);
    }
  }
}

const MAX_FEATURE_CHARACTERS = 253;

/** Sorted, so that two lists can be compared. */
function checkDeclaredFeatures(features: readonly string[], errors: FieldError[]): void {
  const at = STATUS.child('declaredFeatures');
  for (const [index, feature] of features.entries()) {
    const fault = featureFault(feature);
    const invalid = `invalid feature name ${JSON.stringify(feature)}: ${fault}`;
    if (fault) errors.push(fieldError.invalid(at.index(index), feature, invalid));
    const next = features[index + 1];
    if (next === feature) errors.push(fieldError.duplicate(at.index(index + 1), next));
    else if (next !== undefined && next < feature) {
      errors.push(fieldError.invalid(at.index(index + 1), next, 'list must be sorted alphabetically'));
    }
  }
}

function featureFault(feature: string): string | undefined {
  if (feature.length > MAX_FEATURE_CHARACTERS) return `must be no more than ${MAX_FEATURE_CHARACTERS} characters`;
  if (/^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/.test(feature)) return undefined;
  return "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
}

function checkAddresses({ addresses = [] }: Node['status'], errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const [index, address] of addresses.entries()) {
    const key = `${address.type}/${address.address}`;
    if (seen.has(key)) errors.push(fieldError.duplicate(STATUS.child('addresses').index(index), address));
    seen.add(key);
  }
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

type CheckConfigMap = (source: ConfigMapNodeConfigSource, at: Path, errors: FieldError[]) => void;

/** Nothing reads this any more, but clients may still write it. */
function checkConfigSource(source: NodeConfigSource, at: Path, errors: FieldError[], check: CheckConfigMap): void {
  const { configMap } = source;
  if (!configMap) {
    errors.push(fieldError.invalid(at, source, 'exactly one reference subfield must be non-nil'));
    return;
  }
  const path = at.child('configMap');
  check(configMap, path, errors);
  const { namespace, name, kubeletConfigKey: key } = configMap;
  if (namespace === '') errors.push(fieldError.required(path.child('namespace'), 'namespace must be set'));
  else checkLabel(namespace, path.child('namespace'), errors);
  if (name === '') errors.push(fieldError.required(path.child('name'), 'name must be set'));
  else checkSubdomain(name, path.child('name'), errors);
  const keyAt = path.child('kubeletConfigKey');
  if (key === '') errors.push(fieldError.required(keyAt, 'kubeletConfigKey must be set'));
  else checkFaults(configMapKey(key), key, keyAt, errors);
}

const VERSION_FIELDS = ['uid', 'resourceVersion'] as const;

function checkSpecified(source: ConfigMapNodeConfigSource, at: Path, errors: FieldError[]): void {
  for (const field of VERSION_FIELDS) {
    if (source[field]) errors.push(fieldError.forbidden(at.child(field), `${field} must not be set in spec`));
  }
}

function checkResolved(source: ConfigMapNodeConfigSource, at: Path, errors: FieldError[]): void {
  for (const field of VERSION_FIELDS) {
    if (!source[field]) errors.push(fieldError.required(at.child(field), `${field} must be set in status`));
  }
}
