// Checks of shares: a number of something, or a percentage of all of it. Upstream: ValidatePositiveIntOrPercent and what
// is around it in pkg/apis/apps/validation.

import { checkFaults, checkNonNegative } from './field-checks.ts';
import { type FieldError, fieldError, type Path } from './field-error.ts';
import { type IntOrString, isPercent, percentOf } from './int-or-string.ts';
import { percent } from './names.ts';

export function checkShare(value: IntOrString, at: Path, errors: FieldError[]): void {
  if (typeof value === 'number') checkNonNegative(value, at, errors);
  else checkFaults(percent(value), value, at, errors);
}

/** A number may be more than there is: how many there are is not known here. */
export function checkAtMostAll(value: IntOrString, at: Path, errors: FieldError[]): void {
  if (!isPercent(value) || percentOf(value) <= 100) return;
  errors.push(fieldError.invalid(at, value, 'must not be greater than 100%'));
}

/** The figure alone, whatever it counts; what is no percentage is refused anyway. */
export function figureOf(value: IntOrString): number {
  if (typeof value === 'number') return value;
  return isPercent(value) ? percentOf(value) : Number.parseInt(value, 10) || 0;
}
