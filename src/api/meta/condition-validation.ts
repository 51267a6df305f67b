// The rules of lists of conditions. Upstream: ValidateConditions in k8s.io/apimachinery/pkg/apis/meta/v1/validation.

import { checkOneOf, checkQualifiedName } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { patternFault } from '../names.ts';
import type { Condition } from './condition.ts';

const MAX_REASON_BYTES = 1024;
const MAX_MESSAGE_BYTES = 32 * 1024;
const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const REASON_FAULT = patternFault(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  REASON,
  ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'],
);
const IS_REASON = new RegExp(`^${REASON}$`);
const encoder = new TextEncoder();

export function checkConditions(conditions: readonly Condition[], at: Path, errors: FieldError[]): void {
  const types = new Set<string>();
  for (const [index, condition] of conditions.entries()) {
    const { type } = condition;
    if (types.has(type)) errors.push(fieldError.duplicate(at.index(index).child('type'), type));
    types.add(type);
    checkCondition(condition, at.index(index), errors);
  }
}

function checkCondition(condition: Condition, at: Path, errors: FieldError[]): void {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason, message } = condition;
  checkQualifiedName(type, at.child('type'), errors);
  checkOneOf(status, ['False', 'True', 'Unknown'], at.child('status'), errors);
  if (observedGeneration < 0) {
    const why = 'must be greater than or equal to zero';
    errors.push(fieldError.invalid(at.child('observedGeneration'), observedGeneration, why));
  }
  if (!lastTransitionTime) errors.push(fieldError.required(at.child('lastTransitionTime')));
  const reasonAt = at.child('reason');
  if (reason === '') errors.push(fieldError.required(reasonAt));
  else if (!IS_REASON.test(reason)) errors.push(fieldError.invalid(reasonAt, reason, REASON_FAULT));
  if (encoder.encode(reason).length > MAX_REASON_BYTES) errors.push(fieldError.tooLong(reasonAt, MAX_REASON_BYTES));
  if (encoder.encode(message).length > MAX_MESSAGE_BYTES) {
    errors.push(fieldError.tooLong(at.child('message'), MAX_MESSAGE_BYTES));
  }
}
