import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countJobIndexes,
  countSharedJobIndexes,
  formatJobIndexes,
  includesJobIndex,
  jobIndexesOf,
  mergeJobIndexes,
  otherJobIndexes,
  parseJobIndexes,
  readJobIndexes,
  sharedJobIndex,
} from './job-indexes.ts';

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

const written: readonly [indexes: readonly number[], text: string][] = [
  [[], ''],
  [[4], '4'],
  [[1, 0], '0,1'],
  [[7, 3, 5, 4, 1], '1,3-5,7'],
  [[2, 2, 3, 3, 4], '2-4'],
];
for (const [indexes, text] of written) {
  test(`formatJobIndexes of ${indexes}`, () => assert.equal(formatJobIndexes(jobIndexesOf(indexes)), text));
}

const read: readonly [text: string, completions: number, expected: string][] = [
  ['', 5, ''],
  ['0,2-4', 5, '0,2-4'],
  ['0,2-4,7', 4, '0,2,3'],
  ['1,x,3-', 5, '1'],
  ['0,1,2', 5, '0-2'],
];
for (const [text, completions, expected] of read) {
  test(`readJobIndexes of ${JSON.stringify(text)} below ${completions}`, () => {
    assert.equal(formatJobIndexes(readJobIndexes(text, completions)), expected);
  });
}

test('mergeJobIndexes joins what touches and overlaps', () => {
  const intervals = (text: string) => parseJobIndexes(text, 100);
  assert.equal(formatJobIndexes(mergeJobIndexes(intervals('0-3,9'), intervals('2-5,8,20'))), '0-5,8,9,20');
});

test('indexes are looked up, counted and completed', () => {
  const some = parseJobIndexes('1-3,6,8-9', 10);
  const has = Array.from({ length: 11 }, (_, index) => includesJobIndex(some, index));
  assert.deepEqual(
    has.flatMap((is, index) => (is ? [index] : [])),
    [1, 2, 3, 6, 8, 9],
  );
  assert.equal(countSharedJobIndexes(some, parseJobIndexes('0-1,3-8', 10)), 4);
  assert.equal(countSharedJobIndexes(some, []), 0);
  assert.deepEqual(otherJobIndexes(some, 10, 3), [0, 4, 5]);
  assert.deepEqual(otherJobIndexes(some, 10, 100), [0, 4, 5, 7]);
  assert.deepEqual(otherJobIndexes([], 2, 5), [0, 1]);
});
