// What may change of a claim that exists, and of its status. Upstream: ValidatePersistentVolumeClaimUpdate and
// ValidatePersistentVolumeClaimStatusUpdate in pkg/apis/core/validation.

import { changedFields } from '../changed-fields.ts';
import { checkOneOf, checkQualifiedName } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import { compareQuantities } from '../quantity.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from './persistent-volume-claim.ts';
import { checkBasicQuantity } from './persistent-volume-validation.ts';
import { isNativeResource } from './resource-names.ts';
import { BETA_STORAGE_CLASS } from './storage-class-annotation.ts';

const SPEC = Path.of('spec');
const STATUS = Path.of('status');
const MAX_CHANGES_SHOWN = 10;
const IMMUTABLE =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims' as const;

/** A claim is what quotas and limits have been held against, so it stays as it is; a bound one may grow. */
export function validateClaimUpdate(
  claim: PersistentVolumeClaim,
  previous: PersistentVolumeClaim,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const classAt = Path.of('metadata', 'annotations', BETA_STORAGE_CLASS);
  if (!isClassMovedToField(claim, previous)) {
    const [value, before] = [claim, previous].map(({ metadata }) => metadata.annotations?.[BETA_STORAGE_CLASS] ?? '');
    errors.push(...immutable(classAt, value, before));
  }
  const changes = changedFields(withAllowedChanges(claim, previous), previous.spec, SPEC, MAX_CHANGES_SHOWN);
  if (changes.length > 0) errors.push(fieldError.forbidden(SPEC, `${IMMUTABLE}\n${changes.join('\n')}`));
  checkSize(claim.spec, previous, errors);
  errors.push(...immutable(Path.of('volumeMode'), claim.spec.volumeMode, previous.spec.volumeMode));
  checkAttributesClass(claim.spec.volumeAttributesClassName, previous.spec.volumeAttributesClassName, errors);
  return errors;
}

/** The spec as it would be without what has been changed and may be. */
function withAllowedChanges(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim): PersistentVolumeClaimSpec {
  const { spec } = claim;
  const before = previous.spec;
  const isBound = claim.status.phase === 'Bound';
  const requests = spec.resources.requests;
  const storage = before.resources.requests?.['storage'];
  const takesBack = {
    // The controller says which volume it is, once.
    volumeName: !before.volumeName,
    storageClassName: isClassMovedToField(claim, previous) || isClassChosen(claim, previous),
    volumeAttributesClassName: isBound && spec.volumeAttributesClassName !== undefined,
  };
  const restored = Object.entries(takesBack).flatMap(([name, isAllowed]) =>
    isAllowed ? [[name, before[name as keyof typeof takesBack]]] : [],
  );
  const resources =
    isBound && requests && storage !== undefined
      ? { resources: { ...spec.resources, requests: { ...requests, storage } } }
      : {};
  return { ...spec, ...Object.fromEntries(restored), ...resources };
}

/** From the annotation that had it before it had a field. */
function isClassMovedToField(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim): boolean {
  const before = previous.metadata.annotations?.[BETA_STORAGE_CLASS];
  const now = claim.metadata.annotations?.[BETA_STORAGE_CLASS];
  if (before === undefined || previous.spec.storageClassName !== undefined) return false;
  return claim.spec.storageClassName === before && (now === undefined || now === before);
}

/** A claim that was without a class gets the one that has become the default. Upstream: KEP-3333. */
function isClassChosen(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim): boolean {
  const { storageClassName } = claim.spec;
  if (storageClassName === undefined || previous.spec.storageClassName !== undefined) return false;
  const before = previous.metadata.annotations?.[BETA_STORAGE_CLASS];
  return before === undefined || before === storageClassName;
}

/** Growing that fails can be given up, down to what there is. Upstream: KEP-1790. */
function checkSize(spec: PersistentVolumeClaimSpec, previous: PersistentVolumeClaim, errors: FieldError[]): void {
  const size = spec.resources.requests?.['storage'] ?? '0';
  const before = previous.spec.resources.requests?.['storage'] ?? '0';
  const capacity = previous.status.capacity?.['storage'] ?? '0';
  if (compareQuantities(size, before) >= 0 || compareQuantities(size, capacity) > 0) return;
  const at = SPEC.child('resources', 'requests', 'storage');
  errors.push(fieldError.forbidden(at, 'field can not be less than status.capacity'));
}

function checkAttributesClass(name: string | undefined, before: string | undefined, errors: FieldError[]): void {
  if (name === before || before === undefined) return;
  const at = SPEC.child('volumeAttributesClassName');
  if (name === undefined) errors.push(fieldError.forbidden(at, 'update from non-nil value to nil is forbidden'));
  else if (name === '') {
    errors.push(fieldError.forbidden(at, 'update from non-nil value to an empty string is forbidden'));
  }
}

const RESIZE_STATUSES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

export function validateClaimStatusUpdate({ spec, status }: PersistentVolumeClaim): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.accessModes?.length) errors.push(fieldError.required(Path.of('Spec', 'accessModes')));
  for (const [name, quantity] of Object.entries(status.capacity ?? {})) {
    checkBasicQuantity(quantity, STATUS.child('capacity').key(name), errors);
  }
  const statusesAt = STATUS.child('allocatedResourceStatus');
  for (const [name, resizing] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    checkResourceKey(name, statusesAt, errors);
    // Upstream shows the resource and not what is said of it.
    if (!RESIZE_STATUSES.includes(resizing)) errors.push(fieldError.notSupported(statusesAt, name, RESIZE_STATUSES));
  }
  const allocatedAt = STATUS.child('allocatedResources');
  for (const [name, quantity] of Object.entries(status.allocatedResources ?? {})) {
    const before = errors.length;
    checkResourceKey(name, allocatedAt, errors);
    if (errors.length === before) checkBasicQuantity(quantity, allocatedAt.key(name), errors);
  }
  return errors;
}

/** Of Kubernetes' own resources a claim has only storage. */
function checkResourceKey(name: string, at: Path, errors: FieldError[]): void {
  const before = errors.length;
  checkQualifiedName(name, at, errors);
  if (errors.length === before && isNativeResource(name)) checkOneOf(name, ['storage'], at, errors);
}
