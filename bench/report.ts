// What a benchmark says: one JSON line per result, with the budget that it is held against where there is one.

/** At least, or at most, so much. */
export type Budget = { readonly atLeast: number } | { readonly atMost: number };

export interface Result {
  /** What was measured. */
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly budget?: Budget;
}

/**
 * Prints a result of the benchmark, which `npm run bench` knows by that name. `met` says whether the budget was; details
 * are further figures of the same measurement, and what it was compared with.
 */
export function report(
  bench: string,
  { measure, value, unit, budget }: Result,
  details: Readonly<Record<string, unknown>> = {},
): void {
  const held = budget === undefined ? {} : { budget: inWords(budget), met: isMet(value, budget) };
  console.log(JSON.stringify({ bench, measure, value: rounded(value), unit, ...held, ...details }));
}

/** A benchmark, or a part of one, that could not be run here. */
export function reportSkipped(bench: string, measure: string, reason: string): void {
  console.log(JSON.stringify({ bench, measure, skipped: reason }));
}

/** The value below which that share of the values is; 0 without values. */
export function percentile(values: readonly number[] | Float64Array, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Three significant digits, and all digits of whole numbers. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

function isMet(value: number, budget: Budget): boolean {
  return 'atLeast' in budget ? value >= budget.atLeast : value <= budget.atMost;
}

function inWords(budget: Budget): string {
  return 'atLeast' in budget ? `>= ${budget.atLeast}` : `<= ${budget.atMost}`;
}
