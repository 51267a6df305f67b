// Runs something again and again for as long as the server is there, never two at a time.

import { type Clock, sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';

/** The first run is one period from now. What a run throws is logged, and the next one comes as ever. */
export function periodically(
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  name: string,
  periodMs: number,
  run: (signal: AbortSignal) => void | Promise<void>,
): AsyncDisposable {
  const closing = new AbortController();
  const { signal } = closing;
  const loop = async () => {
    while (!signal.aborted) {
      await sleep(clock, periodMs, signal).catch(() => {}); // Rejects when the server closes, which ends the loop.
      if (signal.aborted) return;
      try {
        await run(signal);
      } catch (error) {
        log.warn('periodic work failed', { name, error });
      }
    }
  };
  const running = loop();
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await running;
    },
  };
}
