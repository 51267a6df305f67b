// So much work at a time, and the rest in the order in which it came.

import type { Clock } from './clock.ts';

export interface SlotsOptions {
  /** Work that takes longer gives its slot to the next and goes on: what hangs does not keep the others. Absent: never. */
  readonly patience?: { readonly clock: Clock; readonly ms: number };
}

export interface TurnOptions {
  /** Before all that is not urgent. */
  readonly urgent?: boolean;
  /** Rejects with its reason where it aborts before the work's turn. */
  readonly signal?: AbortSignal;
}

export class Slots {
  #free: number;
  readonly #options: SlotsOptions;
  readonly #urgent: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(slots: number, options: SlotsOptions = {}) {
    this.#free = slots;
    this.#options = options;
  }

  /** Runs the work as soon as there is a slot. */
  async run<T>(work: () => Promise<T>, { urgent = false, signal }: TurnOptions = {}): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#turn(urgent ? this.#urgent : this.#waiting, signal);
    const { patience } = this.#options;
    let held = true;
    const giveOn = () => {
      if (!held) return;
      held = false;
      this.#next();
    };
    using _limit = patience?.clock.after(patience.ms, giveOn);
    try {
      return await work();
    } finally {
      giveOn();
    }
  }

  async #turn(queue: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      const at = queue.indexOf(resolve);
      if (at >= 0) queue.splice(at, 1);
      reject(signal?.reason);
    };
    queue.push(resolve);
    signal?.addEventListener('abort', abort, { once: true });
    await promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  #next(): void {
    const next = this.#urgent.shift() ?? this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
