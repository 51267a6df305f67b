// Secrets that hold a token of a service account: whose, and what is noted about the token's use. Upstream: the constants
// of core/v1, pkg/serviceaccount and legacytokentracking (KEP-2799).

import { formatTime } from '../time.ts';
import type { Secret } from './secret.ts';

export const TOKEN_SECRET_TYPE = 'kubernetes.io/service-account-token';
export const ACCOUNT_NAME_ANNOTATION = 'kubernetes.io/service-account.name';
export const ACCOUNT_UID_ANNOTATION = 'kubernetes.io/service-account.uid';
/** Labels with a day each. */
export const LAST_USED_LABEL = 'kubernetes.io/legacy-token-last-used';
export const INVALID_SINCE_LABEL = 'kubernetes.io/legacy-token-invalid-since';

/** Says in `since` from which day on the use of tokens has been noted. */
export const TOKEN_TRACKING = {
  namespace: 'kube-system',
  name: 'kube-apiserver-legacy-service-account-token-tracking',
} as const;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The day of a time, as labels have it: `2006-01-02`. */
export function dayOf(ms: number): string {
  return formatTime(ms).slice(0, 10);
}

/** When a day begins; undefined for what is none. */
export function dayToMs(day: string | undefined): number | undefined {
  const ms = day !== undefined && DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** The account that a Secret of this type belongs to; the uid as far as it is said. */
export function accountOf({ metadata: { annotations = {} } }: Secret): { name: string; uid: string | undefined } {
  return { name: annotations[ACCOUNT_NAME_ANNOTATION] ?? '', uid: annotations[ACCOUNT_UID_ANNOTATION] || undefined };
}
