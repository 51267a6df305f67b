import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../../api/core/secret.ts';
import type { ServiceAccount } from '../../api/core/service-account.ts';
import { formatTime } from '../../api/time.ts';
import { isTrackedLongEnough, planTokenCleanup, type TokenCleanup } from './plan-token-cleanup.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2027, 5, 15, 12);
const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';

interface Case {
  readonly type?: string;
  readonly ageDays?: number;
  readonly labels?: Record<string, string>;
  readonly uid?: string;
  readonly named?: readonly string[] | undefined;
  readonly isMounted?: boolean;
}

const cases: readonly (readonly [string, Case, TokenCleanup])[] = [
  ['never used', {}, 'mark'],
  ['of another type', { type: 'Opaque' }, 'keep'],
  ['young', { ageDays: 365 }, 'keep'],
  ['used within the year', { labels: { [LAST_USED]: '2026-06-15' } }, 'keep'],
  ['used before', { labels: { [LAST_USED]: '2026-06-14' } }, 'mark'],
  ['used nobody knows when', { labels: { [LAST_USED]: 'lately' } }, 'keep'],
  ['made by hand', { named: [] }, 'keep'],
  ['of an account that is not there', { named: undefined }, 'keep'],
  ['of another account of the name', { uid: 'another' }, 'keep'],
  ['mounted', { isMounted: true }, 'keep'],
  ['marked nobody knows when', { labels: { [INVALID_SINCE]: 'x' } }, 'mark'],
  ['marked within the year', { labels: { [INVALID_SINCE]: '2026-06-15' } }, 'keep'],
  ['marked before', { labels: { [INVALID_SINCE]: '2026-06-14' } }, 'delete'],
];
for (const [what, one, wanted] of cases) {
  test(`planTokenCleanup: ${what}`, () => {
    const {
      type = 'kubernetes.io/service-account-token',
      ageDays = 400,
      labels = {},
      uid = 'u',
      isMounted = false,
    } = one;
    const annotations = { 'kubernetes.io/service-account.name': 'robot', 'kubernetes.io/service-account.uid': uid };
    const creationTimestamp = formatTime(NOW - ageDays * DAY);
    const secret = { type, metadata: { name: 'token', creationTimestamp, labels, annotations } } as unknown as Secret;
    const named = 'named' in one ? one.named : ['token'];
    const secrets = named?.map((name) => ({ name }));
    const account = secrets && ({ metadata: { name: 'robot', uid: 'u' }, secrets } as unknown as ServiceAccount);
    assert.equal(planTokenCleanup(secret, { account, isMounted, nowMs: NOW }), wanted);
  });
}

test('isTrackedLongEnough: a year from the day after it began', () => {
  assert.equal(isTrackedLongEnough('2026-06-14', NOW), true);
  assert.equal(isTrackedLongEnough('2026-06-15', NOW), false);
  assert.equal(isTrackedLongEnough('some time ago', NOW), false);
  assert.equal(isTrackedLongEnough(undefined, NOW), false);
});
