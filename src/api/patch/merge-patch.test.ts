import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatusError } from '../status-error.ts';
import { applyMergePatch, mergePatchObject } from './merge-patch.ts';

test('applyMergePatch follows RFC 7386', () => {
  const cases: readonly (readonly [unknown, object, unknown])[] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{}, { a: [{ b: null, c: 1 }] }, { a: [{ c: 1 }] }],
    [{ a: {} }, { a: [{ b: null, c: 1 }] }, { a: [{ b: null, c: 1 }] }],
  ];
  for (const [original, patch, expected] of cases) {
    const before = JSON.stringify(original);
    assert.deepEqual(applyMergePatch(original, patch as Record<string, unknown>), expected, JSON.stringify(patch));
    assert.equal(JSON.stringify(original), before);
  }
});

test('applyMergePatch takes __proto__ for a key like any other', () => {
  const result = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}'));
  assert.equal(JSON.stringify(result), '{"__proto__":{"polluted":true}}');
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

test('applyMergePatch shares what the patch does not name', () => {
  const original = { a: { b: 1 }, c: { d: 1 } };
  assert.equal(applyMergePatch(original, { a: { b: 2 } })['c'], original.c);
});

test('mergePatchObject takes objects alone', () => {
  assert.deepEqual(mergePatchObject({ a: 1 }), { a: 1 });
  for (const bad of [[], 'x', null])
    assert.throws(
      () => mergePatchObject(bad),
      (error) => isStatusError(error, 'BadRequest'),
    );
});
