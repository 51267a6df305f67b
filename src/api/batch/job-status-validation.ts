// The rules of job statuses, which controllers of others write as well: what a status may say, and which steps it may
// take. What has not changed is not checked again, so that a status that was wrong before can be mended bit by bit, and
// one that a change of the spec has made wrong can wait for its controller. Upstream: validateJobStatus and
// ValidateJobStatusUpdate in pkg/apis/batch/validation, getStatusValidationOptions in pkg/registry/batch/job/strategy.go.

import { deepEqual } from '../deep-equal.ts';
import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, fieldError, OMITTED, Path } from '../field-error.ts';
import { timeToMs } from '../time.ts';
import type { Job, JobStatus, UncountedTerminatedPods } from './job.ts';
import { hasJobCondition, isJobFinished } from './job-conditions.ts';
import { JobIndexesError, parseJobIndexes, sharedJobIndex } from './job-indexes.ts';

const STATUS = Path.of('status');
const CONDITIONS = STATUS.child('conditions');

export function validateJobStatusUpdate(job: Job, previous: Job): readonly FieldError[] {
  const errors: FieldError[] = [];
  const step: Step = {
    job,
    changed: (...fields) => fields.some((field) => !deepEqual(job.status[field], previous.status[field])),
    toggled: (...types) =>
      types.some((type) => hasJobCondition(job.status, type) !== hasJobCondition(previous.status, type)),
    hasFinished: isJobFinished(job.status) && !isJobFinished(previous.status),
  };
  checkCounts(job.status, errors);
  checkConditions(step, errors);
  checkTimes(step, errors);
  checkFinished(step, errors);
  checkIndexes(step, errors);
  if (step.changed('ready', 'active') && (job.status.ready ?? 0) > (job.status.active ?? 0)) {
    errors.push(fieldError.invalid(STATUS.child('ready'), job.status.ready, 'cannot set more ready pods than active'));
  }
  checkProgress(job, previous, errors);
  return errors;
}

/** A new status, and what of it is different from the one before. */
interface Step {
  readonly job: Job;
  changed(...fields: (keyof JobStatus)[]): boolean;
  toggled(...types: string[]): boolean;
  readonly hasFinished: boolean;
}

function checkCounts(status: JobStatus, errors: FieldError[]): void {
  for (const field of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const) {
    checkNonNegative(status[field], STATUS.child(field), errors);
  }
  if (status.uncountedTerminatedPods) checkUncounted(status.uncountedTerminatedPods, errors);
}

