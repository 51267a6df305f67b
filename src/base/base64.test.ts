import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBase64, encodeBase64 } from './base64.ts';

test('encodeBase64 and decodeBase64 agree with the platform for every length', () => {
  for (let size = 0; size < 70; size++) {
    const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 89 + size) & 0xff);
    const text = Buffer.from(bytes).toString('base64');
    assert.equal(encodeBase64(bytes), text);
    assert.deepEqual(decodeBase64(text), bytes);
  }
});

test('decodeBase64 refuses what is not padded base64', () => {
  for (const text of ['a', 'ab', 'abc', 'ab=c', 'a===', 'ab*=', '====', 'abcd=', 'ab\u00e9d']) {
    assert.throws(() => decodeBase64(text), SyntaxError, text);
  }
});
