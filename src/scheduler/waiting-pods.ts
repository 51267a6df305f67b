// Pods whose binding waits for the word of permit plugins. All that asked to wait must allow it; one rejection, or the
// end of the time of one, is enough to turn the pod down.

import type { Clock } from '../base/clock.ts';
import type { PermitStatus, Status } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

const DEFAULT_TIMEOUT_MS = 15 * 60_000;

export class WaitingPod {
  readonly info: PodInfo;
  readonly nodeName: string;
  /** Settles once: undefined when all have allowed it. */
  readonly decision: Promise<Status | undefined>;
  readonly #pending = new Map<string, Disposable>();
  readonly #decide: (status: Status | undefined) => void;

  constructor(clock: Clock, info: PodInfo, nodeName: string, waits: readonly PermitStatus[]) {
    this.info = info;
    this.nodeName = nodeName;
    const { promise, resolve } = Promise.withResolvers<Status | undefined>();
    this.decision = promise;
    this.#decide = resolve;
    for (const { plugin, timeoutMs = DEFAULT_TIMEOUT_MS } of waits) {
      const onTimeout = () =>
        this.reject(plugin, `rejected due to timeout after waiting ${timeoutMs / 1000}s at plugin ${plugin}`);
      this.#pending.set(plugin, clock.after(timeoutMs, onTimeout));
    }
  }

  get pendingPlugins(): readonly string[] {
    return [...this.#pending.keys()];
  }

  allow(plugin: string): void {
    this.#pending.get(plugin)?.[Symbol.dispose]();
    this.#pending.delete(plugin);
    if (this.#pending.size === 0) this.#decide(undefined);
  }

  reject(plugin: string, reason: string): void {
    for (const timer of this.#pending.values()) timer[Symbol.dispose]();
    this.#pending.clear();
    this.#decide({ code: 'Unschedulable', reasons: [reason], plugin });
  }
}

export class WaitingPods {
  readonly #pods = new Map<string, WaitingPod>();

  get(uid: string): WaitingPod | undefined {
    return this.#pods.get(uid);
  }

  values(): Iterable<WaitingPod> {
    return this.#pods.values();
  }

  /** Remembers the pod for as long as its decision is open. */
  add(waiting: WaitingPod): void {
    const { uid } = waiting.info;
    this.#pods.set(uid, waiting);
    waiting.decision.then(() => this.#pods.delete(uid));
  }

  rejectAll(reason: string): void {
    for (const waiting of this.#pods.values()) waiting.reject('', reason);
  }

  /** False if the pod does not wait. */
  reject(uid: string, plugin: string, reason: string): boolean {
    const waiting = this.#pods.get(uid);
    waiting?.reject(plugin, reason);
    return waiting !== undefined;
  }
}
