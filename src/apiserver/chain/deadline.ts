// No request but watches and streams may take longer than a minute. Upstream: --request-timeout, and the timeout filter of
// k8s.io/apiserver/pkg/server/filters.

import { StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';

export const REQUEST_TIMEOUT_MS = 60_000;

/**
 * Runs the work with a signal that is aborted when the caller goes or the time is up. Rejects in both cases without
 * waiting for the work, which then ends for nobody. Throws StatusError `Timeout`.
 */
export async function withDeadline<T>(
  { clock }: { readonly clock: Clock },
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  options: { readonly timeoutMs: number } = { timeoutMs: REQUEST_TIMEOUT_MS },
): Promise<T> {
  const inner = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (reason: unknown) => {
    inner.abort(reason);
    reject(reason);
  };
  const onAbort = () => end(outer.reason);
  if (outer.aborted) throw outer.reason;
  outer.addEventListener('abort', onAbort, { once: true });
  const timer = clock.after(options.timeoutMs, () => end(timedOut()));
  try {
    return await Promise.race([work(inner.signal), ended]);
  } finally {
    timer[Symbol.dispose]();
    outer.removeEventListener('abort', onAbort);
  }
}

function timedOut(): StatusError {
  return new StatusError('Timeout', 'Timeout: request did not complete within the allotted timeout', { details: {} });
}
