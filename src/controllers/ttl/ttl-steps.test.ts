import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ttlStep, ttlStepSeconds } from './ttl-steps.ts';

test('ttlStep: goes up beyond the end of a step, and down only below its beginning', () => {
  const counts = [0, 100, 101, 500, 501, 450, 449, 90, 89, 3000, 1800, 1799, 10];
  let step = 0;
  const seconds = counts.map((count) => {
    step = ttlStep(step, count);
    return ttlStepSeconds(step);
  });
  assert.deepEqual(seconds, [0, 0, 15, 15, 30, 30, 15, 15, 0, 300, 300, 60, 0]);
});
