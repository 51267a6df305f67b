// DefaultPreemption: when a pod fits nowhere, pods of lower priority leave a node for it (victims.ts says which). The
// node is kept for the pod while they go; it is scheduled in a later cycle, once they have gone (KEP 4832).

import { Pod } from '../../api/core/pod.ts';
import { PodDisruptionBudget } from '../../api/policy/pod-disruption-budget.ts';
import { isStatusError } from '../../api/status-error.ts';
import { formatTime } from '../../api/time.ts';
import { refOf } from '../../client/client.ts';
import { referenceTo } from '../../client/event-recorder.ts';
import type { CycleState, Handle, Plugin, PostFilterResult, Status } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { fitMessage, NodeStatuses, newDiagnosis } from '../node-statuses.ts';
import { type PodInfo, podKey } from '../pod-info.ts';
import { type Candidate, leastHarmful, selectVictims } from '../victims.ts';

const NAME = 'DefaultPreemption';

export interface DefaultPreemptionArgs {
  /** How many nodes are worked out before the best of them is taken: at least this part of those that may help … */
  readonly minCandidateNodesPercentage?: number;
  /** … and at least so many. */
  readonly minCandidateNodesAbsolute?: number;
}

const turnedDown = (reason: string): Status => ({ code: 'Unschedulable', reasons: [reason], plugin: NAME });
const WAITING: Status = {
  code: 'UnschedulableAndUnresolvable',
  reasons: ['waiting for the preemption for this pod to be finished'],
  plugin: NAME,
};

export function defaultPreemption(handle: Handle, args: unknown): Plugin {
  const preemption = new Preemption(handle, (args ?? {}) as DefaultPreemptionArgs);
  return {
    name: NAME,
    // A pod that waits here was turned down by another plugin too, and that one knows which deletion helps.
    events: () => [{ resources: ['AssignedPod'], actions: ['Delete'], hint: () => false }],
    preEnqueue: ({ uid }) => (preemption.isUnderWay(uid) ? WAITING : undefined),
    async postFilter(state, pod, statuses, signal) {
      const result = await preemption.preempt(state, pod, statuses, signal);
      if (!result.status) return result;
      const reasons = [`preemption: ${result.status.reasons.join(', ')}`];
      return { ...result, status: { ...result.status, reasons } };
    },
  };
}

class Preemption {
  readonly #handle: Handle;
  readonly #args: DefaultPreemptionArgs;
  readonly #pods;
  readonly #budgets;
  /** Preemptors whose victims are being told, with the last of these once it is the only one left. */
  readonly #underWay = new Map<string, PodInfo | undefined>();

  constructor(handle: Handle, args: DefaultPreemptionArgs) {
    this.#handle = handle;
    this.#args = args;
    this.#pods = handle.informers.informer(Pod);
    this.#budgets = handle.informers.informer(PodDisruptionBudget);
  }

