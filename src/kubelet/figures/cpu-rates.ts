// How much CPU is used now, of what only counts the time that was used: since somebody asked the last time.

import type { CpuFigures } from './figures.ts';

/** Between these the time between two questions makes a rate that says something of now. */
const LEAST_MS = 1_000;
const MOST_MS = 300_000;

/** Keeps the last figures of each key, of as many keys as `keepOnly` is given. */
export class CpuRates {
  readonly #last = new Map<string, CpuFigures>();

  figures(key: string, { atMs, usageCoreNanoSeconds }: CpuFigures): CpuFigures {
    const last = this.#last.get(key);
    const passedMs = last ? atMs - last.atMs : 0;
    if (last && passedMs < LEAST_MS) return { atMs, usageCoreNanoSeconds, usageNanoCores: last.usageNanoCores };
    const used = usageCoreNanoSeconds - (last?.usageCoreNanoSeconds ?? 0);
    const isRate = last !== undefined && passedMs <= MOST_MS && used >= 0;
    const figures = {
      atMs,
      usageCoreNanoSeconds,
      usageNanoCores: isRate ? Math.round((used * 1000) / passedMs) : undefined,
    };
    this.#last.set(key, figures);
    return figures;
  }

  /** Forgets all others. */
  keepOnly(keys: readonly string[]): void {
    const kept = new Set(keys);
    for (const key of this.#last.keys()) if (!kept.has(key)) this.#last.delete(key);
  }
}
