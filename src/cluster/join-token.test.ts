import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { createAuthority } from './certificate-authority.ts';
import { authorityHash, isSignedBy, newJoinToken, parseJoinToken } from './join-token.ts';

const TOKEN = { id: 'abcdef', secret: '0123456789abcdef' };

function signature(
  { secret }: typeof TOKEN,
  content: string,
  header: object = { alg: 'HS256', kid: 'abcdef' },
): string {
  const head = Buffer.from(JSON.stringify(header)).toString('base64url');
  const signed = createHmac('sha256', secret).update(`${head}.${Buffer.from(content).toString('base64url')}`);
  return `${head}..${signed.digest('base64url')}`;
}

describe('isSignedBy', () => {
  const good = signature(TOKEN, 'content');
  const cases: readonly (readonly [string, string, string, boolean])[] = [
    ['what was signed with the token', 'content', good, true],
    ['other content', 'contents', good, false],
    ['another secret', 'content', signature({ ...TOKEN, secret: 'fedcba9876543210' }, 'content'), false],
    ['another algorithm', 'content', signature(TOKEN, 'content', { alg: 'none', kid: 'abcdef' }), false],
    ['the token of another', 'content', signature(TOKEN, 'content', { alg: 'HS256', kid: 'fedcba' }), false],
    ['a payload of its own', 'content', good.replace('..', '.Y29udGVudA.'), false],
    ['no signature', 'content', good.replace(/[^.]*$/, ''), false],
  ];
  for (const [name, content, signed, holds] of cases) {
    test(name, () => assert.equal(isSignedBy(TOKEN, content, signed), holds));
  }
});

test('parseJoinToken takes what newJoinToken makes, and nothing else', () => {
  const token = newJoinToken();
  assert.deepEqual(parseJoinToken(`${token.id}.${token.secret}`), token);
  for (const text of ['', 'abcdef', 'abcdef.0123', 'ABCDEF.0123456789abcdef', 'abcdef.0123456789abcdef ']) {
    assert.equal(parseJoinToken(text), undefined);
  }
});

test('authorityHash names the key, which an authority keeps when it is renewed', () => {
  const terms = { nowMs: 0, lifetimeMs: 1000 };
  const first = createAuthority('kubernetes', terms);
  const renewed = createAuthority('kubernetes', { ...terms, nowMs: 500 }, first.key);
  assert.match(authorityHash(first.certificate), /^sha256:[0-9a-f]{64}$/);
  assert.equal(authorityHash(renewed.certificate), authorityHash(first.certificate));
  assert.notEqual(authorityHash(createAuthority('kubernetes', terms).certificate), authorityHash(first.certificate));
});
