// What a job reads off its pods. Pure. Upstream: pkg/controller/job, indexed_job_utils.go and backoff_utils.go.

import type { Job } from '../../api/batch/job.ts';
import type { Pod } from '../../api/core/pod.ts';
import { timeToMs } from '../../api/time.ts';
import { podCondition } from '../pod-state.ts';

/** Keeps a pod, deleted or not, until it has been counted in the status of its job. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
/** Annotation and label. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';
export const INDEX_IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';

const OWN_NAME = 'kubernetes.io/job-controller';
const MAX_INT32 = 0x7fffffff;

export function isManagedElsewhere({ spec }: Job): boolean {
  return spec.managedBy !== undefined && spec.managedBy !== OWN_NAME;
}

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed';
}

/** Whether a pod that is being deleted is replaced only when it has ended. */
export function replacesOnlyEnded({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
}

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

/** A pod that is being deleted has failed, too, unless its job waits for how it ends. */
export function isPodFailed(job: Job, { metadata, status }: Pod): boolean {
  if (status.phase === 'Failed') return true;
  return !replacesOnlyEnded(job) && metadata.deletionTimestamp !== undefined && status.phase !== 'Succeeded';
}

/** Of a pod of an indexed job; undefined where there is none that makes sense. */
export function completionIndex({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX] ?? '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The index, if it is one that the job still asks for. */
export function validIndex({ spec }: Job, pod: Pod): number | undefined {
  const index = completionIndex(pod);
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined;
}

/** How often the index had failed before this pod: `counted` towards its limit, or `ignored` as a policy wants it. */
export function indexFailures({ metadata }: Pod): { readonly counted: number; readonly ignored: number } {
  const read = (annotation: string) => {
    const number = Number(metadata.annotations?.[annotation] ?? 0);
    return Number.isInteger(number) && number >= 0 && number <= MAX_INT32 ? number : 0;
  };
  return { counted: read(INDEX_FAILURES), ignored: read(INDEX_IGNORED_FAILURES) };
}

/** When a pod ended, in milliseconds, by the best there is to tell it. */
export function finishedAtMs(pod: Pod): number {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  const { containerStatuses = [] } = pod.status;
  const ended = containerStatuses.map(({ state }) => state?.terminated?.finishedAt).filter((time) => time != null);
  if (ended.length > 0 && ended.length === containerStatuses.length) return Math.max(...ended.map(timeToMs));
  const ready = podCondition(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime) return timeToMs(ready.lastTransitionTime);
  if (deletionTimestamp) return timeToMs(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return timeToMs(creationTimestamp);
}
