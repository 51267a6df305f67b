// A range of numbers to give out, addresses or ports: its lower end is kept for those who ask for a number of their
// choice, the rest is given out at random. Upstream: KEP-3070 and KEP-3668 (calculateRangeOffset).

import type { Random } from '../../../base/random.ts';

export interface NumberRange {
  readonly first: number;
  /** Included. */
  readonly last: number;
  /** How many from the first on are given out only when the others are used up. */
  readonly reserved: number;
}

/** `max(16, a share of the range)` up to a limit; none of a range so small that all of it would be. */
export function numberRange(
  first: number,
  last: number,
  { share, limit }: { share: number; limit: number },
): NumberRange {
  const size = last - first + 1;
  const reserved = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / share)), limit);
  return { first, last, reserved };
}

/** Every number once: first those that are not reserved, in both parts from a random one on. */
export function* candidates({ first, last, reserved }: NumberRange, random: Random): Generator<number> {
  const split = first + reserved;
  yield* around(split, last, random);
  yield* around(first, split - 1, random);
}

function* around(first: number, last: number, random: Random): Generator<number> {
  const size = last - first + 1;
  if (size <= 0) return;
  const start = Math.floor(random.next() * size);
  for (let step = 0; step < size; step++) yield first + ((start + step) % size);
}
