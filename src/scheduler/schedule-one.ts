// The scheduling cycle of one pod: find a node, hold the pod's place there in memory, and hand over to the binding cycle,
// which goes on while the next pod is being scheduled. Upstream: schedule_one.go.

import { startBinding } from './binding-cycle.ts';
import type { Placement } from './find-node.ts';
import { CycleState } from './framework.ts';
import type { Diagnosis } from './node-statuses.ts';
import { assumedOn, type PodInfo, podKey } from './pod-info.ts';
import type { Profile } from './profile.ts';
import { type QueuedPod, schedulerNameOf } from './queued-pod.ts';
import type { SchedulingCore } from './scheduling-core.ts';
import { type Failure, failureOf, handleFailure, rejection, turnedDownOn } from './scheduling-failure.ts';
import { WaitingPod } from './waiting-pods.ts';

/** Never throws: what goes wrong ends with the pod back in the queue. */
export async function scheduleOne(core: SchedulingCore, queued: QueuedPod, signal: AbortSignal): Promise<void> {
  const profile = core.profiles.get(schedulerNameOf(queued));
  const { info } = queued;
  if (!profile || shouldSkip(core, info)) return core.queue.done(info.uid);

  const startedAtMs = core.clock.elapsed();
  const state = new CycleState();
  let failure: Failure | undefined;
  try {
    core.cache.updateSnapshot(core.snapshot);
    const finding =
      core.snapshot.nodes.length === 0 ? undefined : core.finder.find(profile, state, info, core.snapshot);
    if (finding?.found) failure = reserve(core, profile, state, queued, finding.placement, signal);
    else if (finding) failure = await afterNoNodePassed(core, profile, state, info, finding.diagnosis, signal);
    else failure = noNodes(profile);
  } catch (error) {
    if (signal.aborted) return core.queue.putBack(queued);
    failure = failureOf(error);
  }
  const result = !failure ? 'scheduled' : failure.reason === 'Unschedulable' ? 'unschedulable' : 'error';
  core.observer.attempted?.(profile.schedulerName, result, core.clock.elapsed() - startedAtMs);
  if (failure) handleFailure(core, queued, failure);
}

/** A pod that is going, or that was updated in the queue while it was being placed. */
function shouldSkip({ cache, events }: SchedulingCore, { pod, uid }: PodInfo): boolean {
  if (pod.metadata.deletionTimestamp) {
    const message = `skip schedule deleting pod: ${podKey(pod)}`;
    events.event(pod, 'Warning', 'FailedScheduling', message, { action: 'Scheduling' });
    return true;
  }
  return cache.isAssumed(uid);
}

/**
 * Before the first node has joined there is nothing to try. The pod then waits for all plugins that care for new nodes:
 * so it is tried as soon as one comes that it may fit, where upstream lets it sit out its backoff.
 */
function noNodes(profile: Profile): Failure {
  return {
    reason: 'Unschedulable',
    message: 'no nodes available to schedule pods',
    unschedulablePlugins: new Set(profile.hintsFor({ resource: 'Node', action: 'Add' }).map(({ plugin }) => plugin)),
    pendingPlugins: new Set(),
    nominatedNodeName: '',
  };
}

/** Plugins may still make room, by preemption. */
async function afterNoNodePassed(
  { log }: SchedulingCore,
  profile: Profile,
  state: CycleState,
  info: PodInfo,
  diagnosis: Diagnosis,
  signal: AbortSignal,
): Promise<Failure> {
  if (!profile.hasPostFilters) return rejection(diagnosis, '');
  const result = await profile.postFilter(state, info, diagnosis.statuses, signal);
  diagnosis.postFilterMessage = result.status?.reasons.join(', ') ?? '';
  if (result.status?.code === 'Error') {
    log.error('making room for a pod failed', { pod: podKey(info.pod), error: result.status.error });
  }
  return rejection(diagnosis, result.nominatedNodeName);
}

/** Holds the place; on success the binding has been started. */
function reserve(
  core: SchedulingCore,
  profile: Profile,
  state: CycleState,
  queued: QueuedPod,
  { nodeName }: Placement,
  signal: AbortSignal,
): Failure | undefined {
  const assumed = assumedOn(queued.info, nodeName);
  const { uid } = assumed;
  core.cache.assume(assumed);
  core.queue.nominations.delete(uid);
  try {
    const turnedDown = profile.reserve(state, assumed, nodeName);
    const permit = turnedDown ? { status: turnedDown, waits: [] } : profile.permit(state, assumed, nodeName);
    if (permit.status) {
      release(core, profile, state, assumed, nodeName);
      return turnedDownOn(nodeName, permit.status);
    }
    if (permit.waits.length > 0) {
      core.waitingPods.add(new WaitingPod(core.clock, assumed, nodeName, permit.waits));
    }
  } catch (error) {
    release(core, profile, state, assumed, nodeName);
    throw error;
  }
  core.queue.activate(state.podsToActivate);
  state.podsToActivate.clear();
  startBinding(core, { profile, state, queued, assumed, nodeName }, signal);
  return undefined;
}

function release(core: SchedulingCore, profile: Profile, state: CycleState, assumed: PodInfo, nodeName: string): void {
  profile.unreserve(state, assumed, nodeName);
  core.cache.forget(assumed.uid);
}
