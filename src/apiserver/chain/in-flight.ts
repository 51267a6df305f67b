// How much the server takes on at once. Requests beyond the limit wait in line for a moment; when the line is full they are
// turned away. Upstream: k8s.io/apiserver/pkg/server/filters/maxinflight.go (--max-requests-inflight and
// --max-mutating-requests-inflight), which has no line: fair queueing has.

import { StatusError } from '../../api/status-error.ts';

const RETRY_AFTER_SECONDS = 1;

export interface InFlightLimits {
  readonly running: number;
  readonly waiting: number;
}

export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: { readonly limits: InFlightLimits }) {
    this.#limits = options.limits;
  }

  get running(): number {
    return this.#running;
  }

  /** Runs the work when there is room. Throws StatusError `TooManyRequests`. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limits.running) await this.#wait();
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #wait(): Promise<void> {
    // A place that becomes free may be taken by a newcomer before the one in line runs: then it waits once more.
    while (this.#running >= this.#limits.running) {
      if (this.#waiting.length >= this.#limits.waiting) throw tooManyRequests();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

export function tooManyRequests(): StatusError {
  return new StatusError('TooManyRequests', 'Too many requests, please try again later.', {
    details: { retryAfterSeconds: RETRY_AFTER_SECONDS },
  });
}
