// The rules of deployments. Upstream: ValidateDeployment in pkg/apis/apps/validation, and the strategy's ValidateUpdate.

import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import { checkAtMostAll, checkShare, figureOf } from '../share-checks.ts';
import type { Deployment, DeploymentStrategy, RollingUpdateDeployment } from './deployment.ts';
import {
  checkCollisionCount,
  checkCounts,
  checkRunningTemplate,
  checkSelector,
  matcherOf,
} from './workload-validation.ts';

const SPEC = Path.of('spec');
const STATUS = Path.of('status');

export function validateDeployment({ spec }: Deployment): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  checkNonNegative(spec.replicas, SPEC.child('replicas'), errors);
  if (spec.selector) checkSelector(spec.selector, 'deployment', SPEC.child('selector'), errors);
  const matcher = matcherOf(spec.selector, SPEC.child('selector'));
  checkRunningTemplate(spec.template, matcher, 'ReplicaSet', SPEC.child('template'), errors);
  checkStrategy(spec.strategy, SPEC.child('strategy'), errors);
  checkNonNegative(minReadySeconds, SPEC.child('minReadySeconds'), errors);
  checkNonNegative(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit'), errors);
  checkNonNegative(deadline, SPEC.child('progressDeadlineSeconds'), errors);
  if (deadline !== undefined && deadline <= minReadySeconds) {
    const why = 'must be greater than minReadySeconds';
    errors.push(fieldError.invalid(SPEC.child('progressDeadlineSeconds'), deadline, why));
  }
  return errors;
}

/** With another selector, replica sets would be left behind. */
export function validateDeploymentUpdate(deployment: Deployment, previous: Deployment): readonly FieldError[] {
  return immutable(SPEC.child('selector'), deployment.spec.selector, previous.spec.selector);
}

const COUNTS = {
  parts: ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
  others: ['observedGeneration', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount'],
} as const;

export function validateDeploymentStatusUpdate({ status }: Deployment, previous: Deployment): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkCounts(status, COUNTS, STATUS, errors);
  checkCollisionCount(status, previous.status, STATUS, errors);
  return errors;
}

function checkStrategy({ type, rollingUpdate }: DeploymentStrategy, at: Path, errors: FieldError[]): void {
  const path = at.child('rollingUpdate');
  if (type === 'Recreate') {
    if (!rollingUpdate) return;
    errors.push(fieldError.forbidden(path, "may not be specified when strategy `type` is 'Recreate'"));
  } else if (type === 'RollingUpdate') {
    if (rollingUpdate) checkRollingUpdate(rollingUpdate, path, errors);
    else errors.push(fieldError.required(path, 'this should be defaulted and never be nil'));
  } else errors.push(fieldError.notSupported(at, { type, rollingUpdate }, ['Recreate', 'RollingUpdate']));
}

/** A rollout that may neither have more pods nor fewer would never begin. */
function checkRollingUpdate(
  { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDeployment,
  at: Path,
  errors: FieldError[],
): void {
  const unavailableAt = at.child('maxUnavailable');
  checkShare(maxUnavailable, unavailableAt, errors);
  checkShare(maxSurge, at.child('maxSurge'), errors);
  if (figureOf(maxUnavailable) === 0 && figureOf(maxSurge) === 0) {
    errors.push(fieldError.invalid(unavailableAt, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  checkAtMostAll(maxUnavailable, unavailableAt, errors);
}
