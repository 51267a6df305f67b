// Work that goes on while the next pods are being scheduled: bindings, and what plugins start. Keeps count, so that
// scheduling does not run ahead without limit and stopping waits for all of it.

import type { Logger } from '../base/log.ts';

export class BackgroundWork {
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();
  #slots: number;
  readonly #waiting: (() => void)[] = [];

  /** `limit`: how many hold a slot at a time. */
  constructor(log: Logger, limit: number) {
    this.#log = log;
    this.#slots = limit;
  }

  /** Starts work that must handle its own errors: one that comes out is a bug, and is logged. */
  start(work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => this.#log.error('background work of the scheduler failed', { error }))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Runs once there is a slot. */
  async withSlot<T>(run: () => Promise<T>): Promise<T> {
    await this.#acquire();
    try {
      return await run();
    } finally {
      this.#release();
    }
  }

  /** Resolves when a slot is free, without taking it. */
  async room(): Promise<void> {
    if (this.#slots > 0) return;
    await this.#acquire();
    this.#release();
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #acquire(): Promise<void> {
    if (this.#slots > 0) this.#slots--;
    // Whoever releases hands its slot on.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#slots++;
  }
}
