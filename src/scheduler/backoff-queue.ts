// Pods that wait out their backoff before they are tried again: longer with each failure. Upstream: backoff_queue.go.

import type { Clock } from '../base/clock.ts';
import { KeyedHeap } from '../base/keyed-heap.ts';
import { type QueuedPod, wasRejected } from './queued-pod.ts';

export interface BackoffLimits {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Backoffs end on whole seconds, so that within one second priority decides and not who failed first. */
const ORDERING_WINDOW_MS = 1000;

export class BackoffQueue implements Disposable {
  readonly #clock: Clock;
  readonly #limits: BackoffLimits;
  readonly #onEnd: (queued: QueuedPod) => void;
  /** Of pods that were turned down: taken from before time when there is nothing else to do. */
  readonly #rejected: KeyedHeap<QueuedPod>;
  /** Of pods whose attempt failed: these wait their time out. */
  readonly #failed: KeyedHeap<QueuedPod>;
  #timer: (Disposable & { readonly at: number }) | undefined;

  /** `onEnd` gets each pod whose time is over, which has left this queue then. */
  constructor(
    clock: Clock,
    limits: BackoffLimits,
    compare: (a: QueuedPod, b: QueuedPod) => number,
    onEnd: (queued: QueuedPod) => void,
  ) {
    const byEnd = (a: QueuedPod, b: QueuedPod) => a.backoffEndMs - b.backoffEndMs || compare(a, b);
    this.#clock = clock;
    this.#limits = limits;
    this.#onEnd = onEnd;
    this.#rejected = new KeyedHeap(({ info }) => info.uid, byEnd);
    this.#failed = new KeyedHeap(({ info }) => info.uid, byEnd);
  }

  get size(): number {
    return this.#rejected.size + this.#failed.size;
  }

  /** Whether `pop` has something to give. */
  get canPop(): boolean {
    return this.#rejected.size > 0;
  }

  get(uid: string): QueuedPod | undefined {
    return this.#rejected.get(uid) ?? this.#failed.get(uid);
  }

  /** Sets when the pod's backoff ends; false if it is over, or the pod has none. */
  begin(queued: QueuedPod): boolean {
    const { consecutiveErrors, unschedulableCount, timestampMs } = queued;
    const failures = consecutiveErrors > 0 ? consecutiveErrors : unschedulableCount;
    if (failures === 0) return false;
    const end = timestampMs + Math.min(this.#limits.maxMs, this.#limits.initialMs * 2 ** (failures - 1));
    queued.backoffEndMs = end - (end % ORDERING_WINDOW_MS);
    return queued.backoffEndMs > this.#clock.now();
  }

  /** A pod whose backoff has begun, or one that is here and has changed. */
  set(queued: QueuedPod): void {
    (wasRejected(queued) ? this.#rejected : this.#failed).set(queued);
    this.#setTimer();
  }

  delete(uid: string): void {
    this.#rejected.delete(uid);
    this.#failed.delete(uid);
  }

  /** The pod that was turned down whose backoff ends next. */
  pop(): QueuedPod | undefined {
    return this.#rejected.pop();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #setTimer(): void {
    const never = Number.POSITIVE_INFINITY;
    const at = Math.min(this.#rejected.peek()?.backoffEndMs ?? never, this.#failed.peek()?.backoffEndMs ?? never);
    if (at === never || (this.#timer && this.#timer.at <= at)) return;
    this.#timer?.[Symbol.dispose]();
    const timer = this.#clock.after(at - this.#clock.now(), () => {
      this.#timer = undefined;
      this.#flush();
    });
    this.#timer = { at, [Symbol.dispose]: () => timer[Symbol.dispose]() };
  }

  #flush(): void {
    const now = this.#clock.now();
    for (const heap of [this.#rejected, this.#failed]) {
      for (let next = heap.peek(); next && next.backoffEndMs <= now; next = heap.peek()) {
        heap.pop();
        this.#onEnd(next);
      }
    }
    this.#setTimer();
  }
}
