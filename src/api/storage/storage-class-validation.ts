// The rules of storage classes. Upstream: ValidateStorageClass in pkg/apis/storage/validation.

import type { TopologySelectorTerm } from '../core/affinity.ts';
import { deepEqual } from '../deep-equal.ts';
import { checkOneOf, checkQualifiedName } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import { checkParameters, checkProvisioner } from './provisioner-validation.ts';
import type { StorageClass } from './storage-class.ts';

const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];

export function validateStorageClass(storageClass: StorageClass): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { provisioner, parameters = {}, reclaimPolicy, volumeBindingMode, allowedTopologies = [] } = storageClass;
  checkProvisioner(provisioner, Path.of('provisioner'), errors);
  checkParameters(parameters, Path.of('parameters'), errors);
  if (reclaimPolicy) checkOneOf(reclaimPolicy, ['Delete', 'Retain'], Path.of('reclaimPolicy'), errors);
  // The declaration takes an empty one for an unset one.
  checkOneOf(volumeBindingMode ?? 'Immediate', BINDING_MODES, Path.of('volumeBindingMode'), errors);
  checkTopologies(allowedTopologies, Path.of('allowedTopologies'), errors);
  return errors;
}

/** Volumes have been made by what the class says. */
export function validateStorageClassUpdate(next: StorageClass, previous: StorageClass): readonly FieldError[] {
  const forbidden = (['parameters', 'provisioner', 'reclaimPolicy'] as const).flatMap((field) =>
    deepEqual(next[field], previous[field])
      ? []
      : [fieldError.forbidden(Path.of(field), `updates to ${field} are forbidden.`)],
  );
  const mode = immutable(Path.of('volumeBindingMode'), next.volumeBindingMode, previous.volumeBindingMode);
  return [...forbidden, ...mode];
}

function checkTopologies(terms: readonly TopologySelectorTerm[], at: Path, errors: FieldError[]): void {
  const seen: TopologySelectorTerm[] = [];
  for (const [index, term] of terms.entries()) {
    checkTopology(term, at.index(index).child('matchLabelExpressions'), errors);
    if (seen.some((other) => deepEqual(inOrder(other), inOrder(term)))) {
      errors.push(fieldError.duplicate(at.index(index).child('matchLabelExpressions'), ''));
    }
    seen.push(term);
  }
}

function checkTopology({ matchLabelExpressions = [] }: TopologySelectorTerm, at: Path, errors: FieldError[]): void {
  const keys = new Set<string>();
  for (const [index, { key, values }] of matchLabelExpressions.entries()) {
    const path = at.index(index);
    if (!values?.length) errors.push(fieldError.required(path.child('values')));
    for (const [i, value] of (values ?? []).entries()) {
      if (values?.indexOf(value) !== i) errors.push(fieldError.duplicate(path.child('values').index(i), value));
    }
    checkQualifiedName(key, path.child('key'), errors);
    if (keys.has(key)) errors.push(fieldError.duplicate(path.child('key'), key));
    keys.add(key);
  }
}

/** The requirements by key, with their values in order: a term means the same however it is written. */
function inOrder({ matchLabelExpressions = [] }: TopologySelectorTerm): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(matchLabelExpressions.map(({ key, values }) => [key, (values ?? []).toSorted()]));
}
