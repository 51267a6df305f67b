// The rules of files that volumes are made of: keys of ConfigMaps and Secrets, fields of the pod. Upstream:
// validateKeyToPath and validateDownwardAPIVolumeFile in pkg/apis/core/validation.

import { checkRequired, checkUnreservedPath } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { checkFieldSelector, checkResourceSelector } from './container-env-validation.ts';
import type { DownwardAPIVolumeFile, KeyToPath } from './volume.ts';

/** Fields that a file can be made of. */
const FILE_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];

export function checkDownwardFile(file: DownwardAPIVolumeFile, at: Path, errors: FieldError[]): void {
  const { path, fieldRef, resourceFieldRef, mode } = file;
  checkRequired(path, at.child('path'), errors);
  checkUnreservedPath(path, at.child('path'), errors);
  if (fieldRef) {
    checkFieldSelector(fieldRef, FILE_FIELDS, at.child('fieldRef'), errors);
    if (resourceFieldRef) {
      const why = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      errors.push(fieldError.invalid(at, 'resource', why));
    }
  } else if (resourceFieldRef) {
    checkResourceSelector(resourceFieldRef, at.child('resourceFieldRef'), errors, { needsContainer: true });
  } else errors.push(fieldError.required(at, 'one of fieldRef and resourceFieldRef is required'));
  checkMode(mode, at.child('mode'), errors);
}

export function checkItems(items: readonly KeyToPath[] | undefined, at: Path, errors: FieldError[]): void {
  for (const [index, { key, path, mode }] of (items ?? []).entries()) {
    const itemAt = at.index(index);
    checkRequired(key, itemAt.child('key'), errors);
    checkRequired(path, itemAt.child('path'), errors);
    checkUnreservedPath(path, itemAt.child('path'), errors);
    checkMode(mode, itemAt.child('mode'), errors);
  }
}

export function checkMode(mode: number | undefined, at: Path, errors: FieldError[]): void {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return;
  errors.push(fieldError.invalid(at, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
}
