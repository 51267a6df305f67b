// Giving way: long work lets the event loop turn now and then, so that nothing else waits for it.

import type { Clock } from './clock.ts';
import { nextTurn } from './under-way.ts';

/** Keeps stretches of work short. Call `breathe` between small pieces: it gives way once the stretch has become long. */
export class Breather {
  readonly #clock: Clock;
  readonly #stretchMs: number;
  #since: number;

  constructor(clock: Clock, stretchMs = 5) {
    this.#clock = clock;
    this.#stretchMs = stretchMs;
    this.#since = clock.elapsed();
  }

  /** Whether it is time to give way. */
  get isDue(): boolean {
    return this.#clock.elapsed() - this.#since >= this.#stretchMs;
  }

  async breathe(): Promise<void> {
    if (!this.isDue) return;
    await nextTurn();
    this.begin();
  }

  /** A stretch begins now: call it after having waited for something else. */
  begin(): void {
    this.#since = this.#clock.elapsed();
  }
}
