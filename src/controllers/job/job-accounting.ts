// Counts pods that have ended into the status of their job, each one exactly once, though anybody may fail in between.
// First they are named in the status (`uncountedTerminatedPods`; of an indexed job, succeeded ones by their index), then
// their finalizer is taken away so that they may be deleted, then they move from the names to the counters. Pure; the
// steps are job-controller.ts's. Upstream: KEP-2307, trackJobStatusAndRemoveFinalizers in pkg/controller/job.

import type { Job, JobCondition, JobStatus } from '../../api/batch/job.ts';
import { hasJobCondition } from '../../api/batch/job-conditions.ts';
import {
  countJobIndexes,
  formatJobIndexes,
  includesJobIndex,
  jobIndexesOf,
  mergeJobIndexes,
} from '../../api/batch/job-indexes.ts';
import type { Pod } from '../../api/core/pod.ts';
import { formatTime } from '../../api/time.ts';
import { completionIndex, isIndexed, isPodFailed, isTracked, validIndex } from './job-pods.ts';
import { countedIndexes, type JobProgress } from './job-progress.ts';
import { ANNOUNCED_AS, type Verdict } from './job-verdict.ts';
import { countsAsFailure } from './pod-failure-policy.ts';

/** So that the names are below 20 KB, and large jobs do not hold up small ones. */
const MAX_UNCOUNTED = 500;

export interface Accounting {
  /** To be written before any finalizer is taken away. */
  readonly status: JobStatus;
  /** Pods that are then let go. */
  readonly release: readonly Pod[];
  /** There are more pods than are counted at once. */
  readonly isPartial: boolean;
}

/** Active and terminating pods after what was just done. */
export interface RunningPods {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
}

export function accountPods(
  progress: JobProgress,
  verdict: Verdict | undefined,
  running: RunningPods,
  nowMs: number,
): Accounting {
  const { job, indexes } = progress;
  const counted = countReleased(job.status, trackedUids(progress.pods));
  const { names, newIndexes, release, isPartial } = namePods(progress, verdict, uncountedOf(counted));
  const completed = indexes && mergeJobIndexes(countedIndexes(job), jobIndexesOf(newIndexes));
  const { conditions = [] } = counted;
  const status = sparse({
    ...counted,
    conditions: verdict ? announce(conditions, verdict, nowMs) : conditions,
    ...running,
    ...(completed ? { succeeded: countJobIndexes(completed), completedIndexes: formatJobIndexes(completed) } : {}),
    uncountedTerminatedPods: names,
  });
  const withFailed = indexes?.failed ? { ...status, failedIndexes: formatJobIndexes(indexes.failed) } : status;
  return { status: withFailed, release, isPartial };
}

export function trackedUids(pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid));
}

/** Counts those that are named and have no finalizer any more. */
export function countReleased(status: JobStatus, tracked: ReadonlySet<string>): JobStatus {
  const { succeeded, failed } = uncountedOf(status);
  const left = {
    succeeded: succeeded.filter((uid) => tracked.has(uid)),
    failed: failed.filter((uid) => tracked.has(uid)),
  };
  return sparse({
    ...status,
    succeeded: (status.succeeded ?? 0) + succeeded.length - left.succeeded.length,
    failed: (status.failed ?? 0) + failed.length - left.failed.length,
    uncountedTerminatedPods: left,
  });
}

/** The status of a job that has ended; undefined while pods are still to be counted or to go. */
export function finishedStatus(
  status: JobStatus,
  { type, reason, message }: Verdict,
  nowMs: number,
): JobStatus | undefined {
  const { succeeded, failed } = uncountedOf(status);
  if (succeeded.length + failed.length > 0 || (status.terminating ?? 0) > 0) return undefined;
  const conditions = [...(status.conditions ?? []), newCondition(type, reason, message, nowMs)];
  return { ...status, conditions, ...(type === 'Complete' ? { completionTime: formatTime(nowMs) } : {}) };
}

/** A job begins when it is first seen and not suspended, and again with every end of a suspension. */
export function startedJob(job: Job, nowMs: number): Job {
  const { spec, status } = job;
  const { conditions = [], startTime } = status;
  const isResumed = hasJobCondition(status, 'Suspended');
  if (spec.suspend || (startTime && !isResumed)) return job;
  const resumed = { ...newCondition('Suspended', 'JobResumed', 'Job resumed', nowMs), status: 'False' };
  const said = isResumed ? { conditions: withCondition(conditions, resumed) } : {};
  return { ...job, status: { ...status, ...said, startTime: formatTime(nowMs) } };
}

/** Says that no pods are started for now. */
export function suspendedStatus(status: JobStatus, nowMs: number): JobStatus {
  if (hasJobCondition(status, 'Suspended')) return status;
  const suspended = newCondition('Suspended', 'JobSuspended', 'Job suspended', nowMs);
  return { ...status, conditions: withCondition(status.conditions ?? [], suspended) };
}

