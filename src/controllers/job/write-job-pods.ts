// Starts, stops and lets go of the pods of a job, and says so in events.

import type { Job } from '../../api/batch/job.ts';
import { Pod } from '../../api/core/pod.ts';
import type { InputOf } from '../../api/kind.ts';
import { isStatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/message-of.ts';
import { type Client, refOf } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { withoutFinalizer } from '../claim-objects.ts';
import type { PendingWrites } from '../pending-writes.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';
import { slowStart } from '../slow-start.ts';
import { isTracked, TRACKING_FINALIZER } from './job-pods.ts';

export interface JobPodDeps {
  readonly client: Client;
  readonly events: EventRecorder;
  readonly pods: Informer<Pod>;
  readonly writes: PendingWrites;
  readonly signal: AbortSignal;
}

/** Answers how many were made, and the first failure that is worth another try. */
export async function startPods(
  { client, events, pods, writes, signal }: JobPodDeps,
  job: Job,
  inputs: readonly InputOf<typeof Pod>[],
): Promise<{ readonly started: number; readonly error: unknown }> {
  const { succeeded, error } = await slowStart(inputs.length, async (index) => {
    try {
      const pod = await client.create(Pod, inputs[index]!, { signal });
      writes.wrote(keyOf(job.metadata), pods, pod);
      events.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      if (!isNamespaceTerminating(error)) {
        events.event(job, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      }
      throw error;
    }
  });
  return { started: succeeded, error: isNamespaceTerminating(error) ? undefined : error };
}

/** Answers the pods that were told to stop. Those that are not to be `counted` go without their finalizer. */
export async function stopPods(
  deps: JobPodDeps,
  job: Job,
  active: readonly Pod[],
  { counted }: { readonly counted: boolean },
): Promise<{ readonly stopped: readonly Pod[]; readonly error: unknown }> {
  const { client, events, pods, writes, signal } = deps;
  const stopped: Pod[] = [];
  const { error } = await slowStart(active.length, async (index) => {
    const pod = active[index]!;
    const { uid, name } = pod.metadata;
    try {
      if (!counted) await releasePod(deps, job, pod);
      await client.delete(Pod, refOf(pod), { preconditions: { uid }, signal });
      writes.deleted(keyOf(job.metadata), pods, pod);
      events.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      // Conflict: another pod has the name by now.
      if (!isStatusError(error, 'NotFound', 'Conflict')) {
        events.event(job, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
        throw error;
      }
    }
    stopped.push(pod);
  });
  return { stopped, error };
}

/** Takes the finalizer of pods away. Answers the uids of those that are without it. */
export async function releasePods(
  deps: JobPodDeps,
  job: Job,
  pods: readonly Pod[],
): Promise<{ readonly released: ReadonlySet<string>; readonly error: unknown }> {
  const released = new Set<string>();
  const { error } = await slowStart(pods.length, async (index) => {
    const pod = pods[index]!;
    await releasePod(deps, job, pod);
    released.add(pod.metadata.uid);
  });
  return { released, error };
}

async function releasePod({ client, pods, writes, signal }: JobPodDeps, job: Job, pod: Pod): Promise<void> {
  if (!isTracked(pod)) return;
  const body = { metadata: { uid: pod.metadata.uid, ...withoutFinalizer(TRACKING_FINALIZER) } };
  try {
    const changed = await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { signal });
    writes.wrote(keyOf(job.metadata), pods, changed);
  } catch (error) {
    // Invalid: a patch that names another uid.
    if (!isStatusError(error, 'NotFound', 'Invalid')) throw error;
  }
}
