import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson, safeHash } from './canonical-hash.ts';

test('canonicalJson ignores the order of fields and what is unset, but not empty structs', () => {
  const text = canonicalJson({ b: [{ y: 1, x: null }], a: { emptyDir: {} }, c: [], d: '' });
  assert.equal(text, '{"a":{"emptyDir":{}},"b":[{"y":1}]}');
  assert.equal(canonicalJson({ a: { emptyDir: {} }, b: [{ y: 1 }] }), text);
  assert.notEqual(canonicalJson({ a: {}, b: [{ y: 1 }] }), text);
});

test('safeHash is stable, spread, spells no words and changes with the collision count', () => {
  const hash = safeHash('text', 0);
  assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  assert.equal(safeHash('text', 0), hash);
  assert.notEqual(safeHash('text', 1), hash);
  assert.equal(new Set(Array.from({ length: 1000 }, (_, i) => safeHash(`text ${i}`, 0))).size, 1000);
});