interface NamedPods {
  readonly names: UncountedPods;
  readonly newIndexes: readonly number[];
  readonly release: readonly Pod[];
  readonly isPartial: boolean;
}

interface UncountedPods {
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
}

function uncountedOf({ uncountedTerminatedPods }: JobStatus): UncountedPods {
  return { succeeded: uncountedTerminatedPods?.succeeded ?? [], failed: uncountedTerminatedPods?.failed ?? [] };
}

function namePods(progress: JobProgress, verdict: Verdict | undefined, named: UncountedPods): NamedPods {
  const { job } = progress;
  const before = { succeeded: new Set(named.succeeded), failed: new Set(named.failed) };
  const names = { succeeded: [...named.succeeded], failed: [...named.failed] };
  const known = countedIndexes(job);
  const newIndexes: number[] = [];
  const release: Pod[] = [];
  let isPartial = false;
  for (const pod of inOrderOfIndex(progress)) {
    if (!isTracked(pod) || !mayGo(progress, pod, verdict)) continue;
    const { uid } = pod.metadata;
    const index = validIndex(job, pod);
    const end = before.succeeded.has(uid) || before.failed.has(uid) ? undefined : endOf(job, pod, verdict);
    // An index is completed once only, so that nothing else need be remembered of its pod.
    const isKnown = index !== undefined && end === 'succeeded' && includesJobIndex(known, index);
    if (end && !isKnown) {
      if (newIndexes.length + names.succeeded.length + names.failed.length >= MAX_UNCOUNTED) {
        isPartial = true;
        continue;
      }
      if (index !== undefined && end === 'succeeded') newIndexes.push(index);
      else names[end].push(uid);
    }
    release.push(pod);
  }
  return { names, newIndexes, release, isPartial };
}

/** As what the pod's end counts; undefined if it does not. What is still running when a job fails, fails with it. */
function endOf(job: Job, pod: Pod, verdict: Verdict | undefined): 'succeeded' | 'failed' | undefined {
  if (isIndexed(job) && validIndex(job, pod) === undefined) return undefined;
  if (pod.status.phase === 'Succeeded') return 'succeeded';
  if (!isPodFailed(job, pod) && verdict?.type !== 'Failed') return undefined;
  return countsAsFailure(job.spec.podFailurePolicy, pod) ? 'failed' : undefined;
}

/** Lower indexes are counted first, so that the list of them stays short. */
function inOrderOfIndex({ job, pods }: JobProgress): readonly Pod[] {
  if (!isIndexed(job)) return pods;
  return [...pods].sort((a, b) => (completionIndex(a) ?? -1) - (completionIndex(b) ?? -1));
}

/** A pod goes when it has ended, or its job has: except for the one that is to tell its index's next pod of its failure. */
function mayGo({ job, indexes }: JobProgress, pod: Pod, verdict: Verdict | undefined): boolean {
  if (job.metadata.deletionTimestamp !== undefined || verdict || pod.status.phase === 'Succeeded') return true;
  if (!isPodFailed(job, pod)) return false;
  const index = validIndex(job, pod);
  return index === undefined || indexes?.retained.get(index)?.metadata.uid !== pod.metadata.uid;
}

function announce(conditions: readonly JobCondition[], { type, reason, message }: Verdict, nowMs: number) {
  const announcement = ANNOUNCED_AS[type];
  if (hasJobCondition({ conditions }, announcement)) return conditions;
  return [...conditions, newCondition(announcement, reason, message, nowMs)];
}

/** In the place of the one of its type, or as the last. */
function withCondition(conditions: readonly JobCondition[], condition: JobCondition): readonly JobCondition[] {
  const index = conditions.findIndex(({ type }) => type === condition.type);
  return index < 0 ? [...conditions, condition] : conditions.with(index, condition);
}

function newCondition(type: string, reason: string, message: string, nowMs: number): JobCondition {
  const now = formatTime(nowMs);
  return { type, status: 'True', lastProbeTime: now, lastTransitionTime: now, reason, message };
}

/** As it comes back from the server, which leaves out zeros that mean nothing. */
function sparse(status: JobStatus): JobStatus {
  const { active, succeeded, failed, completedIndexes, uncountedTerminatedPods: uncounted, ...rest } = status;
  return {
    ...rest,
    ...(active ? { active } : {}),
    ...(succeeded ? { succeeded } : {}),
    ...(failed ? { failed } : {}),
    ...(completedIndexes ? { completedIndexes } : {}),
    uncountedTerminatedPods: {
      ...(uncounted?.succeeded?.length ? { succeeded: uncounted.succeeded } : {}),
      ...(uncounted?.failed?.length ? { failed: uncounted.failed } : {}),
    },
  };
}
