// The pods that wait to be scheduled. Active ones are next, in order of priority; those that were turned down wait for an
// event that concerns the plugins that did, then for their backoff; gated ones wait for a plugin to let them in.
// Upstream: pkg/scheduler/backend/queue, with queueing hints (KEP 4247) and popping from backoff (KEP 5142).

import type { Pod } from '../api/core/pod.ts';
import type { Clock } from '../base/clock.ts';
import { KeyedHeap } from '../base/keyed-heap.ts';
import type { Logger } from '../base/log.ts';
import { nextTurn } from '../base/under-way.ts';
import { BackoffQueue } from './backoff-queue.ts';
import { podEvents, type QueueEvent, type QueueingHint, WILDCARD } from './cluster-event.ts';
import type { Status } from './framework.ts';
import { InFlight } from './in-flight.ts';
import { Nominations } from './nominations.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';
import { type QueuedPod, schedulerNameOf, wasRejected } from './queued-pod.ts';
import { UnschedulablePods } from './unschedulable-pods.ts';

/** What the queue asks of a profile. */
export interface QueueProfile {
  compare(a: QueuedPod, b: QueuedPod): number;
  preEnqueue(pod: PodInfo, gatingPlugin: string | undefined): Status | undefined;
  /** The plugins that care for the event. */
  hintsFor(event: QueueEvent): readonly { readonly plugin: string; readonly hint: QueueingHint | undefined }[];
}

export interface QueueOptions {
  readonly initialBackoffMs?: number;
  readonly maxBackoffMs?: number;
  /** A pod that no event moved for so long is tried all the same. */
  readonly maxUnschedulableMs?: number;
}

export interface QueueDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** By scheduler name. May be filled after the queue was made, but before the first pod comes. */
  readonly profiles: ReadonlyMap<string, QueueProfile>;
}

const FLUSH_INTERVAL_MS = 30_000;
/** How many pods are looked at in one turn of the event loop: a few milliseconds' worth. */
const SLICE = 1000;

type Strategy = 'skip' | 'after backoff' | 'immediately';
type Place = 'active' | 'backoff' | 'unschedulable';

export class SchedulingQueue implements Disposable {
  readonly nominations = new Nominations();
  readonly #deps: QueueDeps;
  readonly #maxUnschedulableMs: number;
  readonly #active: KeyedHeap<QueuedPod>;
  readonly #backoff: BackoffQueue;
  readonly #unschedulable = new UnschedulablePods();
  readonly #inFlight = new InFlight();
  #order = 0;
  #isClosed = false;
  #wake: (() => void) | undefined;
  #flushTimer: Disposable | undefined;

