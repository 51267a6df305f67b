import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../../api/core/secret.ts';
import { signingToken, tokenEndsAtMs } from './bootstrap-token.ts';

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
