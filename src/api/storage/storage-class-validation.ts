// The rules of storage classes. Upstream: ValidateStorageClass in pkg/apis/storage/validation.

import type { TopologySelectorTerm } from '../core/affinity.ts';
import { deepEqual } from '../deep-equal.ts';
import { checkOneOf, checkQualifiedName } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { qualifiedName } from '../names.ts';
import { immutable } from '../object-validation.ts';
import type { StorageClass } from './storage-class.ts';

const MAX_PARAMETERS = 512;
const MAX_PARAMETER_BYTES = 256 * 1024;

export function validateStorageClass(storageClass: StorageClass): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { provisioner, parameters = {}, reclaimPolicy = '', allowedTopologies = [] } = storageClass;
  for (const fault of provisioner === '' ? [] : qualifiedName(provisioner.toLowerCase())) {
    errors.push(fieldError.invalid(Path.of('provisioner'), provisioner, fault));
  }
  checkParameters(parameters, Path.of('parameters'), errors);
  checkOneOf(reclaimPolicy, ['Delete', 'Retain'], Path.of('reclaimPolicy'), errors);
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

function checkParameters(parameters: Readonly<Record<string, string>>, at: Path, errors: FieldError[]): void {
  const entries = Object.entries(parameters);
  if (entries.length > MAX_PARAMETERS) return void errors.push(fieldError.tooLong(at, MAX_PARAMETERS));
  if (Object.hasOwn(parameters, '')) errors.push(fieldError.invalid(at, '', 'field can not be empty.'));
  const encoder = new TextEncoder();
  const bytes = entries.reduce((sum, [key, value]) => sum + encoder.encode(key + value).length, 0);
  if (bytes > MAX_PARAMETER_BYTES) errors.push(fieldError.tooLong(at, MAX_PARAMETER_BYTES));
}

function checkTopologies(terms: readonly TopologySelectorTerm[], at: Path, errors: FieldError[]): void {
  const seen: TopologySelectorTerm[] = [];
  for (const [index, term] of terms.entries()) {
    // Upstream names the list and not the term here.
    checkTopology(term, at.child('matchLabelExpressions'), errors);
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
