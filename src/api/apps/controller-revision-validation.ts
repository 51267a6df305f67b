// The rules of controller revisions: what has been is not changed. Upstream: ValidateControllerRevision in
// pkg/apis/apps/validation.

import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import type { ControllerRevision } from './controller-revision.ts';

const DATA = Path.of('data');

export function validateControllerRevision({ data, revision }: ControllerRevision): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!data) errors.push(fieldError.required(DATA, 'data is mandatory'));
  checkNonNegative(revision, Path.of('revision'), errors);
  return errors;
}

export function validateControllerRevisionUpdate(
  { data }: ControllerRevision,
  previous: ControllerRevision,
): readonly FieldError[] {
  return immutable(DATA, data, previous.data);
}
