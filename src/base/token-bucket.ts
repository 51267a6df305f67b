// A token bucket: a rate per second with a burst. Who takes a token may act; who reserves one is told how long to wait.

import type { Clock } from './clock.ts';

export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

export class TokenBucket {
  readonly #clock: Clock;
  readonly #limit: RateLimit;
  /** Below zero when tokens that have yet to come are reserved. */
  #tokens: number;
  #updatedAtMs: number;

  constructor(clock: Clock, limit: RateLimit) {
    this.#clock = clock;
    this.#limit = limit;
    this.#tokens = limit.burst;
    this.#updatedAtMs = clock.elapsed();
  }

  /** Takes a token if there is one. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Takes a token, if need be one that has yet to come. Answers the milliseconds until it is there. */
  reserveMs(): number {
    this.#refill();
    this.#tokens--;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#limit.perSecond) * 1000;
  }

  /** In how many milliseconds there is a token to take; 0 if there is one. */
  untilNextMs(): number {
    this.#refill();
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) / this.#limit.perSecond) * 1000;
  }

  #refill(): void {
    const now = this.#clock.elapsed();
    const gained = ((now - this.#updatedAtMs) / 1000) * this.#limit.perSecond;
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + gained);
    this.#updatedAtMs = now;
  }
}
