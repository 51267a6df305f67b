// Whether and how a job ends. What was said once stays: it ends only when its pods have gone, and by then they might say
// something else. Pure. Upstream: syncJob in pkg/controller/job, with its reasons and messages.

import type { Job, JobCondition } from '../../api/batch/job.ts';
import { jobCondition } from '../../api/batch/job-conditions.ts';
import { countJobIndexes } from '../../api/batch/job-indexes.ts';
import { timeToMs } from '../../api/time.ts';
import { isPodFailed } from './job-pods.ts';
import type { JobProgress } from './job-progress.ts';
import { ruleOnFailure } from './pod-failure-policy.ts';
import { metSuccessRule } from './success-policy.ts';

export interface Verdict {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** Under which condition a verdict is announced before the job has ended. */
export const ANNOUNCED_AS = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const;

/** The verdict for which pods that still run are stopped; undefined while the job goes on. */
export function jobVerdict(progress: JobProgress, nowMs: number): Verdict | undefined {
  const { status } = progress.job;
  const met = jobCondition(status, ANNOUNCED_AS.Complete);
  if (met) return announced('Complete', met);
  const target = jobCondition(status, ANNOUNCED_AS.Failed);
  if (target) return announced('Failed', target);
  return failureByPolicy(progress) ?? failureByLimit(progress, nowMs) ?? verdictByIndexes(progress);
}

/** The verdict that all pods have done what was asked for. `activeCount` is how many run after what was just done. */
export function completion({ job, succeeded }: JobProgress, activeCount: number): Verdict | undefined {
  // Without a number of completions one pod that succeeds says that there is nothing left to do.
  if (activeCount > 0 || succeeded < (job.spec.completions ?? 1)) return undefined;
  return {
    type: 'Complete',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  };
}

/** How long a job may still be active; undefined if there is no limit. */
export function deadlineLeftMs({ spec, status }: Job, nowMs: number): number | undefined {
  const { activeDeadlineSeconds, suspend } = spec;
  if (activeDeadlineSeconds === undefined || suspend || !status.startTime) return undefined;
  return Math.max(0, timeToMs(status.startTime) + activeDeadlineSeconds * 1000 - nowMs);
}

function announced(type: Verdict['type'], { reason = '', message = '' }: JobCondition): Verdict {
  return { type, reason, message };
}

function failureByPolicy({ job, pods }: JobProgress): Verdict | undefined {
  const { podFailurePolicy } = job.spec;
  if (!podFailurePolicy) return undefined;
  for (const pod of pods) {
    if (!isPodFailed(job, pod)) continue;
    const { action, message } = ruleOnFailure(podFailurePolicy, pod);
    if (action === 'FailJob') return failure('PodFailurePolicy', message);
  }
  return undefined;
}

function failureByLimit(progress: JobProgress, nowMs: number): Verdict | undefined {
  const { job, failed } = progress;
  if (failed > (job.spec.backoffLimit ?? 0) || isOverRestarts(progress)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  if (deadlineLeftMs(job, nowMs) === 0) {
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  return undefined;
}

/** Where containers are restarted in place, restarts of pods that run count as failures. */
function isOverRestarts({ job, pods }: JobProgress): boolean {
  const { template, backoffLimit = 0 } = job.spec;
  if (template.spec.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status.phase !== 'Running' && status.phase !== 'Pending') continue;
    const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    for (const { restartCount } of containers) restarts += restartCount;
  }
  return restarts >= Math.max(1, backoffLimit);
}

function verdictByIndexes({ job, indexes }: JobProgress): Verdict | undefined {
  if (!indexes) return undefined;
  const { completions = 0, maxFailedIndexes = Number.POSITIVE_INFINITY, successPolicy } = job.spec;
  const failedCount = countJobIndexes(indexes.failed ?? []);
  if (failedCount > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes';
    return failure('MaxFailedIndexesExceeded', message);
  }
  if (failedCount > 0 && failedCount + countJobIndexes(indexes.succeeded) >= completions) {
    return failure('FailedIndexes', 'Job has failed indexes');
  }
  const rule = successPolicy && metSuccessRule(successPolicy, completions, indexes.succeeded);
  if (rule === undefined) return undefined;
  return { type: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` };
}

function failure(reason: string, message: string): Verdict {
  return { type: 'Failed', reason, message };
}
