import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageOf, formatFirst, formatLabelSelector, formatLabels, humanDuration } from './printing.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('humanDuration gets coarser with length', () => {
  const cases: [number, string][] = [
    [-3 * SECOND, '<invalid>'],
    [-1500, '0s'],
    [-500, '0s'],
    [0, '0s'],
    [1999, '1s'],
    [119 * SECOND, '119s'],
    [2 * MINUTE, '2m'],
    [2 * MINUTE + 5 * SECOND, '2m5s'],
    [10 * MINUTE, '10m'],
    [10 * MINUTE + 5 * SECOND, '10m'],
    [179 * MINUTE, '179m'],
    [3 * HOUR, '3h'],
    [3 * HOUR + 7 * MINUTE, '3h7m'],
    [8 * HOUR + 7 * MINUTE, '8h'],
    [47 * HOUR, '47h'],
    [2 * DAY, '2d'],
    [2 * DAY + 5 * HOUR, '2d5h'],
    [8 * DAY + 5 * HOUR, '8d'],
    [729 * DAY, '729d'],
    [2 * 365 * DAY + DAY, '2y1d'],
    [8 * 365 * DAY + DAY, '8y'],
  ];
  for (const [duration, text] of cases) assert.equal(humanDuration(duration), text, String(duration));
});

test('ageOf says unknown where there is no time', () => {
  const nowMs = Date.parse('2026-01-01T00:05:00Z');
  assert.equal(ageOf('2026-01-01T00:00:00Z', nowMs), '5m');
  assert.equal(ageOf(undefined, nowMs), '<unknown>');
});

test('formatLabels sorts', () => {
  assert.equal(formatLabels({ b: '2', a: '1', 'a-b': '3' }), 'a-b=3,a=1,b=2');
  assert.equal(formatLabels({}), '<none>');
  assert.equal(formatLabels(undefined), '<none>');
});

test('formatLabelSelector writes every operator', () => {
  const selector = {
    matchLabels: { m: 'x' },
    matchExpressions: [
      { key: 'z', operator: 'In', values: ['b', 'a'] },
      { key: 'b', operator: 'NotIn', values: ['c'] },
      { key: 'a', operator: 'DoesNotExist' },
      { key: 'c', operator: 'Exists' },
    ],
  };
  assert.equal(formatLabelSelector(selector), '!a,b notin (c),c,m=x,z in (a,b)');
  assert.equal(formatLabelSelector({}), '<none>');
  assert.equal(formatLabelSelector(undefined), '<none>');
  assert.equal(formatLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Near' }] }), '<error>');
});

test('formatFirst counts what it does not show', () => {
  assert.equal(formatFirst(['a', 'b', 'c'], 3), 'a,b,c');
  assert.equal(formatFirst(['a', 'b', 'c', 'd', 'e'], 3), 'a,b,c + 2 more...');
});
