// Time as a dependency: everything that reads the time or waits for it is given a Clock, so that a test turns it.

import { KeyedHeap } from './keyed-heap.ts';
import { settled } from './under-way.ts';

/** Where a component gets the time from and where it waits. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Monotonic milliseconds with a fraction, for measuring how long something took. */
  elapsed(): number;
  /** Calls back once after the delay (a delay below zero counts as zero). Disposing cancels; it is safe to do so late. */
  after(delayMs: number, callback: () => void): Disposable;
}

/** Resolves after the delay; rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer[Symbol.dispose]();
      reject(signal?.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The machine's own time. A pending callback does not by itself keep a process alive if `keepAlive` is false. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), 0x7fffffff));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

interface Waiting {
  readonly key: string;
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is advanced: for tests, and for clusters whose time is simulated. */
export class FakeClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #waiting = new KeyedHeap<Waiting>(
    ({ key }) => key,
    (a, b) => a.atMs - b.atMs || a.order - b.order,
  );

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  elapsed(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Disposable {
    const order = this.#order++;
    const key = String(order);
    this.#waiting.set({ key, order, atMs: this.#nowMs + Math.max(0, delayMs), callback });
    return { [Symbol.dispose]: () => void this.#waiting.delete(key) };
  }

  /** How many callbacks are still to come. */
  get pending(): number {
    return this.#waiting.size;
  }

  /**
   * Moves time forward, calling back what falls due on the way at its own moment and in order. Before each callback and
   * at the end everything settles that is under way, so that nothing is overtaken by time.
   */
  async advance(byMs: number): Promise<void> {
    const targetMs = this.#nowMs + byMs;
    while (await this.advanceToNext(targetMs));
  }

  /**
   * Moves time forward to the next callback, or to the limit if none is due by then: whether there was one. What the
   * callback sets off has only begun.
   */
  async advanceToNext(limitMs: number): Promise<boolean> {
    await settled();
    const next = this.#waiting.peek();
    const isDue = next !== undefined && next.atMs <= limitMs;
    this.#nowMs = Math.max(this.#nowMs, isDue ? next.atMs : limitMs);
    if (!isDue) return false;
    this.#waiting.delete(next.key);
    next.callback();
    return true;
  }
}
