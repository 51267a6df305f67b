import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedFields } from './changed-fields.ts';
import { Path } from './field-error.ts';

const at = Path.of('spec');

const cases: readonly [title: string, value: unknown, previous: unknown, expected: readonly string[]][] = [
  ['nothing when both mean the same', { a: [], b: 1 }, { b: 1 }, []],
  ['the innermost field', { a: { b: 2 } }, { a: { b: 1 } }, ['spec.a.b: 1 -> 2']],
  ['items of lists that are as long', { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, ['spec.a[1].b: 3 -> 2']],
  ['lists as a whole when one is longer', { a: [1, 2] }, { a: [1] }, ['spec.a: [1] -> [1,2]']],
  ['what was added and what was removed', { a: 1 }, { b: 2 }, ['spec.b: 2 -> null', 'spec.a: null -> 1']],
  ['no more than the limit', { a: 1, b: 1, c: 1 }, {}, ['spec.a: null -> 1', 'spec.b: null -> 1']],
];

for (const [title, value, previous, expected] of cases) {
  test(`changedFields gives ${title}`, () => {
    assert.deepEqual(changedFields(value, previous, at, 2), expected);
  });
}
