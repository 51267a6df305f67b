// Who has a place on the node, and how much of it: takes pods in or turns them away, ends some for a critical one, and lets
// those that ask for other resources have them as soon as there is room. Upstream: pkg/kubelet/allocation.

import type { Pod } from '../api/core/pod.ts';
import type { Admission, Refusal } from './admission/admit-pod.ts';
import { requestOf } from './admission/room.ts';
import type { PodEvents } from './pod-parts.ts';
import { isEnding, type PodRecord } from './pod-record.ts';
import { qosClass } from './qos.ts';
import { allocationOf } from './resize/allocation.ts';
import type { Allocations } from './resize/allocations.ts';
import { resizePending, resizeStarted } from './resize/resize-messages.ts';

export interface PodAdmission {
  /** Whether the node takes the pod beside the others. */
  admit(pod: Pod, others: readonly Pod[]): Admission;
  /** Whether it can have what it asks for now. */
  resize(pod: Pod, others: readonly Pod[]): Admission;
  /**
   * Gets the pod what is handed out by others, one by one (devices), before anything is made of it; resolves with why it
   * cannot have it. May be repeated. Absent: there is nothing such on the node.
   */
  equip?(pod: Pod, signal: AbortSignal): Promise<Refusal | undefined>;
}

export interface PodPlacesDeps {
  readonly records: () => Iterable<PodRecord>;
  readonly admission: PodAdmission;
  readonly allocations: Allocations;
  readonly events: PodEvents;
  readonly clock: { now(): number };
  /** Something has changed for the pod. */
  readonly wake: (uid: string) => void;
  /** The pod is to end: what is being done for it is in the way. */
  readonly end: (uid: string) => void;
}

const PREEMPTED = { reason: 'Preempting', message: 'Preempted in order to admit critical pod' };

export class PodPlaces {
  readonly #deps: PodPlacesDeps;

  constructor(deps: PodPlacesDeps) {
    this.#deps = deps;
  }

  /** Of a pod that the agent has not seen before. One that is over or turned away has no place. */
  take(record: PodRecord): void {
    const { admission, allocations } = this.#deps;
    const { declared } = record;
    if (isOver(declared)) return;
    const pod = allocations.applied(declared);
    // What is to end keeps its place until it has ended.
    const outcome = isEnding(record) ? { preempt: [] } : admission.admit(pod, this.#others(record));
    if ('refusal' in outcome) {
      this.#turnAway(record, outcome.refusal);
      return;
    }
    record.pod = pod;
    record.admitted = true;
    if (!allocations.has(pod.metadata.uid)) this.#allocate(pod);
    this.#preempt(outcome.preempt, record);
  }

  /** Of a pod that has its place, and of which nothing has been made yet: it may have to leave it again. */
  async equip(record: PodRecord, signal: AbortSignal): Promise<void> {
    const refusal = await this.#deps.admission.equip?.(record.pod, signal);
    if (!refusal) return;
    this.#turnAway(record, refusal);
    this.released(record.pod.metadata.uid);
  }

  #turnAway(record: PodRecord, { reason, message }: Refusal): void {
    this.#deps.events.pod(record.declared, 'Warning', reason, message);
    record.admitted = false;
    record.verdict = { reason, message: `Pod was rejected: ${message}` };
  }