  /**
   * Whether victims are still to be told. When only the last is left and it is seen going, the pod may go on: the event
   * of its end may come before the answer to its deletion, and would otherwise be missed.
   */
  isUnderWay(uid: string): boolean {
    if (!this.#underWay.has(uid)) return false;
    const last = this.#underWay.get(uid);
    if (!last) return true;
    const seen = this.#pods.get(last.pod.metadata);
    return seen?.metadata.uid === last.uid && seen.metadata.deletionTimestamp === undefined;
  }

  async preempt(
    state: CycleState,
    info: PodInfo,
    statuses: NodeStatuses,
    signal: AbortSignal,
  ): Promise<PostFilterResult> {
    const pod = this.#pods.get(info.pod.metadata);
    if (!pod) throw new Error(`pod ${podKey(info.pod)} has gone`);
    const reason = this.#whyNot(pod, info, statuses);
    if (reason !== undefined) return { status: turnedDown(reason) };

    const { nodes } = this.#handle.snapshot();
    const potential = nodes.filter(({ name }) => statuses.codeOf(name) === 'Unschedulable');
    const { candidates, reasons } = await this.#findCandidates(state, info, potential, signal);
    if (candidates.length === 0) {
      const failed = [...reasons.values()].find(({ code }) => code === 'Error');
      if (failed) return { status: failed };
      const diagnosis = { ...newDiagnosis(nodes.length), statuses: reasons };
      return { status: turnedDown(fitMessage(diagnosis)), nominatedNodeName: '' };
    }
    const best = leastHarmful(candidates, this.#handle.clock.now());
    if (!best) return { status: turnedDown('no candidate node for preemption') };
    this.#evict(best, info);
    return { nominatedNodeName: best.nodeName };
  }

  /** Why the pod may not preempt others. */
  #whyNot(pod: Pod, info: PodInfo, statuses: NodeStatuses): string | undefined {
    if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
    const nominated = pod.status.nominatedNodeName ?? '';
    // What was freed for it there does not help any more: it may look for another node.
    if (nominated === '' || statuses.codeOf(nominated) === 'UnschedulableAndUnresolvable') return undefined;
    const isLeaving = (other: PodInfo) => other.priority < info.priority && isBeingPreempted(other.pod);
    return this.#handle.snapshot().get(nominated)?.pods.some(isLeaving)
      ? 'not eligible due to a terminating pod on the nominated node.'
      : undefined;
  }

  /** Tries nodes from a random one on, until there is enough to choose from. */
  async #findCandidates(
    state: CycleState,
    info: PodInfo,
    nodes: readonly NodeInfo[],
    signal: AbortSignal,
  ): Promise<{ readonly candidates: readonly Candidate[]; readonly reasons: NodeStatuses }> {
    const { random, clock } = this.#handle;
    const { minCandidateNodesPercentage = 10, minCandidateNodesAbsolute = 100 } = this.#args;
    const wanted = Math.max(minCandidateNodesAbsolute, Math.trunc((nodes.length * minCandidateNodesPercentage) / 100));
    const budgets = this.#budgets.list();
    const start = Math.floor(random.next() * nodes.length);
    const candidates: Candidate[] = [];
    const reasons = new NodeStatuses();
    reasons.absent = {
      code: 'UnschedulableAndUnresolvable',
      reasons: ['Preemption is not helpful for scheduling'],
      plugin: NAME,
    };
    for (let i = 0; i < nodes.length; i++) {
      if (candidates.length >= wanted && candidates.some(({ violations }) => violations === 0)) break;
      const node = nodes[(start + i) % nodes.length] as NodeInfo;
      const result = selectVictims(this.#handle, state.clone(), info, node.clone(), budgets, clock.now());
      if ('nodeName' in result) candidates.push(result);
      else reasons.set(node.name, result);
      await this.#handle.breathe();
      signal.throwIfAborted();
    }
    return { candidates, reasons };
  }

  /** In the background: the pod is kept out of the active queue meanwhile (preEnqueue). */
  #evict({ nodeName, victims }: Candidate, preemptor: PodInfo): void {
    const { nominatedPods, clearNomination, activate, background, log } = this.#handle;
    // They may not fit any more, and should look for another place now rather than later.
    for (const other of nominatedPods.on(nodeName)) if (other.priority < preemptor.priority) clearNomination(other);
    const staying = victims.filter(({ pod }) => !pod.metadata.deletionTimestamp);
    const last = staying.at(-1);
    if (!last) return;
    this.#underWay.set(preemptor.uid, undefined);
    background(async (signal) => {
      try {
        await Promise.all(staying.slice(0, -1).map((victim) => this.#evictOne(victim, preemptor, nodeName, signal)));
        this.#underWay.set(preemptor.uid, last);
        await this.#evictOne(last, preemptor, nodeName, signal);
        this.#underWay.delete(preemptor.uid);
      } catch (error) {
        this.#underWay.delete(preemptor.uid);
        if (signal.aborted) return;
        log.error('a pod could not be evicted for another', { preemptor: podKey(preemptor.pod), error });
        // No event is going to come for it.
        activate([preemptor]);
      }
    });
  }

  async #evictOne(victim: PodInfo, preemptor: PodInfo, nodeName: string, signal: AbortSignal): Promise<void> {
    const { client, clock, waitingPods, events } = this.#handle;
    const { pod, uid } = victim;
    if (!waitingPods.reject(uid, NAME, 'preempted')) {
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: `${preemptor.pod.spec.schedulerName}: preempting to accommodate a higher priority pod`,
        observedGeneration: pod.metadata.generation,
        lastTransitionTime: formatTime(clock.now()),
      };
      const body = { metadata: { uid }, status: { conditions: [condition] } };
      try {
        await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
        await client.delete(Pod, refOf(pod), { preconditions: { uid }, signal });
      } catch (error) {
        // It has gone by itself.
        if (isStatusError(error, 'NotFound', 'Conflict')) return;
        throw error;
      }
    }
    const message = `Preempted by pod ${preemptor.uid} on node ${nodeName}`;
    events.event(pod, 'Normal', 'Preempted', message, { action: 'Preempting', related: referenceTo(preemptor.pod) });
  }
}

function isBeingPreempted({ metadata, status }: Pod): boolean {
  const condition = status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return (
    metadata.deletionTimestamp !== undefined &&
    condition?.status === 'True' &&
    condition.reason === 'PreemptionByScheduler'
  );
}
