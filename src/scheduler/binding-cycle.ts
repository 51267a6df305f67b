// The binding cycle: once permitted, a pod that is assumed to be on its node is bound there. If that fails, the place is
// given back and the pod goes back to the queue. Upstream: bindingCycle and handleBindingCycleError.

import type { CycleState, Status } from './framework.ts';
import { type PodInfo, podKey } from './pod-info.ts';
import { PluginError, type Profile } from './profile.ts';
import type { QueuedPod } from './queued-pod.ts';
import type { SchedulingCore } from './scheduling-core.ts';
import { type Failure, failureOf, handleFailure, turnedDownOn } from './scheduling-failure.ts';

export interface AssumedPod {
  readonly profile: Profile;
  readonly state: CycleState;
  readonly queued: QueuedPod;
  /** The pod with its node's name. */
  readonly assumed: PodInfo;
  readonly nodeName: string;
}

/** Goes on in the background. At most so many are bound at a time; those that wait for permission or volumes do not count. */
export function startBinding(core: SchedulingCore, placed: AssumedPod, signal: AbortSignal): void {
  core.background.start(async () => {
    let failure: Failure | undefined;
    try {
      failure = await permitAndBind(core, placed, signal);
    } catch (error) {
      failure = failureOf(error);
    }
    if (failure) giveBack(core, placed, failure, signal);
  });
}

async function permitAndBind(
  core: SchedulingCore,
  placed: AssumedPod,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const { profile, state, assumed, nodeName, queued } = placed;
  const { uid, pod } = assumed;
  const turnedDown = await core.waitingPods.get(uid)?.decision;
  if (turnedDown) return turnedDownOn(nodeName, turnedDown);

  // From here on a failure says nothing about where the pod fits, so what happens meanwhile need not be remembered.
  core.queue.done(uid);
  throwUnlessSuccess('PreBind', await profile.preBind(state, assumed, nodeName, signal));
  await core.background.withSlot(async () => {
    throwUnlessSuccess('Bind', await profile.bind(state, assumed, nodeName, signal));
  });
  const message = `Successfully assigned ${podKey(pod)} to ${nodeName}`;
  core.events.event(pod, 'Normal', 'Scheduled', message, { action: 'Binding' });
  const { attempts, firstSeenMs } = queued;
  core.observer.bound?.(assumed, { nodeName, attempts, waitedMs: core.clock.now() - firstSeenMs });
  profile.postBind(state, assumed, nodeName);
  core.queue.activate(state.podsToActivate);
  return undefined;
}

function throwUnlessSuccess(point: string, status: Status | undefined): void {
  if (status) throw new PluginError(status.plugin, point, status.error ?? status.reasons.join(', '));
}

/** Undoes the assumption. To other pods it is as if this one had been deleted from the node. */
function giveBack(core: SchedulingCore, placed: AssumedPod, failure: Failure, signal: AbortSignal): void {
  const { profile, state, queued, assumed, nodeName } = placed;
  profile.unreserve(state, assumed, nodeName);
  const wasAssumed = core.cache.forget(assumed.uid);
  // The scheduler stops, and there is nothing to tell. If the binding was done all the same, the informers show it.
  if (signal.aborted) {
    core.queue.putBack(queued);
    return;
  }
  const tellOthers = (only?: (pod: PodInfo) => boolean) => {
    if (wasAssumed) core.queue.move({ resource: 'AssignedPod', action: 'Delete' }, assumed.pod, undefined, only);
  };
  if (failure.reason === 'Unschedulable') {
    // Not to the pod itself, whose own place this was.
    handleFailure(core, queued, failure);
    tellOthers(({ uid }) => uid !== assumed.uid);
  } else {
    tellOthers();
    handleFailure(core, queued, failure);
  }
}
