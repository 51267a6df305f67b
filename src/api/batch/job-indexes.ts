// Indexes of an indexed job's pods, as its status and its success policy write them: `1,3-5,7`. Upstream:
// validateIndexesFormat and what is around it in pkg/apis/batch/validation.

export class JobIndexesError extends Error {
  override readonly name = 'JobIndexesError';
}

/** From `first` to `last`, both included. */
export interface IndexInterval {
  readonly first: number;
  readonly last: number;
}

/** The intervals in rising order, all below `completions`. Throws JobIndexesError. */
export function parseJobIndexes(text: string, completions: number): readonly IndexInterval[] {
  if (text === '') return [];
  const intervals: IndexInterval[] = [];
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    const previous = intervals.at(-1)?.last;
    if (previous !== undefined && previous >= interval.first) throw notRising(previous, interval.first);
    intervals.push(interval);
  }
  return intervals;
}

/**
 * What a status says, read as leniently as upstream's controller does: what is malformed is left out, and of a job that
 * has become shorter so is what is not part of it any more.
 */
export function readJobIndexes(text: string, completions: number): readonly IndexInterval[] {
  const intervals: IndexInterval[] = [];
  for (const part of text.split(',')) {
    const [, start, end = start] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (start === undefined || Number(start) >= completions) continue;
    intervals.push({ first: Number(start), last: Math.min(Number(end), completions - 1) });
  }
  return mergeJobIndexes(intervals);
}

/** As few intervals as say the same, in rising order. */
export function mergeJobIndexes(...lists: readonly (readonly IndexInterval[])[]): readonly IndexInterval[] {
  const merged: IndexInterval[] = [];
  for (const { first, last } of lists.flat().sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (!previous || first > previous.last + 1) merged.push({ first, last });
    else if (last > previous.last) merged[merged.length - 1] = { first: previous.first, last };
  }
  return merged;
}

export function jobIndexesOf(indexes: Iterable<number>): readonly IndexInterval[] {
  return mergeJobIndexes(Array.from(indexes, (index) => ({ first: index, last: index })));
}

/** `1,3-5,7`; two neighbours are written one by one. */
export function formatJobIndexes(intervals: readonly IndexInterval[]): string {
  return intervals
    .map(({ first, last }) => (first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
    .join(',');
}

/** Of intervals in rising order. */
export function includesJobIndex(intervals: readonly IndexInterval[], index: number): boolean {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[middle]!.last < index) low = middle + 1;
    else high = middle;
  }
  const candidate = intervals[low];
  return candidate !== undefined && candidate.first <= index;
}

/** How many indexes both have. Of intervals in rising order. */
export function countSharedJobIndexes(a: readonly IndexInterval[], b: readonly IndexInterval[]): number {
  let shared = 0;
  for (let i = 0, j = 0; ; ) {
    const [one, other] = [a[i], b[j]];
    if (!one || !other) return shared;
    shared += Math.max(0, Math.min(one.last, other.last) - Math.max(one.first, other.first) + 1);
    if (one.last < other.last) i++;
    else j++;
  }
}

/** The first `count` indexes below `completions` that are not among the intervals. */
export function otherJobIndexes(intervals: readonly IndexInterval[], completions: number, count: number): number[] {
  const others: number[] = [];
  let index = 0;
  for (const { first, last } of [...intervals, { first: completions, last: completions }]) {
    for (; index < first && others.length < count; index++) others.push(index);
    index = Math.max(index, last + 1);
  }
  return others;
}

export function countJobIndexes(intervals: readonly IndexInterval[]): number {
  return intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** The first index that both have. Parts that are malformed or too large have nothing in common with others. */
export function sharedJobIndex(a: string, b: string, completions: number): number | undefined {
  const ours = soundIntervals(a, completions);
  const theirs = soundIntervals(b, completions);
  for (let i = 0, j = 0; ; ) {
    const [one, other] = [ours[i], theirs[j]];
    if (!one || !other) return undefined;
    if (one.first <= other.last && other.first <= one.last) return Math.max(one.first, other.first);
    if (one.first <= other.first) i++;
    else j++;
  }
}

function soundIntervals(text: string, completions: number): readonly IndexInterval[] {
  if (text === '') return [];
  return text.split(',').flatMap((part) => {
    try {
      return parseInterval(part, completions);
    } catch (error) {
      if (error instanceof JobIndexesError) return []; // Said where its form is checked.
      throw error;
    }
  });
}

function parseInterval(text: string, completions: number): IndexInterval {
  const [start = '', end, ...more] = text.split('-');
  if (more.length > 0) {
    throw new JobIndexesError(
      `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    );
  }
  const first = parseIndex(start, completions);
  if (end === undefined) return { first, last: first };
  const last = parseIndex(end, completions);
  if (first >= last) throw notRising(first, last);
  return { first, last };
}

function parseIndex(text: string, completions: number): number {
  const shown = JSON.stringify(text);
  if (!/^\+?\d+$/.test(text)) throw new JobIndexesError(`cannot convert string to integer for index: ${shown}`);
  const index = Number(text);
  if (index >= completions) throw new JobIndexesError(`too large index: ${shown}`);
  return index;
}

function notRising(previous: number, current: number): JobIndexesError {
  return new JobIndexesError(`non-increasing order, previous: ${previous}, current: ${current}`);
}
