import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepEqual } from './deep-equal.ts';

test('deepEqual takes absent, null and empty lists for the same, and nothing else', () => {
  const same: readonly (readonly [unknown, unknown])[] = [
    [1, 1],
    [undefined, null],
    [null, []],
    [
      { a: 1, b: [1, { c: 2 }] },
      { b: [1, { c: 2 }], a: 1 },
    ],
    [{ a: 1, b: undefined }, { a: 1 }],
    [{ a: [] }, {}],
    [{}, { a: null }],
    [JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
  ];
  const different: readonly (readonly [unknown, unknown])[] = [
    [0, undefined],
    ['', null],
    [false, undefined],
    [{}, undefined],
    [{}, []],
    [{ emptyDir: {} }, {}],
    [{ replicas: 0 }, {}],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 1]],
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { b: 1 }],
    [{}, { constructor: 1 }],
    [{ constructor: Object }, {}],
  ];
  for (const [a, b] of same) {
    assert.equal(deepEqual(a, b), true, JSON.stringify([a, b]));
    assert.equal(deepEqual(b, a), true, JSON.stringify([b, a]));
  }
  for (const [a, b] of different) {
    assert.equal(deepEqual(a, b), false, JSON.stringify([a, b]));
    assert.equal(deepEqual(b, a), false, JSON.stringify([b, a]));
  }
});
