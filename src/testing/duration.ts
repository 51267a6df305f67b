// How long tests let time pass, in units that people say.

/** The sum of its parts: `{ hours: 1, minutes: 30 }`. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

const UNITS_MS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1000, milliseconds: 1 } as const;

/** Throws a RangeError for what is no time that could pass. */
export function durationMs(duration: Duration): number {
  let totalMs = 0;
  for (const [unit, unitMs] of Object.entries(UNITS_MS)) totalMs += (duration[unit as keyof Duration] ?? 0) * unitMs;
  if (!(totalMs >= 0 && Number.isFinite(totalMs))) throw new RangeError('a duration is a number of at least 0');
  return totalMs;
}
