// How far a job is, from its status and its pods. A pod counts once: while it has its finalizer and is not named in
// `uncountedTerminatedPods`, its end is news; what is named there is counted, whether or not it still exists; and a pod
// without the finalizer is part of the counters. Pure. Upstream: syncJob in pkg/controller/job.

import type { Job } from '../../api/batch/job.ts';
import {
  countJobIndexes,
  type IndexInterval,
  includesJobIndex,
  jobIndexesOf,
  mergeJobIndexes,
  readJobIndexes,
} from '../../api/batch/job-indexes.ts';
import type { Pod } from '../../api/core/pod.ts';
import { isPodActive, isPodTerminal } from '../pod-state.ts';
import { finishedAtMs, indexFailures, isIndexed, isPodFailed, isTracked, validIndex } from './job-pods.ts';
import { countsAsFailure, ruleOnFailure } from './pod-failure-policy.ts';

export interface JobProgress {
  readonly job: Job;
  /** All pods that belong to the job. */
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  /** Being deleted, and not ended. */
  readonly terminating: readonly Pod[];
  /** Pods whose end is not in the status yet. */
  readonly news: { readonly succeeded: readonly Pod[]; readonly failed: readonly Pod[] };
  /** With what is news. */
  readonly succeeded: number;
  readonly failed: number;
  /** Of an indexed job. */
  readonly indexes: IndexProgress | undefined;
}

export interface IndexProgress {
  readonly succeeded: readonly IndexInterval[];
  /** Of a job with a limit for each index. */
  readonly failed: readonly IndexInterval[] | undefined;
  /** Failed pods that stay until another one of their index takes over how often it has failed, by index. */
  readonly retained: ReadonlyMap<number, Pod>;
}

export function jobProgress(job: Job, pods: readonly Pod[]): JobProgress {
  const { status, spec } = job;
  const { succeeded: uncountedSucceeded = [], failed: uncountedFailed = [] } = status.uncountedTerminatedPods ?? {};
  const active = pods.filter(isPodActive);
  const terminating = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod));
  const counting = pods.filter((pod) => isTracked(pod) && (!isIndexed(job) || validIndex(job, pod) !== undefined));
  const news = {
    succeeded: without(counting, uncountedSucceeded).filter(({ status }) => status.phase === 'Succeeded'),
    failed: without(counting, uncountedFailed).filter((pod) => isPodFailed(job, pod)),
  };
  const failedNews = news.failed.filter((pod) => countsAsFailure(spec.podFailurePolicy, pod)).length;
  const indexes = isIndexed(job) ? indexProgress(job, counting, active) : undefined;
  return {
    job,
    pods,
    active,
    terminating,
    news,
    succeeded: indexes
      ? countJobIndexes(indexes.succeeded)
      : (status.succeeded ?? 0) + news.succeeded.length + uncountedSucceeded.length,
    failed: (status.failed ?? 0) + failedNews + uncountedFailed.length,
    indexes,
  };
}

/** The indexes that the status names as succeeded. */
export function countedIndexes({ status, spec }: Job): readonly IndexInterval[] {
  return readJobIndexes(status.completedIndexes ?? '', spec.completions ?? 0);
}

function indexProgress(job: Job, counting: readonly Pod[], active: readonly Pod[]): IndexProgress {
  const { status, spec } = job;
  const hasSucceeded = counting.filter((pod) => pod.status.phase === 'Succeeded');
  const succeeded = mergeJobIndexes(countedIndexes(job), indexesOf(job, hasSucceeded));
  if (spec.backoffLimitPerIndex === undefined) return { succeeded, failed: undefined, retained: new Map() };
  const failed = mergeJobIndexes(
    readJobIndexes(status.failedIndexes ?? '', spec.completions ?? 0),
    indexesOf(
      job,
      counting.filter((pod) => hasIndexFailed(job, pod)),
    ),
  );
  const over = mergeJobIndexes(succeeded, failed, indexesOf(job, active));
  return { succeeded, failed, retained: retainedPods(job, counting, over) };
}

export function indexesOf(job: Job, pods: readonly Pod[]): readonly IndexInterval[] {
  return jobIndexesOf(pods.map((pod) => validIndex(job, pod)).filter((index) => index !== undefined));
}

function hasIndexFailed(job: Job, pod: Pod): boolean {
  if (!isPodFailed(job, pod)) return false;
  const { action } = ruleOnFailure(job.spec.podFailurePolicy, pod);
  if (action === 'FailIndex') return true;
  return action !== 'Ignore' && indexFailures(pod).counted >= (job.spec.backoffLimitPerIndex ?? 0);
}

/** Of each index that is not over yet and has no pod, the failed pod that knows most. */
function retainedPods(job: Job, counting: readonly Pod[], over: readonly IndexInterval[]): ReadonlyMap<number, Pod> {
  const retained = new Map<number, Pod>();
  for (const pod of counting) {
    const index = validIndex(job, pod);
    if (index === undefined || !isPodFailed(job, pod) || includesJobIndex(over, index)) continue;
    const other = retained.get(index);
    if (!other || isLater(pod, other)) retained.set(index, pod);
  }
  return retained;
}

function isLater(pod: Pod, other: Pod): boolean {
  const failures = (of: Pod) => indexFailures(of).counted + indexFailures(of).ignored;
  return failures(pod) >= failures(other) && finishedAtMs(pod) >= finishedAtMs(other);
}

function without(pods: readonly Pod[], uids: readonly string[]): readonly Pod[] {
  if (uids.length === 0) return pods;
  const excluded = new Set(uids);
  return pods.filter(({ metadata }) => !excluded.has(metadata.uid));
}
