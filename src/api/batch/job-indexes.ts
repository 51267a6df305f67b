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
