// Which pods are being scheduled, and what happened in the cluster since each was taken from the queue: an event that
// comes while a pod is being turned down may be the one it would have waited for. Upstream: active_queue.go.

import type { QueueEvent } from './cluster-event.ts';

export interface RecordedEvent {
  readonly event: QueueEvent;
  readonly oldObject: unknown;
  readonly newObject: unknown;
}

/** When more than this happens during one attempt, the attempt is simply repeated. */
const MAX_EVENTS = 10_000;
const TOO_MANY: readonly RecordedEvent[] = [{ event: '*', oldObject: undefined, newObject: undefined }];

export class InFlight {
  /** Where in the sequence of events each pod was taken; in that order, so that the first is the oldest. */
  readonly #pods = new Map<string, number>();
  #events: RecordedEvent[] = [];
  /** The position in the sequence of `#events[0]`. */
  #first = 0;
  /** Pods that were taken before this position have missed events. */
  #forgotten = 0;

  get size(): number {
    return this.#pods.size;
  }

  has(uid: string): boolean {
    return this.#pods.has(uid);
  }

  start(uid: string): void {
    this.#pods.set(uid, this.#first + this.#events.length);
  }

  record(event: QueueEvent, oldObject: unknown, newObject: unknown): void {
    if (this.#pods.size === 0) return;
    if (this.#events.length >= MAX_EVENTS) {
      this.#first += this.#events.length;
      this.#events = [];
      this.#forgotten = this.#first;
    }
    this.#events.push({ event, oldObject, newObject });
  }

  /** What happened since the pod was taken. */
  eventsSince(uid: string): readonly RecordedEvent[] {
    const start = this.#pods.get(uid);
    if (start === undefined || start < this.#forgotten) return TOO_MANY;
    return start === this.#first ? this.#events : this.#events.slice(start - this.#first);
  }

  /** The pod's attempt is over. Safe to call more than once. */
  done(uid: string): void {
    if (!this.#pods.delete(uid)) return;
    const oldest = this.#pods.values().next();
    const keepFrom = oldest.done ? this.#first + this.#events.length : Math.max(oldest.value, this.#first);
    if (keepFrom > this.#first) this.#events.splice(0, keepFrom - this.#first);
    this.#first = keepFrom;
  }
}