  /** Of one that runs already although nothing has been written down of it, what it runs with is taken from its status. */
  #allocate(pod: Pod): void {
    const { allocations } = this.#deps;
    const { uid } = pod.metadata;
    const { containerStatuses = [], initContainerStatuses = [], resources } = pod.status;
    allocations.allocate(uid, allocationOf(pod));
    for (const status of [...initContainerStatuses, ...containerStatuses]) {
      if (status.state?.running && status.resources) allocations.actuate(uid, status.name, status.resources);
    }
    if (resources) allocations.actuatePod(uid, resources);
  }

  /** Of a newer version of a pod: it goes on with what it has been given until it is given something else. */
  update(record: PodRecord, declared: Pod): void {
    record.declared = declared;
    record.pod = record.admitted ? this.#deps.allocations.applied(declared) : declared;
    if (record.pod === declared) record.resize.pending = undefined;
  }

  /** Whether the pod has to wait until those have ended that make room for it. */
  isWaiting({ waitsFor }: PodRecord): boolean {
    return waitsFor.size > 0;
  }

  /** The pod uses nothing of the node any more. */
  released(uid: string): void {
    for (const record of this.#deps.records()) {
      if (record.waitsFor.delete(uid) && record.waitsFor.size === 0) this.#deps.wake(record.pod.metadata.uid);
    }
    this.review();
  }

  /** Looks at all who ask for something else than they have: some of them may have it now. */
  review(): void {
    for (const record of this.#waitingForResize()) this.#review(record);
  }

  #review(record: PodRecord): void {
    const { admission, allocations, events, wake, clock } = this.#deps;
    const { declared, resize } = record;
    const { uid, generation = 0 } = declared.metadata;
    const outcome = admission.resize(declared, this.#others(record));
    if ('preempt' in outcome && outcome.preempt.length === 0) {
      allocations.allocate(uid, allocationOf(declared));
      record.pod = declared;
      resize.pending = undefined;
      resize.inProgress = { generation, error: undefined };
      events.pod(declared, 'Normal', 'ResizeStarted', resizeStarted(declared));
      wake(uid);
      return;
    }
    if ('preempt' in outcome) this.#preempt(outcome.preempt, undefined);
    const { reason, message } = 'refusal' in outcome ? outcome.refusal : { reason: 'Deferred', message: PREEMPTING };
    const before = resize.pending;
    if (before?.reason === reason && before.message === message && before.generation === generation) return;
    resize.pending = { reason, message, generation, sinceMs: before?.sinceMs ?? clock.now() };
    const type = reason === 'Infeasible' ? 'ResizeInfeasible' : 'ResizeDeferred';
    events.pod(declared, 'Warning', type, resizePending(declared, reason, message));
    wake(uid);
  }

  #preempt(victims: readonly Pod[], waiting: PodRecord | undefined): void {
    const uids = new Set(victims.map(({ metadata }) => metadata.uid));
    for (const record of this.#deps.records()) {
      const { uid } = record.pod.metadata;
      if (!uids.has(uid)) continue;
      waiting?.waitsFor.add(uid);
      if (isEnding(record)) continue;
      this.#deps.events.pod(record.pod, 'Warning', PREEMPTED.reason, PREEMPTED.message);
      record.verdict = PREEMPTED;
      this.#deps.end(uid);
    }
  }

  /** Those that have a place, with what they have been given. */
  #others(except: PodRecord): readonly Pod[] {
    const others: Pod[] = [];
    for (const record of this.#deps.records()) {
      if (record !== except && record.admitted && !record.released) others.push(record.pod);
    }
    return others;
  }

  /** One that can never have what it asks for is asked no more until it asks for something else. */
  #waitingForResize(): readonly PodRecord[] {
    const waiting: PodRecord[] = [];
    for (const record of this.#deps.records()) {
      const { pod, declared, admitted, released, resize } = record;
      if (!admitted || released || pod === declared || isEnding(record)) continue;
      const isHopeless =
        resize.pending?.reason === 'Infeasible' && resize.pending.generation === generationOf(declared);
      if (!isHopeless) waiting.push(record);
    }
    return waiting.sort(firstServed);
  }
}

const PREEMPTING = 'Waiting for pods of lower priority to end';

function isOver({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

function generationOf({ metadata }: Pod): number {
  return metadata.generation ?? 0;
}

/** Who asks for no more than it has; then by priority; then who has guarantees; then who has waited longest. */
function firstServed(a: PodRecord, b: PodRecord): number {
  const ranks = (record: PodRecord) => [
    asksForMore(record) ? 1 : 0,
    -(record.declared.spec.priority ?? 0),
    qosClass(record.declared) === 'Guaranteed' ? 0 : 1,
    record.resize.pending?.sinceMs ?? Number.POSITIVE_INFINITY,
  ];
  const others = ranks(b);
  const differing = ranks(a).findIndex((rank, index) => rank !== others[index]);
  return differing < 0 ? 0 : ranks(a)[differing]! < others[differing]! ? -1 : 1;
}

function asksForMore({ pod, declared }: PodRecord): boolean {
  return ['cpu', 'memory'].some((resource) => requestOf(declared, resource) > requestOf(pod, resource));
}
