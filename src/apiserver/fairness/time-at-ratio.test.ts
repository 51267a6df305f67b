import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeAtRatio } from './time-at-ratio.ts';

test('TimeAtRatio counts the nanoseconds at each ratio', () => {
  const time = new TimeAtRatio(100, [0, 0.5, 1]);
  time.set(0.25, 102);
  time.set(2, 103);
  time.set(0.5, 103.5);
  const expected = { counts: [2e6, 1.5e6, 0], count: 4e6, sum: 0.25e6 + 2 * 0.5e6 + 0.5 * 0.5e6 };
  assert.deepEqual(time.read(104), expected);
  assert.deepEqual(time.read(104), expected);
});
