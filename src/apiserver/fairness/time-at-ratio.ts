// For how long a part of something was in use: a histogram of every moment instead of every event. Upstream:
// TimingRatioHistogram of k8s.io/apiserver/pkg/util/flowcontrol/metrics, which counts nanoseconds.

import type { HistogramReading } from '../../base/metrics.ts';

const NANOSECONDS_PER_MS = 1e6;

export class TimeAtRatio {
  readonly #buckets: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;
  #sinceMs: number;
  #ratio = 0;
  #bucket = 0;

  /** `buckets`: upper limits, the lowest first. */
  constructor(nowMs: number, buckets: readonly number[]) {
    this.#sinceMs = nowMs;
    this.#buckets = buckets;
    this.#counts = buckets.map(() => 0);
  }

  /** It is so much from now on. */
  set(ratio: number, nowMs: number): void {
    this.#passTo(nowMs);
    if (ratio === this.#ratio) return;
    this.#ratio = ratio;
    let bucket = 0;
    while (bucket < this.#buckets.length && ratio > (this.#buckets[bucket] as number)) bucket++;
    this.#bucket = bucket;
  }

  read(nowMs: number): HistogramReading {
    this.#passTo(nowMs);
    return { counts: this.#counts, count: this.#count, sum: this.#sum };
  }

  #passTo(nowMs: number): void {
    const passed = Math.round((nowMs - this.#sinceMs) * NANOSECONDS_PER_MS);
    if (passed <= 0) return;
    this.#sinceMs = nowMs;
    this.#count += passed;
    this.#sum += passed * this.#ratio;
    // Beyond the last bucket there is none: it counts among all.
    if (this.#bucket < this.#counts.length)
      this.#counts[this.#bucket] = (this.#counts[this.#bucket] as number) + passed;
  }
}
