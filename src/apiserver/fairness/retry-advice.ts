// When those who are turned away should come again: after a second, and later the longer a level goes on turning requests
// away. Upstream: k8s.io/apiserver/pkg/util/flowcontrol/dropped_requests_tracker.go.

import type { Clock } from '../../base/clock.ts';

const MAX_SECONDS = 32;
/** So many refusals for every second of the advice make it longer. */
const MANY = 3;

interface LevelHistory {
  seconds: number;
  /** When the advice was made longer the last time. */
  raisedAt: number;
  /** Refusals by the second in which they were, the newest last. */
  refusals: { second: number; count: number }[];
}

export class RetryAdvice {
  readonly #clock: Clock;
  readonly #levels = new Map<string, LevelHistory>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** A request of the level has been turned away: after how many seconds it should come again. */
  afterRefusal(level: string): number {
    const second = Math.floor(this.#clock.elapsed() / 1000);
    let history = this.#levels.get(level);
    if (!history) {
      history = { seconds: 1, raisedAt: Number.NEGATIVE_INFINITY, refusals: [] };
      this.#levels.set(level, history);
    }
    const current = history.refusals.at(-1);
    if (current?.second === second) {
      current.count++;
      return history.seconds;
    }
    revise(history, second);
    history.refusals.push({ second, count: 1 });
    return history.seconds;
  }

  forget(level: string): void {
    this.#levels.delete(level);
  }
}

/** A new second with refusals has begun: what the seconds before it say. */
function revise(history: LevelHistory, second: number): void {
  const { seconds } = history;
  history.refusals = history.refusals.filter((refusal) => second - refusal.second <= MAX_SECONDS);
  const recent = history.refusals.filter((refusal) => second - refusal.second <= seconds);
  const count = recent.reduce((sum, refusal) => sum + refusal.count, 0);
  if (second - history.raisedAt >= seconds && count >= MANY * seconds) {
    history.seconds = Math.min(seconds * 2, MAX_SECONDS);
    history.raisedAt = second;
  } else if (count < seconds && seconds > 1) {
    history.seconds--;
  }
}
