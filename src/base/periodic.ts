// Work that is done again and again at long intervals: checks of what hardly ever changes.

import { type Clock, sleep } from './clock.ts';
import type { Logger } from './log.ts';

/**
 * Does the work every `everyMs`, first after that time; a failure is logged and does not end it. Closing it aborts the
 * work and waits for its end.
 */
export function periodic(
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  { what, everyMs }: { readonly what: string; readonly everyMs: number },
  work: (signal: AbortSignal) => Promise<void>,
): AsyncDisposable {
  const closed = new AbortController();
  const { signal } = closed;
  const run = async () => {
    while (!signal.aborted) {
      try {
        await sleep(clock, everyMs, signal);
        await work(signal);
      } catch (error) {
        if (!signal.aborted) log.error('periodic work failed', { what, error });
      }
    }
  };
  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      closed.abort(new Error(`${what} is closed`));
      await running;
    },
  };
}
