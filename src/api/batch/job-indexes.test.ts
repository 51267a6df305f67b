import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countJobIndexes, parseJobIndexes, sharedJobIndex } from './job-indexes.ts';

test('parseJobIndexes reads single indexes and intervals', () => {
  assert.deepEqual(parseJobIndexes('', 3), []);
  const intervals = parseJobIndexes('0,2-4,7', 8);
  assert.deepEqual(intervals, [
    { first: 0, last: 0 },
    { first: 2, last: 4 },
    { first: 7, last: 7 },
  ]);
  assert.equal(countJobIndexes(intervals), 5);
});

const bad: readonly [text: string, expected: string][] = [
  ['a', 'cannot convert string to integer for index: "a"'],
  ['0-', 'cannot convert string to integer for index: ""'],
  ['0, 1', 'cannot convert string to integer for index: " 1"'],
  ['5', 'too large index: "5"'],
  ['1-5', 'too large index: "5"'],
  ['3-2', 'non-increasing order, previous: 3, current: 2'],
  ['2-2', 'non-increasing order, previous: 2, current: 2'],
  ['1,1', 'non-increasing order, previous: 1, current: 1'],
  [
    '1-2-3',
    'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'',
  ],
];
for (const [text, message] of bad) {
  test(`parseJobIndexes refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseJobIndexes(text, 5), { name: 'JobIndexesError', message });
  });
}

const shared: readonly [a: string, b: string, expected: number | undefined][] = [
  ['0-2,4', '3', undefined],
  ['0-2,4', '1,4', 1],
  ['0-2,4', '3-6', 4],
  ['', '1', undefined],
  ['x,3', '3', 3],
  ['1-9', '1', undefined],
];
for (const [a, b, expected] of shared) {
  test(`sharedJobIndex of ${a} and ${b}`, () => assert.equal(sharedJobIndex(a, b, 8), expected));
}
