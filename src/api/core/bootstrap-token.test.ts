import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticatingToken, signingToken, tokenEndsAtMs } from './bootstrap-token.ts';
import type { Secret } from './secret.ts';

const NOW = Date.UTC(2026, 0, 1);
const GOOD = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true' };

function secret(data: Record<string, string>, name = 'bootstrap-token-abcdef'): Secret {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { metadata: { namespace: 'kube-system', name }, data: Object.fromEntries(encoded) } as unknown as Secret;
}

const cases: readonly (readonly [string, Secret, isGood: boolean])[] = [
  ['a good one', secret(GOOD), true],
  ['one that ends later', secret({ ...GOOD, expiration: '2026-01-01T00:00:01Z' }), true],
  ['one that has ended', secret({ ...GOOD, expiration: '2026-01-01T01:00:00+01:00' }), false],
  ['one that ends nobody knows when', secret({ ...GOOD, expiration: 'soon' }), false],
  ['one for something else', secret({ ...GOOD, 'usage-bootstrap-signing': 'yes' }), false],
  ['one without a secret', secret({ ...GOOD, 'token-secret': '' }), false],
  ['one of another name', secret(GOOD, 'bootstrap-token-fedcba'), false],
  ['one whose name is none', secret({ ...GOOD, 'token-id': 'ABCDEF' }, 'bootstrap-token-ABCDEF'), false],
];
for (const [what, one, isGood] of cases) {
  test(`signingToken: ${what}`, () =>
    assert.deepEqual(signingToken(one, NOW), isGood ? { id: 'abcdef', secret: '0123456789abcdef' } : undefined));
}

test('tokenEndsAtMs: never, then, or at once', () => {
  assert.equal(tokenEndsAtMs(secret({})), Number.POSITIVE_INFINITY);
  assert.equal(tokenEndsAtMs(secret({ expiration: '2026-01-01T00:00:00Z' })), NOW);
  assert.equal(tokenEndsAtMs(secret({ expiration: 'soon' })), 0);
});

const TO_COME_WITH = { ...GOOD, 'usage-bootstrap-authentication': 'true' };
const groupCases: readonly (readonly [string, Record<string, string>, readonly string[] | undefined])[] = [
  ['one for signing alone', GOOD, undefined],
  ['one that has ended', { ...TO_COME_WITH, expiration: '2025-12-31T23:59:59Z' }, undefined],
  ['one without more groups', TO_COME_WITH, ['system:bootstrappers']],
  [
    'one with groups, in order and once each',
    { ...TO_COME_WITH, 'auth-extra-groups': 'system:bootstrappers:z,system:bootstrappers:a:b,system:bootstrappers:z' },
    ['system:bootstrappers', 'system:bootstrappers:a:b', 'system:bootstrappers:z'],
  ],
  ['one with a group of others', { ...TO_COME_WITH, 'auth-extra-groups': 'system:masters' }, undefined],
  ['one with a group of no name', { ...TO_COME_WITH, 'auth-extra-groups': 'system:bootstrappers:' }, undefined],
];
for (const [what, data, groups] of groupCases) {
  test(`authenticatingToken: ${what}`, () => assert.deepEqual(authenticatingToken(secret(data), NOW)?.groups, groups));
}
