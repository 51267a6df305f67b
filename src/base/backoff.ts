// How long to wait before trying again: exponential growth to a limit, with jitter so that many do not return at once.

import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Absent: 2. */
  readonly factor?: number;
  /** The delay is spread over [delay, delay * (1 + jitter)). Absent: 0. */
  readonly jitter?: number;
}

/** The delay after `failures` failures in a row (1 or more). Pure but for the jitter. */
export function backoffDelayMs(failures: number, options: BackoffOptions, random?: Random): number {
  const factor = options.factor ?? 2;
  const grown = options.baseMs * factor ** Math.max(0, failures - 1);
  const delay = Math.min(options.maxMs, grown);
  return random && options.jitter ? delay * (1 + options.jitter * random.next()) : delay;
}

/** Counts failures in a row and says how long to wait after each. */
export class Backoff {
  #failures = 0;
  readonly #options: BackoffOptions;
  readonly #random: Random | undefined;

  constructor(options: BackoffOptions, random?: Random) {
    this.#options = options;
    this.#random = random;
  }

  /** How many failures there were in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** The delay in milliseconds after one more failure. */
  next(): number {
    this.#failures++;
    return backoffDelayMs(this.#failures, this.#options, this.#random);
  }

  /** After a success. */
  reset(): void {
    this.#failures = 0;
  }
}
