// How the server's seats are shared out among its priority levels: by their shares first, then by what they have lately been
// able to use, within what they lend and borrow. Upstream: k8s.io/apiserver/pkg/util/flowcontrol (apf_controller.go,
// conc_alloc.go), KEP-1040.

import type { DemandOverTime } from './seat-demand.ts';

export interface LevelShares {
  readonly nominalConcurrencyShares: number;
  readonly lendablePercent: number;
  /** Undefined: as much as there is. */
  readonly borrowingLimitPercent: number | undefined;
}

export interface SeatLimits {
  readonly nominal: number;
  /** What it never lends. */
  readonly lower: number;
  /** What it can have with all that it may borrow. */
  readonly upper: number;
}

/** The limits of one level out of `total` seats for `allShares`. Rounded up, so that the sum may be a little more. */
export function seatLimits(shares: LevelShares, allShares: number, total: number): SeatLimits {
  const { nominalConcurrencyShares, lendablePercent, borrowingLimitPercent } = shares;
  const nominal = allShares > 0 ? Math.ceil((total * nominalConcurrencyShares) / allShares) : 0;
  const borrowable = borrowingLimitPercent === undefined ? total : Math.round((nominal * borrowingLimitPercent) / 100);
  return { nominal, lower: nominal - Math.round((nominal * lendablePercent) / 100), upper: nominal + borrowable };
}

/** Demand is looked at every ten seconds. */
export const ADJUSTMENT_PERIOD_MS = 10_000;
/** What is left after a period of a demand that has gone: half of it is forgotten after five minutes. */
const SMOOTHING = 0.977;

/** The demand to go by: rises at once, falls slowly. Several periods that have passed without a look count as such. */
export function smoothedDemand(before: number, { average, deviation, durationMs }: DemandOverTime): number {
  if (durationMs <= 0) return before;
  const envelope = average + deviation;
  const kept = SMOOTHING ** (durationMs / ADJUSTMENT_PERIOD_MS);
  return Math.max(envelope, kept * before + (1 - kept) * envelope);
}

export interface LevelDemand {
  readonly exempt: boolean;
  readonly limits: SeatLimits;
  readonly highWatermark: number;
  readonly smoothed: number;
}

export interface SharedSeats {
  /** One for each level, in their order. */
  readonly current: readonly number[];
  readonly targets: readonly number[];
  /** What every level gets of what it wants; 0 where there is not enough for their lower limits. */
  readonly fairFraction: number;
}

/** The seats that every level gets until the next look. */
export function shareSeats(levels: readonly LevelDemand[]): SharedSeats {
  const floors = levels.map(floorOf);
  const targets = levels.map(({ smoothed }, index) => Math.max(floors[index] as number, smoothed));
  let remaining = 0;
  let lowerSum = 0;
  let floorSum = 0;
  for (const [index, { exempt, limits }] of levels.entries()) {
    const floor = floors[index] as number;
    remaining += limits.nominal - (exempt ? floor : 0);
    if (exempt) continue;
    lowerSum += limits.lower;
    floorSum += floor;
  }
  const limited = levels.flatMap((level, index) => (level.exempt ? [] : [index]));
  const current = [...floors];
  if (remaining > floorSum) {
    const wishes = limited.map((index) => {
      const { limits } = levels[index] as LevelDemand;
      return { target: targets[index] as number, lower: floors[index] as number, upper: limits.upper };
    });
    const { shares, fairFraction } = allocate(remaining, wishes);
    for (const [position, index] of limited.entries()) current[index] = Math.round(shares[position] as number);
    return { current, targets, fairFraction };
  }
  // What the exempt take is missing: down to the lower limits in equal parts, and no further.
  const fraction = remaining <= lowerSum ? 0 : (remaining - lowerSum) / (floorSum - lowerSum);
  for (const index of limited) {
    const { lower } = (levels[index] as LevelDemand).limits;
    current[index] = lower + Math.round(((floors[index] as number) - lower) * fraction);
  }
  return { current, targets, fairFraction: 0 };
}

/** What nobody may borrow from it: what it has just used, as far as that is its own. */
function floorOf({ exempt, limits, highWatermark }: LevelDemand): number {
  return Math.max(limits.lower, exempt ? highWatermark : Math.min(limits.nominal, highWatermark));
}

export interface SeatWish {
  readonly target: number;
  readonly lower: number;
  readonly upper: number;
}

/** A wish of nothing still gets its part of what is left over. */
const MIN_TARGET = 0.001;

/**
 * Shares out `sum`: everybody gets the same fraction of their target, but at least their lower and at most their upper bound.
 * Where the bounds leave no such fraction everybody gets the bound that is in the way.
 */
export function allocate(
  sum: number,
  wishes: readonly SeatWish[],
): { readonly shares: readonly number[]; readonly fairFraction: number } {
  const targets = wishes.map(({ target }) => Math.max(target, MIN_TARGET));
  const sharesAt = (fraction: number) =>
    wishes.map(({ lower, upper }, index) => Math.max(lower, Math.min(upper, fraction * (targets[index] as number))));
  // Between two fractions at which somebody meets a bound the sum is a straight line.
  const bends = wishes
    .flatMap(({ lower, upper }, index) => [lower / (targets[index] as number), upper / (targets[index] as number)])
    .sort((a, b) => a - b);
  let below = bends[0] ?? 0;
  for (const above of bends) {
    const reached = total(sharesAt(above));
    if (reached >= sum) {
      const start = total(sharesAt(below));
      const fairFraction = reached > start ? below + ((above - below) * (sum - start)) / (reached - start) : above;
      return { shares: sharesAt(fairFraction), fairFraction };
    }
    below = above;
  }
  return { shares: wishes.map(({ upper }) => upper), fairFraction: below };
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
