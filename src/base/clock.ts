// Time as a dependency: everything that reads the time or waits for it is given a Clock, so that a test turns it.

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
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test advances it. */
export class FakeClock implements Clock {
  #now: number;
  #order = 0;
  #waiting: Waiting[] = [];

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): Disposable {
    const waiting = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback };
    this.#waiting.push(waiting);
    return {
      [Symbol.dispose]: () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
      },
    };
  }

  /** How many callbacks are still to come. */
  get pending(): number {
    return this.#waiting.length;
  }

  /**
   * Moves time forward, calling back what falls due on the way at its own moment and in order. Between two callbacks
   * the event loop turns, so that what one sets off can wait for time within the same step.
   */
  async advance(byMs: number): Promise<void> {
    const target = this.#now + byMs;
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const next = this.#nextUntil(target);
      if (!next) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = target;
  }

  #nextUntil(target: number): Waiting | undefined {
    let next: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.at > target) continue;
      if (!next || waiting.at < next.at || (waiting.at === next.at && waiting.order < next.order)) next = waiting;
    }
    return next;
  }
}
