// The rules of conditions, wherever a status has them. Upstream: ValidateConditions in k8s.io/apimachinery's
// pkg/apis/meta/v1/validation.

import { checkMaxBytes, checkOneOf, checkQualifiedName } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { patternFault } from '../names.ts';
import type { Condition } from './condition.ts';

const MAX_REASON_BYTES = 1024;
const MAX_MESSAGE_BYTES = 32 * 1024;
const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const NO_REASON = patternFault(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  REASON,
  ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'],
);
const REASON_PATTERN = new RegExp(`^${REASON}$`);

export function checkConditions(conditions: readonly Condition[], at: Path, errors: FieldError[]): void {
  const types = new Set<string>();
  for (const [index, condition] of conditions.entries()) {
    const path = at.index(index);
    if (types.has(condition.type)) errors.push(fieldError.duplicate(path.child('type'), condition.type));
    types.add(condition.type);
    checkCondition(condition, path, errors);
  }
}

function checkCondition(condition: Condition, at: Path, errors: FieldError[]): void {
  const { type, status, observedGeneration, lastTransitionTime, reason, message } = condition;
  checkQualifiedName(type, at.child('type'), errors);
  checkOneOf(status, ['False', 'True', 'Unknown'], at.child('status'), errors);
  if ((observedGeneration ?? 0) < 0) {
    const why = 'must be greater than or equal to zero';
    errors.push(fieldError.invalid(at.child('observedGeneration'), observedGeneration, why));
  }
  if (!lastTransitionTime) errors.push(fieldError.required(at.child('lastTransitionTime')));
  checkReason(reason, at.child('reason'), errors);
  checkMaxBytes(message, MAX_MESSAGE_BYTES, at.child('message'), errors);
}

function checkReason(reason: string, at: Path, errors: FieldError[]): void {
  if (reason === '') {
    errors.push(fieldError.required(at));
    return;
  }
  if (!REASON_PATTERN.test(reason)) errors.push(fieldError.invalid(at, reason, NO_REASON));
  checkMaxBytes(reason, MAX_REASON_BYTES, at, errors);
}
