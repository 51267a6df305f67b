// The rules of disruption budgets. Upstream: ValidatePodDisruptionBudget and ValidatePodDisruptionBudgetStatusUpdate in
// pkg/apis/policy/validation.

import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { checkConditions } from '../meta/condition-validation.ts';
import { checkAtMostAll, checkShare } from '../share-checks.ts';
import type { PodDisruptionBudget } from './pod-disruption-budget.ts';

const SPEC = Path.of('spec');
const STATUS = Path.of('status');

export function validatePodDisruptionBudget({ spec }: PodDisruptionBudget): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    errors.push(fieldError.invalid(SPEC, spec, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    const share = spec[field];
    if (share === undefined) continue;
    checkShare(share, SPEC.child(field), errors);
    checkAtMostAll(share, SPEC.child(field), errors);
  }
  return errors;
}

export function validatePodDisruptionBudgetStatusUpdate({ status }: PodDisruptionBudget): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkConditions(status.conditions ?? [], STATUS.child('conditions'), errors);
  for (const field of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const) {
    checkNonNegative(status[field], STATUS.child(field), errors);
  }
  return errors;
}
