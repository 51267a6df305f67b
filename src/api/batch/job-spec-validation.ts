// The rules of a job's spec, for jobs and for the templates of CronJobs. Upstream: validateJobSpec in
// pkg/apis/batch/validation.

import { checkPodTemplate } from '../core/pod-template-validation.ts';
import { checkDomainPath, checkNonNegative, checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { checkPodFailurePolicy, checkSuccessPolicy } from './job-policy-validation.ts';
import type { JobSpec } from './job-spec.ts';

/** So that the lists of indexes in the status stay small enough for an object. */
const MAX_PARALLELISM = 100_000;
const MAX_FAILED_INDEXES = 100_000;
const MANY_COMPLETIONS = 100_000;
const MAX_PARALLELISM_OF_MANY = 10_000;
const MAX_FAILED_INDEXES_OF_MANY = 10_000;
const MAX_MANAGED_BY_BYTES = 63;

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;

export function checkJobSpec(spec: JobSpec, at: Path, errors: FieldError[]): void {
  const { maxFailedIndexes, backoffLimitPerIndex, completionMode, managedBy, successPolicy } = spec;
  for (const field of COUNTS) checkNonNegative(spec[field], at.child(field), errors);
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    errors.push(fieldError.required(at.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'));
  }
  if (managedBy !== undefined) checkManagedBy(managedBy, at.child('managedBy'), errors);
  if (completionMode !== undefined) {
    checkOneOf(completionMode, ['NonIndexed', 'Indexed'], at.child('completionMode'), errors);
  }
  if (completionMode === 'Indexed') checkIndexed(spec, at, errors);
  else checkNotIndexed(spec, at, errors);
  if (spec.podFailurePolicy) checkPodFailurePolicy(spec.podFailurePolicy, spec, at.child('podFailurePolicy'), errors);
  if (successPolicy && completionMode !== 'Indexed') {
    errors.push(fieldError.invalid(at.child('successPolicy'), successPolicy, 'requires indexed completion mode'));
  } else if (successPolicy && spec.completions !== undefined) {
    checkSuccessPolicy(successPolicy, spec.completions, at.child('successPolicy'), errors);
  }
  checkReplacementPolicy(spec, at.child('podReplacementPolicy'), errors);
  checkPodTemplate(spec.template, at.child('template'), errors);
  checkRestartPolicy(spec, at.child('template', 'spec', 'restartPolicy'), errors);
}

function checkManagedBy(managedBy: string, at: Path, errors: FieldError[]): void {
  checkDomainPath(managedBy, at, errors);
  if (managedBy.length > MAX_MANAGED_BY_BYTES) errors.push(fieldError.tooLong(at, MAX_MANAGED_BY_BYTES));
}

function checkIndexed(spec: JobSpec, at: Path, errors: FieldError[]): void {
  const { completions, parallelism, maxFailedIndexes, backoffLimitPerIndex } = spec;
  if (completions === undefined) {
    errors.push(fieldError.required(at.child('completions'), 'when completion mode is Indexed'));
  }
  const limit = (field: 'parallelism' | 'maxFailedIndexes', max: number, bound: string) => {
    const value = spec[field];
    if (value === undefined || value <= max) return;
    errors.push(fieldError.invalid(at.child(field), value, `must be less than or equal to ${bound}`));
  };
  limit('parallelism', MAX_PARALLELISM, `${MAX_PARALLELISM} when completion mode is Indexed`);
  if (completions !== undefined) limit('maxFailedIndexes', completions, 'completions');
  limit('maxFailedIndexes', MAX_FAILED_INDEXES, String(MAX_FAILED_INDEXES));
  if (completions === undefined || completions <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return;
  if (maxFailedIndexes === undefined) {
    const why = `must be specified when completions is above ${MANY_COMPLETIONS}`;
    errors.push(fieldError.required(at.child('maxFailedIndexes'), why));
  }
  const when = `when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (parallelism !== undefined) {
    limit('parallelism', MAX_PARALLELISM_OF_MANY, `${MAX_PARALLELISM_OF_MANY} ${when}`);
  }
  limit('maxFailedIndexes', MAX_FAILED_INDEXES_OF_MANY, `${MAX_FAILED_INDEXES_OF_MANY} ${when}`);
}

function checkNotIndexed(spec: JobSpec, at: Path, errors: FieldError[]): void {
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    if (spec[field] === undefined) continue;
    errors.push(fieldError.invalid(at.child(field), spec[field], 'requires indexed completion mode'));
  }
}

/** What a policy says of failed pods holds once they have ended, so that they are replaced then. */
function checkReplacementPolicy(
  { podReplacementPolicy, podFailurePolicy }: JobSpec,
  at: Path,
  errors: FieldError[],
): void {
  if (podReplacementPolicy === undefined) return;
  checkOneOf(podReplacementPolicy, podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'], at, errors);
}

/** Pods of a job end. The default for pods is that they do not, so that it has to be said. */
function checkRestartPolicy({ template, podFailurePolicy }: JobSpec, at: Path, errors: FieldError[]): void {
  const { restartPolicy } = template.spec;
  if (!restartPolicy || restartPolicy === 'Always') {
    errors.push(fieldError.required(at, 'valid values: "OnFailure", "Never"'));
  } else if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never') {
    errors.push(fieldError.notSupported(at, restartPolicy, ['OnFailure', 'Never']));
  } else if (podFailurePolicy && restartPolicy !== 'Never') {
    const why = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(fieldError.invalid(at, restartPolicy, why));
  }
}
