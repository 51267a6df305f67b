// How many seats a priority level could have used over a while: their average over time, how far they went from it, and the
// most. Upstream: k8s.io/apiserver/pkg/util/flowcontrol/fairqueuing/integrator.go.

export interface DemandOverTime {
  readonly durationMs: number;
  readonly average: number;
  readonly deviation: number;
  readonly highWatermark: number;
}

export class SeatDemand {
  #value = 0;
  #sinceMs: number;
  #durationMs = 0;
  #sum = 0;
  #sumOfSquares = 0;
  #most = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** The demand is so much from now on. */
  set(value: number, nowMs: number): void {
    this.#passTo(nowMs);
    this.#value = value;
    if (value > this.#most) this.#most = value;
  }

  /** What it was since it was taken last. */
  take(nowMs: number): DemandOverTime {
    this.#passTo(nowMs);
    const durationMs = this.#durationMs;
    const average = durationMs > 0 ? this.#sum / durationMs : 0;
    const variance = durationMs > 0 ? this.#sumOfSquares / durationMs - average * average : 0;
    const taken = { durationMs, average, deviation: Math.sqrt(Math.max(0, variance)), highWatermark: this.#most };
    this.#durationMs = 0;
    this.#sum = 0;
    this.#sumOfSquares = 0;
    this.#most = this.#value;
    return taken;
  }

  #passTo(nowMs: number): void {
    const passedMs = nowMs - this.#sinceMs;
    if (passedMs <= 0) return;
    this.#sinceMs = nowMs;
    this.#durationMs += passedMs;
    this.#sum += passedMs * this.#value;
    this.#sumOfSquares += passedMs * this.#value * this.#value;
  }
}
