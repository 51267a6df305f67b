// What becomes of a service account token in a Secret that nobody uses. Pure. Upstream:
// pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go (KEP-2799).

import type { Secret } from '../../api/core/secret.ts';
import type { ServiceAccount } from '../../api/core/service-account.ts';
import {
  accountOf,
  dayOf,
  dayToMs,
  INVALID_SINCE_LABEL,
  LAST_USED_LABEL,
  TOKEN_SECRET_TYPE,
} from '../../api/core/token-secret.ts';
import { timeToMs } from '../../api/time.ts';

const DAY_MS = 86_400_000;
/** How long a token may lie unused until it is marked, and then until it is deleted. */
const UNUSED_MS = 365 * DAY_MS;

export type TokenCleanup = 'keep' | 'mark' | 'delete';

/** Whether the use of tokens has been noted for long enough to judge by it; `since` is what the server says. */
export function isTrackedLongEnough(since: string | undefined, nowMs: number): boolean {
  const sinceMs = dayToMs(since);
  return sinceMs !== undefined && nowMs >= sinceMs + DAY_MS + UNUSED_MS; // From the day after it began.
}

/** Only tokens that were made unasked, which accounts tell by naming them, and that no pod mounts. */
export function planTokenCleanup(
  secret: Secret,
  { account, isMounted, nowMs }: { account: ServiceAccount | undefined; isMounted: boolean; nowMs: number },
): TokenCleanup {
  const { metadata, type } = secret;
  const oldestMs = nowMs - UNUSED_MS;
  if (type !== TOKEN_SECRET_TYPE || metadata.deletionTimestamp !== undefined) return 'keep';
  if (timeToMs(metadata.creationTimestamp) >= oldestMs) return 'keep';
  const oldestDay = dayOf(oldestMs);
  const lastUsed = metadata.labels?.[LAST_USED_LABEL];
  if (lastUsed !== undefined && (dayToMs(lastUsed) === undefined || lastUsed >= oldestDay)) return 'keep';
  const { uid } = accountOf(secret);
  if (!account || (uid !== undefined && account.metadata.uid !== uid)) return 'keep';
  if (isMounted || !account.secrets?.some(({ name }) => name === metadata.name)) return 'keep';
  const invalidSince = metadata.labels?.[INVALID_SINCE_LABEL];
  if (invalidSince === undefined || dayToMs(invalidSince) === undefined) return 'mark';
  return invalidSince >= oldestDay ? 'keep' : 'delete';
}
