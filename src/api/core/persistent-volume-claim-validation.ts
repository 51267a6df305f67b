// The rules of claims, and of what a claim asks for that is made for a pod. Upstream: ValidatePersistentVolumeClaim in
// pkg/apis/core/validation.

import { deepEqual } from '../deep-equal.ts';
import { checkFaults, checkPositiveQuantity, checkRequired, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { dns1123Label } from '../names.ts';
import { checkAccessModes, checkVolumeMode } from './access-mode-validation.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from './persistent-volume-claim.ts';

export function validateClaim({ spec }: PersistentVolumeClaim): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkClaimSpec(spec, Path.of('spec'), errors);
  return errors;
}

export function checkClaimSpec(spec: PersistentVolumeClaimSpec, at: Path, errors: FieldError[]): void {
  checkAccessModes(spec.accessModes ?? [], 'at least 1 access mode is required', at.child('accessModes'), errors);
  const storage = spec.resources.requests?.['storage'];
  const storageAt = at.child('resources').key('storage');
  if (storage === undefined) errors.push(fieldError.required(storageAt));
  else checkPositiveQuantity(storage, storageAt, errors);
  if (spec.storageClassName) checkSubdomain(spec.storageClassName, at.child('storageClassName'), errors);
  checkVolumeMode(spec.volumeMode, at.child('volumeMode'), errors);
  if (spec.volumeAttributesClassName) {
    checkSubdomain(spec.volumeAttributesClassName, at.child('volumeAttributesClassName'), errors);
  }
  checkDataSources(spec, at, errors);
}

function checkDataSources({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, at: Path, errors: FieldError[]) {
  if (dataSource) checkDataSource(dataSource, at.child('dataSource'), errors);
  if (dataSourceRef) {
    checkDataSource(dataSourceRef, at.child('dataSourceRef'), errors);
    const { namespace } = dataSourceRef;
    if (namespace) checkFaults(dns1123Label(namespace), namespace, at.child('dataSourceRef', 'namespace'), errors);
  }
  if (!dataSource || !dataSourceRef) return;
  const { namespace, ...reference } = dataSourceRef;
  if (namespace) {
    const why = 'may not be specified when dataSourceRef.namespace is specified';
    errors.push(fieldError.invalid(at, String(at.child('dataSource')), why));
  } else if (!deepEqual(dataSource, reference)) {
    errors.push(fieldError.invalid(at, String(at.child('dataSource')), 'must match dataSourceRef'));
  }
}

function checkDataSource(
  { apiGroup, kind, name }: { readonly apiGroup?: string | null; readonly kind: string; readonly name: string },
  at: Path,
  errors: FieldError[],
): void {
  checkRequired(name, at.child('name'), errors);
  checkRequired(kind, at.child('kind'), errors);
  if (apiGroup) checkSubdomain(apiGroup, at.child('apiGroup'), errors);
  else if (kind !== 'PersistentVolumeClaim') {
    const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(fieldError.invalid(at, kind, why));
  }
}
