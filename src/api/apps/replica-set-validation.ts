// The rules of replica sets. Upstream: ValidateReplicaSet in pkg/apis/apps/validation, and the strategy's ValidateUpdate.

import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import type { ReplicaSet } from './replica-set.ts';
import { checkCounts, checkRunningTemplate, checkSelector, matcherOf } from './workload-validation.ts';

const SPEC = Path.of('spec');

export function validateReplicaSet({ spec }: ReplicaSet): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkNonNegative(spec.replicas, SPEC.child('replicas'), errors);
  checkNonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors);
  if (spec.selector) checkSelector(spec.selector, 'deployment', SPEC.child('selector'), errors);
  const matcher = matcherOf(spec.selector, SPEC.child('selector'));
  checkRunningTemplate(spec.template, matcher, 'ReplicaSet', SPEC.child('template'), errors);
  return errors;
}

/** With another selector, pods would be left behind. */
export function validateReplicaSetUpdate(set: ReplicaSet, previous: ReplicaSet): readonly FieldError[] {
  return immutable(SPEC.child('selector'), set.spec.selector, previous.spec.selector);
}

const COUNTS = {
  parts: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
  others: ['observedGeneration', 'terminatingReplicas'],
} as const;

export function validateReplicaSetStatusUpdate({ status }: ReplicaSet): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkCounts(status, COUNTS, Path.of('status'), errors);
  return errors;
}
