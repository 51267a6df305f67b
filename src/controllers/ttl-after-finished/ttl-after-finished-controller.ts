// Deletes jobs some time after they have ended (`ttlSecondsAfterFinished`), with their pods. Upstream:
// pkg/controller/ttlafterfinished.

import { Job } from '../../api/batch/job.ts';
import { finalJobCondition } from '../../api/batch/job-conditions.ts';
import { isStatusError } from '../../api/status-error.ts';
import { timeToMs } from '../../api/time.ts';
import { type Client, refOf } from '../../client/client.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';

export function ttlAfterFinishedController({ client, informers, clock }: ControllerDeps): Controller {
  const jobs = informers.informer(Job);
  return {
    name: 'ttl-after-finished-controller',
    reads: [jobs],
    watch: (enqueue) => [
      jobs.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type !== 'deleted' && expiresAtMs(object) !== undefined) enqueue(keyOf(object.metadata));
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const job = jobs.get(key);
      const leftMs = job && timeLeftMs(job, clock.now());
      if (!job || leftMs === undefined) return;
      if (leftMs > 0) return { requeueAfterMs: leftMs };
      return deleteExpired(client, job, { nowMs: clock.now(), signal });
    },
  };
}

/** Its time may have been changed since it was seen, and what is deleted cannot be had back. */
async function deleteExpired(
  client: Client,
  job: Job,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
): Promise<void> {
  try {
    const fresh = await client.get(Job, refOf(job), { signal });
    const leftMs = timeLeftMs(fresh, nowMs);
    if (leftMs === undefined || leftMs > 0) return; // The change is about to be seen.
    const { uid, resourceVersion } = fresh.metadata;
    const preconditions = { uid, resourceVersion };
    await client.delete(Job, refOf(fresh), { propagationPolicy: 'Foreground', preconditions, signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

function timeLeftMs(job: Job, nowMs: number): number | undefined {
  const atMs = expiresAtMs(job);
  return atMs === undefined ? undefined : atMs - nowMs;
}

/** When the job is to be deleted; undefined while that is not known, or if it is being deleted already. */
export function expiresAtMs({ metadata, spec, status }: Job): number | undefined {
  const { ttlSecondsAfterFinished } = spec;
  const finishedAt = finalJobCondition(status)?.lastTransitionTime;
  if (ttlSecondsAfterFinished === undefined || !finishedAt || metadata.deletionTimestamp !== undefined)
    return undefined;
  return timeToMs(finishedAt) + ttlSecondsAfterFinished * 1000;
}
