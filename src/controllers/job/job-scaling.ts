// Which pods a job stops and which it starts. Pure. Upstream: manageJob in pkg/controller/job.

import { jobIndexesOf, mergeJobIndexes, otherJobIndexes } from '../../api/batch/job-indexes.ts';
import type { Pod } from '../../api/core/pod.ts';
import { podsToDelete } from '../replicaset/pod-deletion-order.ts';
import { backoffLeftMs, type FailureStreak, indexStreak } from './job-backoff.ts';
import { completionIndex, replacesOnlyEnded, validIndex } from './job-pods.ts';
import type { IndexProgress, JobProgress } from './job-progress.ts';

export interface ScalingPlan {
  /** Active pods that are not wanted; they do not count as failures. */
  readonly stop: readonly Pod[];
  readonly start: PodsToStart;
  /** When to look again because pods may be replaced by then. */
  readonly waitMs?: number;
}

export type PodsToStart =
  | { readonly type: 'any'; readonly count: number }
  | { readonly type: 'indexed'; readonly indexes: readonly number[] };

export const NONE_TO_START: PodsToStart = { type: 'any', count: 0 };

/** How many pods are started or stopped in one reconcile. */
const BURST = 500;

export function planScaling(progress: JobProgress, streak: FailureStreak, nowMs: number): ScalingPlan {
  const { job, active, terminating, indexes } = progress;
  if (job.spec.suspend) return { stop: active, start: NONE_TO_START };
  const wanted = wantedPods(progress);
  const stop = podsToStop(progress, wanted, nowMs);
  // Stopping comes first: what is missing is seen when the rest is in order.
  if (stop.length > 0) return { stop: stop.slice(0, BURST), start: NONE_TO_START };
  const leaving = replacesOnlyEnded(job) ? terminating.length : 0;
  const missing = Math.min(wanted - active.length - leaving, BURST);
  if (missing <= 0) return { stop, start: NONE_TO_START };
  if (indexes?.failed) return startIndexesOnTime(progress, indexes, missing, nowMs);
  const waitMs = backoffLeftMs(streak, nowMs);
  if (waitMs > 0) return { stop, start: NONE_TO_START, waitMs };
  if (!indexes) return { stop, start: { type: 'any', count: missing } };
  return { stop, start: { type: 'indexed', indexes: pendingIndexes(progress, indexes, missing) } };
}

function wantedPods({ job, active, succeeded }: JobProgress): number {
  const { parallelism = 1, completions } = job.spec;
  if (completions !== undefined) return Math.min(parallelism, Math.max(0, completions - succeeded));
  // One success says that the work is done: nothing new begins, and what runs may end in peace.
  return succeeded > 0 ? active.length : parallelism;
}

function podsToStop({ job, active, indexes }: JobProgress, wanted: number, nowMs: number): readonly Pod[] {
  if (!indexes) return podsToDelete(active, [], Math.max(0, active.length - wanted), nowMs);
  const byIndex = Map.groupBy(active, (pod) => validIndex(job, pod));
  const stop = [...(byIndex.get(undefined) ?? [])];
  const rest: Pod[] = [];
  for (const [index, pods] of byIndex) {
    if (index === undefined) continue;
    const surplus = podsToDelete(pods, [], pods.length - 1, nowMs);
    stop.push(...surplus);
    rest.push(...pods.filter((pod) => !surplus.includes(pod)));
  }
  const more = active.length - wanted - stop.length;
  return more > 0 ? [...stop, ...podsToDelete(rest, [], more, nowMs)] : stop;
}

function pendingIndexes({ job, active, terminating }: JobProgress, indexes: IndexProgress, count: number): number[] {
  const taken = replacesOnlyEnded(job) ? [...active, ...terminating] : active;
  const running = jobIndexesOf(taken.map(completionIndex).filter((index) => index !== undefined));
  const over = mergeJobIndexes(indexes.succeeded, indexes.failed ?? [], running);
  return otherJobIndexes(over, job.spec.completions ?? 0, count);
}

/** Each index waits for itself after its failures. */
function startIndexesOnTime(progress: JobProgress, indexes: IndexProgress, count: number, nowMs: number): ScalingPlan {
  const pending = pendingIndexes(progress, indexes, count);
  const waits = pending.map((index) => backoffLeftMs(indexStreak(indexes.retained.get(index)), nowMs));
  const due = pending.filter((_, position) => waits[position] === 0);
  const start: PodsToStart = { type: 'indexed', indexes: due };
  const waitMs = Math.min(...waits.filter((wait) => wait > 0));
  return Number.isFinite(waitMs) ? { stop: [], start, waitMs } : { stop: [], start };
}
