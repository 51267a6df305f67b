// The rules of replication controllers. Upstream: ValidateReplicationController in pkg/apis/core/validation.

import { checkCounts, checkRunningTemplate } from '../apps/workload-validation.ts';
import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { compileLabelMap } from '../label-selector.ts';
import type { ReplicationController } from './replication-controller.ts';

const SPEC = Path.of('spec');

export function validateReplicationController({ spec }: ReplicationController): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { selector = {}, template } = spec;
  checkNonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors);
  if (Object.keys(selector).length === 0) errors.push(fieldError.required(SPEC.child('selector')));
  checkNonNegative(spec.replicas, SPEC.child('replicas'), errors);
  const at = SPEC.child('template');
  if (template) checkRunningTemplate(template, compileLabelMap(selector), 'ReplicationController', at, errors);
  else errors.push(fieldError.required(at));
  return errors;
}

const COUNTS = {
  parts: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
  others: ['observedGeneration'],
} as const;

export function validateReplicationControllerStatusUpdate({ status }: ReplicationController): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkCounts(status, COUNTS, Path.of('status'), errors);
  return errors;
}
