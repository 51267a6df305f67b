// The rules of daemon sets. Upstream: ValidateDaemonSet and its siblings in pkg/apis/apps/validation, and the strategy's
// ValidateUpdate.

import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import { checkAtMostAll, checkShare, figureOf } from '../share-checks.ts';
import type { DaemonSet, DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from './daemon-set.ts';
import { checkCollisionCount, checkRunningTemplate, checkSelector, matcherOf } from './workload-validation.ts';

const SPEC = Path.of('spec');
const STATUS = Path.of('status');

export function validateDaemonSet({ spec }: DaemonSet): readonly FieldError[] {
  const errors: FieldError[] = [];
  const matcher = matcherOf(spec.selector, SPEC.child('selector'));
  if (spec.selector) checkSelector(spec.selector, 'daemonset', SPEC.child('selector'), errors);
  checkRunningTemplate(spec.template, matcher, 'DaemonSet', SPEC.child('template'), errors);
  checkNonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors);
  checkUpdateStrategy(spec.updateStrategy, SPEC.child('updateStrategy'), errors);
  checkNonNegative(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit'), errors);
  return errors;
}

/** With another selector, pods would be left behind. */
export function validateDaemonSetUpdate(set: DaemonSet, previous: DaemonSet): readonly FieldError[] {
  return immutable(SPEC.child('selector'), set.spec.selector, previous.spec.selector);
}

const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const;

export function validateDaemonSetStatusUpdate({ status }: DaemonSet, previous: DaemonSet): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const field of COUNTS) checkNonNegative(status[field], STATUS.child(field), errors);
  checkCollisionCount(status, previous.status, STATUS, errors);
  return errors;
}

function checkUpdateStrategy(strategy: DaemonSetUpdateStrategy, at: Path, errors: FieldError[]): void {
  const { type, rollingUpdate } = strategy;
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') errors.push(fieldError.notSupported(at, strategy, ['RollingUpdate', 'OnDelete']));
  else if (rollingUpdate) checkRollingUpdate(rollingUpdate, at.child('rollingUpdate'), errors);
  else errors.push(fieldError.required(at.child('rollingUpdate')));
}

/** A node has one pod too many for a while, or one too few: one of the two, and not both. */
function checkRollingUpdate(
  { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDaemonSet,
  at: Path,
  errors: FieldError[],
): void {
  const unavailableAt = at.child('maxUnavailable');
  const surgeAt = at.child('maxSurge');
  checkShare(maxUnavailable, unavailableAt, errors);
  checkShare(maxSurge, surgeAt, errors);
  checkAtMostAll(maxUnavailable, unavailableAt, errors);
  checkAtMostAll(maxSurge, surgeAt, errors);
  const hasUnavailable = figureOf(maxUnavailable) !== 0;
  const hasSurge = figureOf(maxSurge) !== 0;
  if (hasUnavailable && hasSurge) {
    errors.push(fieldError.invalid(surgeAt, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  } else if (!hasUnavailable && !hasSurge) {
    errors.push(fieldError.required(unavailableAt, 'cannot be 0 when maxSurge is 0'));
  }
}