function checkUncounted(uncounted: UncountedTerminatedPods, errors: FieldError[]): void {
  const seen = new Set<string>();
  for (const field of ['succeeded', 'failed'] as const) {
    for (const [index, uid] of (uncounted[field] ?? []).entries()) {
      const at = STATUS.child('uncountedTerminatedPods', field).index(index);
      if (uid === '') errors.push(fieldError.invalid(at, uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(fieldError.duplicate(at, uid));
      seen.add(uid);
    }
  }
}

/** A job ends in one way, and says beforehand in which. */
function checkConditions({ job: { spec, status }, toggled }: Step, errors: FieldError[]): void {
  const refuse = (why: string) => errors.push(fieldError.invalid(CONDITIONS, OMITTED, why));
  const is = (type: string) => hasJobCondition(status, type);
  if (is('Complete') && is('Failed') && toggled('Complete', 'Failed')) {
    refuse('cannot set Complete=True and Failed=true conditions');
  }
  if (is('Complete') && is('FailureTarget') && toggled('Complete', 'FailureTarget')) {
    refuse('cannot set Complete=True and FailureTarget=true conditions');
  }
  if (is('Failed') && !is('FailureTarget') && toggled('Failed', 'FailureTarget')) {
    refuse('cannot set Failed=True condition without the FailureTarget=true condition');
  }
  if (is('Complete') && !is('SuccessCriteriaMet') && toggled('Complete', 'SuccessCriteriaMet')) {
    refuse('cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  }
  if (is('SuccessCriteriaMet') && is('Failed')) refuse('cannot set SuccessCriteriaMet=True and Failed=true conditions');
  if (is('SuccessCriteriaMet') && is('FailureTarget')) {
    refuse('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  }
  if (spec.successPolicy && !is('SuccessCriteriaMet') && is('Complete')) {
    refuse('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True');
  }
}

function checkTimes({ job: { status }, changed, toggled }: Step, errors: FieldError[]): void {
  const at = STATUS.child('completionTime');
  const { startTime, completionTime } = status;
  const isComplete = hasJobCondition(status, 'Complete');
  if (changed('completionTime') || toggled('Complete')) {
    if (completionTime && !isComplete) {
      const why = 'cannot set completionTime when there is no Complete=True condition';
      errors.push(fieldError.invalid(at, completionTime, why));
    }
    if (!completionTime && isComplete) {
      errors.push(fieldError.required(at, 'completionTime is required for Complete jobs'));
    }
  }
  if (!startTime || !completionTime || !changed('startTime', 'completionTime')) return;
  if (timeToMs(completionTime) < timeToMs(startTime)) {
    errors.push(fieldError.invalid(at, completionTime, 'completionTime cannot be set before startTime'));
  }
}

/** Nothing of a job is left to do once it is finished. */
function checkFinished({ job: { spec, status }, changed, hasFinished }: Step, errors: FieldError[]): void {
  if (!isJobFinished(status)) return;
  const { active = 0, startTime, uncountedTerminatedPods: uncounted, terminating = 0 } = status;
  if (active > 0 && (hasFinished || changed('active'))) {
    errors.push(fieldError.invalid(STATUS.child('active'), active, 'active>0 is invalid for finished job'));
  }
  // A job of no pods is complete at once, though it is suspended and never begins.
  const neverBegins = spec.suspend === true && spec.completions === 0;
  if (!startTime && !neverBegins && (hasFinished || changed('startTime'))) {
    errors.push(fieldError.required(STATUS.child('startTime'), 'startTime is required for finished job'));
  }
  const isCounted = !uncounted?.succeeded?.length && !uncounted?.failed?.length;
  if (!isCounted && (hasFinished || changed('uncountedTerminatedPods'))) {
    const why = 'uncountedTerminatedPods needs to be empty for finished job';
    errors.push(fieldError.invalid(STATUS.child('uncountedTerminatedPods'), uncounted, why));
  }
  if (terminating > 0 && (hasFinished || changed('terminating'))) {
    const why = 'terminating>0 is invalid for finished job';
    errors.push(fieldError.invalid(STATUS.child('terminating'), terminating, why));
  }
}

function checkIndexes({ job: { spec, status }, changed }: Step, errors: FieldError[]): void {
  const { completions, backoffLimitPerIndex } = spec;
  const { completedIndexes: completed = '', failedIndexes: failed } = status;
  const completedAt = STATUS.child('completedIndexes');
  const failedAt = STATUS.child('failedIndexes');
  if (changed('completedIndexes')) {
    checkForm(completed, 'completedIndexes', completions, errors);
    if (completed !== '' && spec.completionMode !== 'Indexed') {
      const why = 'cannot set non-empty completedIndexes when non-indexed completion mode';
      errors.push(fieldError.invalid(completedAt, completed, why));
    }
  }
  if (failed === undefined) return;
  if (changed('failedIndexes')) {
    if (backoffLimitPerIndex !== undefined) checkForm(failed, 'failedIndexes', completions, errors);
    else {
      const why = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
      errors.push(fieldError.invalid(failedAt, failed, why));
    }
  }
  if (completions === undefined || !changed('failedIndexes', 'completedIndexes')) return;
  const shared = sharedJobIndex(completed, failed, completions);
  if (shared === undefined) return;
  const why = `failedIndexes and completedIndexes overlap at index: ${shared}`;
  errors.push(fieldError.invalid(failedAt, failed, why));
}

function checkForm(
  indexes: string,
  field: 'completedIndexes' | 'failedIndexes',
  completions: number | undefined,
  errors: FieldError[],
): void {
  if (completions === undefined) return;
  try {
    parseJobIndexes(indexes, completions);
  } catch (error) {
    if (!(error instanceof JobIndexesError)) throw error;
    errors.push(fieldError.invalid(STATUS.child(field), indexes, `error parsing ${field}: ${error.message}`));
  }
}

/** What has happened stays so. */
function checkProgress({ spec, status }: Job, { status: before }: Job, errors: FieldError[]): void {
  const refuse = (why: string) => errors.push(fieldError.invalid(CONDITIONS, OMITTED, why));
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (hasJobCondition(before, type) && !hasJobCondition(status, type)) {
      refuse(`cannot disable the terminal ${type}=True condition`);
    }
  }
  const failed = status.failed ?? 0;
  const succeeded = status.succeeded ?? 0;
  if (failed < (before.failed ?? 0)) {
    errors.push(fieldError.invalid(STATUS.child('failed'), failed, 'cannot decrease the failed counter'));
  }
  // An indexed job that is as long as it is wide may have become shorter, and fewer of its pods count.
  const mayShrink = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  if (succeeded < (before.succeeded ?? 0) && !mayShrink) {
    errors.push(fieldError.invalid(STATUS.child('succeeded'), succeeded, 'cannot decrease the succeeded counter'));
  }
  const { completionTime, startTime } = status;
  if (completionTime && before.completionTime && completionTime !== before.completionTime) {
    const why = 'completionTime cannot be mutated';
    errors.push(fieldError.invalid(STATUS.child('completionTime'), completionTime, why));
  }
  // A job that is resumed begins anew.
  const resumes = hasJobCondition(before, 'Suspended') && !hasJobCondition(status, 'Suspended');
  if (before.startTime && startTime !== before.startTime && !spec.suspend && !resumes) {
    const why = 'startTime cannot be removed for unsuspended job';
    errors.push(fieldError.required(STATUS.child('startTime'), why));
  }
  const wasMet = hasJobCondition(before, 'SuccessCriteriaMet');
  const isMet = hasJobCondition(status, 'SuccessCriteriaMet');
  if (wasMet && !isMet) refuse('cannot disable the SuccessCriteriaMet=True condition');
  if (hasJobCondition(before, 'Complete') && !wasMet && isMet) {
    refuse('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
  }
}