  constructor(deps: QueueDeps, options: QueueOptions = {}) {
    this.#deps = deps;
    this.#maxUnschedulableMs = options.maxUnschedulableMs ?? 300_000;
    // All profiles order pods alike, since all pods are in one queue.
    const compare = (a: QueuedPod, b: QueuedPod) => this.#profileOf(a)?.compare(a, b) || a.order - b.order;
    const limits = { initialMs: options.initialBackoffMs ?? 1000, maxMs: options.maxBackoffMs ?? 10_000 };
    this.#active = new KeyedHeap(({ info }) => info.uid, compare);
    this.#backoff = new BackoffQueue(deps.clock, limits, compare, (queued) => {
      this.#active.set(queued);
      this.#wake?.();
    });
  }

  get sizes(): {
    readonly active: number;
    readonly backoff: number;
    readonly unschedulable: number;
    readonly gated: number;
  } {
    const gated = this.#unschedulable.gatedCount;
    return {
      active: this.#active.size,
      backoff: this.#backoff.size,
      unschedulable: this.#unschedulable.size - gated,
      gated,
    };
  }

  /** Where a pod is; for tests and for people who look into a running scheduler. */
  placeOf(uid: string): Place | 'in flight' | undefined {
    if (this.#active.get(uid)) return 'active';
    if (this.#backoff.get(uid)) return 'backoff';
    if (this.#unschedulable.get(uid)) return 'unschedulable';
    return this.#inFlight.has(uid) ? 'in flight' : undefined;
  }

  /** A pod that is new. */
  add(pod: Pod): void {
    const info = podInfoOf(pod);
    this.nominations.set(info, pod.status.nominatedNodeName ?? '');
    this.#toActive(this.#newEntry(info));
  }

  /** A new version of a pod, which may be just what makes it schedulable. */
  update(oldPod: Pod, newPod: Pod): void {
    const uid = newPod.metadata.uid;
    const events = podEvents('TargetPod', oldPod, newPod);
    if (this.#inFlight.has(uid)) {
      for (const event of events) this.#inFlight.record(event, oldPod, newPod);
      return;
    }
    const info = podInfoOf(newPod);
    this.nominations.update(oldPod, info);
    for (const heap of [this.#active, this.#backoff]) {
      const queued = heap.get(uid);
      if (!queued) continue;
      queued.info = info;
      heap.set(queued);
      return;
    }
    const waiting = this.#unschedulable.get(uid);
    if (!waiting) {
      this.#toActive(this.#newEntry(info));
      return;
    }
    waiting.info = info;
    for (const event of events) {
      if (this.#requeue(waiting, this.#strategy(waiting, event, oldPod, newPod)) !== 'unschedulable') return;
    }
  }

  /** The pod has gone, or was bound. */
  delete(uid: string): void {
    this.nominations.delete(uid);
    this.#active.delete(uid);
    this.#backoff.delete(uid);
    this.#unschedulable.delete(uid);
  }

  /** Takes the next pod, if there is one; `done` or `putBack` ends its flight. */
  pop(): QueuedPod | undefined {
    const queued = this.#active.pop() ?? this.#backoff.pop();
    if (!queued) return undefined;
    queued.attempts++;
    queued.unschedulablePlugins = new Set();
    queued.pendingPlugins = new Set();
    queued.gatingPlugin = undefined;
    this.#inFlight.start(queued.info.uid);
    return queued;
  }

  /** Resolves when `pop` has something to give. */
  async ready(signal: AbortSignal): Promise<void> {
    while (this.#active.size === 0 && !this.#backoff.canPop) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal.removeEventListener('abort', wake);
          this.#wake = undefined;
          resolve();
        };
        signal.addEventListener('abort', wake, { once: true });
        this.#wake = wake;
      });
    }
  }

  /** The attempt is over and the pod does not come back. */
  done(uid: string): void {
    this.#inFlight.done(uid);
  }

  /**
   * A pod that was taken and could not be placed comes back: to where it waits for an event, unless one that concerns it
   * has come meanwhile.
   */
  putBack(queued: QueuedPod): void {
    const { uid } = queued.info;
    try {
      const place = this.placeOf(uid);
      if (place !== undefined && place !== 'in flight') return;
      if (wasRejected(queued)) {
        queued.unschedulableCount++;
        queued.consecutiveErrors = 0;
      } else {
        queued.consecutiveErrors++;
      }
      queued.timestampMs = this.#deps.clock.now();
      this.#requeue(queued, this.#strategyForInFlight(queued));
    } finally {
      this.done(uid);
    }
  }

  /**
   * Something happened in the cluster: pods that it may help move on. `only` leaves out pods beforehand. Where very many
   * wait, some move in later turns of the event loop.
   */
  move(event: QueueEvent, oldObject: unknown, newObject: unknown, only?: (pod: PodInfo) => boolean): void {
    const plugins = this.#concerned(event);
    if (plugins?.size === 0) return;
    this.#inFlight.record(event, oldObject, newObject);
    this.#forEachInSlices(this.#unschedulable.rejectedBy(plugins), (queued) => {
      if (only && !only(queued.info)) return;
      if (queued.gatingPlugin !== undefined && !this.#concernsGate(queued, event)) return;
      const strategy = this.#strategy(queued, event, oldObject, newObject);
      if (strategy !== 'skip') this.#requeue(queued, strategy);
    });
  }

  /** Tries the pods again now. One that is in flight is tried again should it come back. */
  activate(pods: Iterable<PodInfo>): void {
    for (const { uid, pod } of pods) {
      const queued = this.#unschedulable.get(uid) ?? this.#backoff.get(uid);
      if (queued) this.#toActive(queued);
      else if (this.#inFlight.has(uid)) this.#inFlight.record(WILDCARD, undefined, pod);
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#backoff[Symbol.dispose]();
    this.#flushTimer?.[Symbol.dispose]();
  }

  /** Passes over pods that are not unschedulable any more when their turn comes. */
  #forEachInSlices(waiting: readonly QueuedPod[], visit: (queued: QueuedPod) => void): void {
    if (this.#isClosed) return;
    for (const queued of waiting.slice(0, SLICE)) {
      if (this.#unschedulable.get(queued.info.uid) === queued) visit(queued);
    }
    if (waiting.length <= SLICE) return;
    nextTurn()
      .then(() => this.#forEachInSlices(waiting.slice(SLICE), visit))
      .catch((error: unknown) => this.#deps.log.error('waiting pods could not be moved', { error }));
  }

  #newEntry(info: PodInfo): QueuedPod {
    const now = this.#deps.clock.now();
    return {
      info,
      timestampMs: now,
      firstSeenMs: now,
      backoffEndMs: 0,
      order: this.#order++,
      attempts: 0,
      unschedulableCount: 0,
      consecutiveErrors: 0,
      unschedulablePlugins: new Set(),
      pendingPlugins: new Set(),
      gatingPlugin: undefined,
    };
  }

  #profileOf(queued: QueuedPod): QueueProfile | undefined {
    return this.#deps.profiles.get(schedulerNameOf(queued));
  }

  #requeue(queued: QueuedPod, strategy: Strategy): Place {
    if (strategy === 'skip') return this.#toUnschedulable(queued);
    const mustWait = strategy === 'after backoff' && this.#backoff.begin(queued);
    return mustWait ? this.#toBackoff(queued) : this.#toActive(queued);
  }

  #toActive(queued: QueuedPod): Place {
    if (this.#isGated(queued)) return this.#toUnschedulable(queued);
    this.#leave(queued.info.uid);
    this.#active.set(queued);
    this.#wake?.();
    return 'active';
  }

  #toBackoff(queued: QueuedPod): Place {
    if (this.#isGated(queued)) return this.#toUnschedulable(queued);
    this.#leave(queued.info.uid);
    this.#backoff.set(queued);
    if (this.#backoff.canPop) this.#wake?.();
    return 'backoff';
  }

  #toUnschedulable(queued: QueuedPod): Place {
    this.#leave(queued.info.uid);
    this.#unschedulable.add(queued);
    this.#setFlushTimer();
    return 'unschedulable';
  }

  #leave(uid: string): void {
    this.#backoff.delete(uid);
    this.#unschedulable.delete(uid);
  }

  #isGated(queued: QueuedPod): boolean {
    const status = this.#profileOf(queued)?.preEnqueue(queued.info, queued.gatingPlugin);
    queued.gatingPlugin = status?.plugin;
    if (status) queued.unschedulablePlugins.add(status.plugin);
    return status !== undefined;
  }

  /** The plugins of any profile that care for the event; undefined stands for all. */
  #concerned(event: QueueEvent): ReadonlySet<string> | undefined {
    if (event === WILDCARD) return undefined;
    const plugins = new Set<string>();
    for (const profile of this.#deps.profiles.values()) {
      for (const { plugin } of profile.hintsFor(event)) plugins.add(plugin);
    }
    return plugins;
  }

  #concernsGate(queued: QueuedPod, event: QueueEvent): boolean {
    const hints = this.#profileOf(queued)?.hintsFor(event) ?? [];
    return hints.some(({ plugin }) => plugin === queued.gatingPlugin);
  }

  #strategy(queued: QueuedPod, event: QueueEvent, oldObject: unknown, newObject: unknown): Strategy {
    if (!wasRejected(queued)) return 'after backoff';
    if (event === WILDCARD) {
      // With an object, it is meant for that pod alone.
      return newObject === undefined || isPod(newObject, queued.info.uid) ? 'after backoff' : 'skip';
    }
    let strategy: Strategy = 'skip';
    for (const { plugin, hint } of this.#profileOf(queued)?.hintsFor(event) ?? []) {
      const isPending = queued.pendingPlugins.has(plugin);
      if (!isPending && (strategy === 'after backoff' || !queued.unschedulablePlugins.has(plugin))) continue;
      if (hint && !this.#ask(hint, queued, oldObject, newObject)) continue;
      if (isPending) return 'immediately';
      strategy = 'after backoff';
    }
    return strategy;
  }

  /** A hint that fails counts as yes: an attempt too many does no harm, a pod that is forgotten does. */
  #ask(hint: QueueingHint, queued: QueuedPod, oldObject: unknown, newObject: unknown): boolean {
    try {
      return hint(queued.info, oldObject, newObject);
    } catch (error) {
      this.#deps.log.error('a queueing hint failed', { pod: queued.info.pod.metadata.name, error });
      return true;
    }
  }

  #strategyForInFlight(queued: QueuedPod): Strategy {
    if (!wasRejected(queued)) return 'after backoff';
    let best: Strategy = 'skip';
    for (const { event, oldObject, newObject } of this.#inFlight.eventsSince(queued.info.uid)) {
      const strategy = this.#strategy(queued, event, oldObject, newObject);
      if (strategy === 'immediately') return strategy;
      if (strategy === 'after backoff') {
        best = strategy;
        if (queued.pendingPlugins.size === 0) break;
      }
    }
    return best;
  }

  /** Looks in now and then for pods that have waited too long, for as long as any pod waits. */
  #setFlushTimer(): void {
    this.#flushTimer ??= this.#deps.clock.after(FLUSH_INTERVAL_MS, () => {
      this.#flushTimer = undefined;
      const before = this.#deps.clock.now() - this.#maxUnschedulableMs;
      for (const queued of this.#unschedulable.rejectedBy(undefined)) {
        if (queued.timestampMs < before && queued.gatingPlugin === undefined) this.#requeue(queued, 'after backoff');
      }
      if (this.#unschedulable.size > 0) this.#setFlushTimer();
    });
  }
}

function isPod(object: unknown, uid: string): boolean {
  return (object as Pod).metadata.uid === uid;
}
