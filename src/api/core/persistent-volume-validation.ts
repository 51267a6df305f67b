// The rules of persistent volumes. Upstream: ValidatePersistentVolume and ValidatePersistentVolumeSpec in
// pkg/apis/core/validation.

import { checkPositiveQuantity, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { quantitySign, quantityValue } from '../quantity.ts';
import { checkAccessModes, checkVolumeMode } from './access-mode-validation.ts';
import { checkNodeSelector } from './affinity-validation.ts';
import type { PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from './persistent-volume.ts';
import { checkVolumeSource } from './persistent-volume-source-validation.ts';

const SPEC = Path.of('spec');

export function validatePersistentVolume({ metadata, spec }: PersistentVolume): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkAccessModes(spec.accessModes ?? [], '', SPEC.child('accessModes'), errors);
  checkCapacity(spec.capacity, SPEC.child('capacity'), errors);
  if (spec.nodeAffinity) checkNodeAffinity(spec.nodeAffinity, SPEC.child('nodeAffinity'), errors);
  checkVolumeSource(spec, metadata.name, SPEC, errors);
  checkRecycling(spec, SPEC, errors);
  if (spec.storageClassName) checkSubdomain(spec.storageClassName, SPEC.child('storageClassName'), errors);
  checkVolumeMode(spec.volumeMode, SPEC.child('volumeMode'), errors);
  checkAttributesClass(spec, SPEC, errors);
  return errors;
}

/** A volume that is written down where it is attached and not bound to any claim. */
export function checkInlineVolume(spec: PersistentVolumeSpec, at: Path, errors: FieldError[]): void {
  const inline = 'in the context of inline volumes';
  for (const field of ['claimRef', 'capacity', 'nodeAffinity', 'storageClassName'] as const) {
    if (spec[field]) errors.push(fieldError.forbidden(at.child(field), `may not be specified ${inline}`));
  }
  if (!spec.csi) errors.push(fieldError.required(at.child('csi'), `has to be specified ${inline}`));
  checkAccessModes(spec.accessModes ?? [], '', at.child('accessModes'), errors);
  if ((spec.persistentVolumeReclaimPolicy || 'Retain') !== 'Retain') {
    errors.push(fieldError.forbidden(at.child('persistentVolumeReclaimPolicy'), `may only be Retain ${inline}`));
  }
  checkVolumeSource(spec, '', at, errors);
  checkRecycling(spec, at, errors);
  if ((spec.volumeMode ?? 'Filesystem') !== 'Filesystem') {
    const why = `may not specify volumeMode other than Filesystem ${inline}`;
    errors.push(fieldError.forbidden(at.child('volumeMode'), why));
  }
}

function checkCapacity(capacity: PersistentVolumeSpec['capacity'], at: Path, errors: FieldError[]): void {
  const entries = Object.entries(capacity ?? {});
  if (entries.length === 0) errors.push(fieldError.required(at));
  if (capacity?.['storage'] === undefined || entries.length > 1) {
    errors.push(fieldError.notSupported(at, capacity, ['storage']));
  }
  for (const [name, quantity] of entries) {
    checkBasicQuantity(quantity, at.key(name), errors);
    checkPositiveQuantity(quantity, at.key(name), errors);
  }
}

/** Upstream: validateBasicResource. */
export function checkBasicQuantity(quantity: string, at: Path, errors: FieldError[]): void {
  if (quantitySign(quantity) >= 0) return;
  errors.push(fieldError.invalid(at, quantityValue(quantity), 'must be a valid resource quantity'));
}

function checkNodeAffinity({ required }: VolumeNodeAffinity, at: Path, errors: FieldError[]): void {
  const path = at.child('required');
  if (required) checkNodeSelector(required, path, errors);
  else errors.push(fieldError.required(path, 'must specify required node constraints'));
}

/** To recycle a volume is to delete what is in it. */
function checkRecycling(spec: PersistentVolumeSpec, at: Path, errors: FieldError[]): void {
  const { hostPath, persistentVolumeReclaimPolicy: policy } = spec;
  if (!hostPath || policy !== 'Recycle' || !isRoot(hostPath.path)) return;
  const why = "may not be 'recycle' for a hostPath mount of '/'";
  errors.push(fieldError.forbidden(at.child('persistentVolumeReclaimPolicy'), why));
}

/** Whether a path leads to the root of the file system, if by a way round. */
function isRoot(path: string): boolean {
  if (!path.startsWith('/')) return false;
  let depth = 0;
  for (const part of path.split('/')) {
    if (part === '..') depth = Math.max(0, depth - 1);
    else if (part !== '' && part !== '.') depth += 1;
  }
  return depth === 0;
}

function checkAttributesClass(spec: PersistentVolumeSpec, at: Path, errors: FieldError[]): void {
  const { volumeAttributesClassName: name } = spec;
  if (name === undefined) return;
  const path = at.child('volumeAttributesClassName');
  if (name === '') errors.push(fieldError.required(path, 'an empty string is disallowed'));
  else checkSubdomain(name, path, errors);
  if (!spec.csi) {
    errors.push(fieldError.required(at.child('csi'), 'has to be specified when using volumeAttributesClassName'));
  }
}
