// Takes the finalizer by which jobs count their pods off pods that no job counts any more: their job has gone or has
// ended, or they were orphaned. Otherwise they could never be deleted. Upstream: syncOrphanPod in pkg/controller/job.

import { Job } from '../../api/batch/job.ts';
import { isJobFinished } from '../../api/batch/job-conditions.ts';
import { Pod } from '../../api/core/pod.ts';
import { isStatusError } from '../../api/status-error.ts';
import { type Client, refOf } from '../../client/client.ts';
import { keyOf } from '../../client/object-key.ts';
import { withoutFinalizer } from '../claim-objects.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { CONTROLLER_INDEX, controllerIndex, controllerOf, refersTo } from '../owner-reference.ts';
import { isManagedElsewhere, isTracked, TRACKING_FINALIZER } from './job-pods.ts';

export function abandonedPodController({ client, informers }: ControllerDeps): Controller {
  const jobs = informers.informer(Job);
  const pods = informers.informer(Pod, { indexes: { [CONTROLLER_INDEX]: controllerIndex } });
  const cachedOwner = (pod: Pod) => {
    const owner = controllerOf(pod);
    const job = owner && jobs.get({ namespace: pod.metadata.namespace, name: owner.name });
    return job?.metadata.uid === owner?.uid ? job : undefined;
  };
  return {
    name: 'job-abandoned-pod-controller',
    reads: [jobs, pods],
    watch: (enqueue) => [
      pods.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type === 'deleted' || !isTracked(object)) continue;
          const job = cachedOwner(object);
          if (!job || isJobFinished(job.status)) enqueue(keyOf(object.metadata));
        }
      }),
      jobs.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type !== 'deleted' && !isJobFinished(object.status)) continue;
          for (const pod of pods.byIndex(CONTROLLER_INDEX, object.metadata.uid)) {
            if (isTracked(pod)) enqueue(keyOf(pod.metadata));
          }
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const pod = pods.get(key);
      if (!pod || !isTracked(pod)) return;
      if (isCounted(cachedOwner(pod)) || (await hasCountingOwner(client, pod, signal))) return;
      await release(client, pod, signal);
    },
  };
}

/** Whether somebody still counts the pods of the job. */
function isCounted(job: Job | undefined): boolean {
  return job !== undefined && (isManagedElsewhere(job) || !isJobFinished(job.status));
}

/** As the API server has it: a job that somebody else runs may not have come here yet. */
async function hasCountingOwner(client: Client, pod: Pod, signal: AbortSignal): Promise<boolean> {
  const owner = controllerOf(pod);
  if (!owner) return false;
  if (!refersTo(owner, Job)) return true; // Whoever that is, it is theirs.
  try {
    const job = await client.get(Job, { namespace: pod.metadata.namespace, name: owner.name }, { signal });
    return job.metadata.uid === owner.uid && isCounted(job);
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return false;
    throw error;
  }
}

/** Only as it was seen: a job that adopts the pod meanwhile counts it. */
async function release(client: Client, pod: Pod, signal: AbortSignal): Promise<void> {
  const { uid, resourceVersion } = pod.metadata;
  const body = { metadata: { uid, resourceVersion, ...withoutFinalizer(TRACKING_FINALIZER) } };
  try {
    await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
