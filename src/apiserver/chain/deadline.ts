// No request but watches and streams may take longer than a minute. Upstream: --request-timeout, and the timeout filter of
// k8s.io/apiserver/pkg/server/filters.

import { badRequest, StatusError } from '../../api/status-error.ts';
import { durationToMs, TimeFormatError } from '../../api/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { RequestLifetime } from './request-lifetime.ts';
import { thenCall } from './then-call.ts';

export const REQUEST_TIMEOUT_MS = 60_000;

/**
 * Runs the work of a request. When its time is up the request is over and this rejects, without waiting for the work,
 * which then ends for nobody. Throws StatusError `Timeout`, after `onTimeout`.
 */
export function withDeadline<T>(
  { clock }: { readonly clock: Clock },
  lifetime: RequestLifetime,
  work: () => Promise<T>,
  options: { readonly timeoutMs: number; onTimeout(): void },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(options.timeoutMs, () => {
      const error = timedOut();
      options.onTimeout();
      lifetime.end(error);
      reject(error);
    });
    work().then(
      (result) => {
        timer[Symbol.dispose]();
        resolve(result);
      },
      (error) => {
        timer[Symbol.dispose]();
        reject(error);
      },
    );
  });
}

/**
 * The answer, which has to be taken in time, too, where it goes out in pieces: else the request is over before its end.
 * `onEnd` is called when it has been sent or given up, at once for one that is whole.
 */
export function takenInTime(
  { clock }: { readonly clock: Clock },
  lifetime: RequestLifetime,
  answer: ApiResponse,
  options: { readonly timeoutMs: number; onTimeout(): void; onEnd(): void },
): ApiResponse {
  const { body } = answer;
  const { timeoutMs, onTimeout, onEnd } = options;
  if (body.type !== 'stream' || lifetime.isOver) {
    onEnd();
    return answer;
  }
  const end = () => {
    timer[Symbol.dispose]();
    onEnd();
  };
  const timer = clock.after(timeoutMs, () => {
    onTimeout();
    lifetime.end(timedOut());
  });
  lifetime.signal.addEventListener('abort', end, { once: true });
  return { ...answer, body: { ...body, chunks: thenCall(body.chunks, end) } };
}

/** The time that a request gets: what its `timeout` parameter asks for, at most a minute. Throws StatusError `BadRequest`. */
export function timeoutOf(query: URLSearchParams): number {
  const asked = query.get('timeout');
  if (!asked) return REQUEST_TIMEOUT_MS;
  try {
    const timeoutMs = durationToMs(asked);
    return timeoutMs > 0 ? Math.min(timeoutMs, REQUEST_TIMEOUT_MS) : REQUEST_TIMEOUT_MS;
  } catch (error) {
    if (!(error instanceof TimeFormatError)) throw error;
    throw badRequest(`invalid timeout specified in the request URL - ${error.message}`, error);
  }
}

function timedOut(): StatusError {
  return new StatusError('Timeout', 'Timeout: request did not complete within the allotted timeout', { details: {} });
}
