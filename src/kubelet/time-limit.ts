// Work that must be done within a time of the injected clock.

import type { Clock } from '../base/clock.ts';

/** The time was over before the work was done. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/** Gives the work a signal that is aborted with TimeLimitError when the time is over, or with the outer signal's reason. */
export async function withTimeLimit<T>(
  clock: Clock,
  limitMs: number,
  signal: AbortSignal,
  work: (within: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  using _timer = clock.after(limitMs, () => limit.abort(new TimeLimitError(`not done within ${limitMs} ms`)));
  return await work(AbortSignal.any([signal, limit.signal]));
}
