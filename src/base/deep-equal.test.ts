import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepEqual } from './deep-equal.ts';

test('deepEqual compares plain data by what it says', () => {
  const cases: readonly [unknown, unknown, boolean][] = [
    [1, 1, true],
    [Number.NaN, Number.NaN, true],
    ['1', 1, false],
    [null, undefined, false],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
    [[1, 2], [1], false],
    [[], {}, false],
    [{}, null, false],
    [{ a: { b: 1 } }, { a: { c: 1 } }, false],
  ];
  for (const [a, b, equal] of cases) assert.equal(deepEqual(a, b), equal, JSON.stringify([a, b]));
});
