// How long a job waits before it replaces a pod that has failed: 10 s after the first failure, twice as long after each
// further one in a row, 10 minutes at most. Pure. Upstream: pkg/controller/job/backoff_utils.go.

import type { Pod } from '../../api/core/pod.ts';
import { backoffDelayMs } from '../../base/backoff.ts';
import { finishedAtMs, indexFailures } from './job-pods.ts';

const BACKOFF = { baseMs: 10_000, maxMs: 600_000 };

/** The failures since the last success. */
export interface FailureStreak {
  readonly failures: number;
  readonly lastFailureMs: number;
}

export const NO_FAILURES: FailureStreak = { failures: 0, lastFailureMs: 0 };

/** The streak after more pods have ended. */
export function continueStreak(
  streak: FailureStreak,
  { succeeded, failed }: { readonly succeeded: readonly Pod[]; readonly failed: readonly Pod[] },
): FailureStreak {
  const lastSuccessMs = Math.max(Number.NEGATIVE_INFINITY, ...succeeded.map(finishedAtMs));
  const failures = failed.map(finishedAtMs).filter((atMs) => atMs > lastSuccessMs);
  const before = succeeded.length > 0 ? NO_FAILURES : streak;
  if (failures.length === 0) return before;
  return { failures: before.failures + failures.length, lastFailureMs: Math.max(...failures) };
}

/** How much of the wait is left; 0 if there is no need to wait. */
export function backoffLeftMs({ failures, lastFailureMs }: FailureStreak, nowMs: number): number {
  if (failures === 0) return 0;
  return Math.max(0, lastFailureMs + backoffDelayMs(failures, BACKOFF) - nowMs);
}

/** The streak of an index, from the last pod of it that has failed. */
export function indexStreak(lastFailed: Pod | undefined): FailureStreak {
  if (!lastFailed) return NO_FAILURES;
  const { counted, ignored } = indexFailures(lastFailed);
  return { failures: counted + ignored + 1, lastFailureMs: finishedAtMs(lastFailed) };
}
