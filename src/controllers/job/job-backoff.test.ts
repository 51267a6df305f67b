import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOW_MS, readPod } from '../../../test/support/job-objects.ts';
import { backoffLeftMs, continueStreak, NO_FAILURES } from './job-backoff.ts';

const ended = (...ago: number[]) => ago.map((endedAgo) => readPod(`${endedAgo}`, { phase: 'Succeeded', endedAgo }));
const before = { failures: 2, lastFailureMs: NOW_MS - 500_000 };

const cases: readonly [title: string, succeeded: readonly number[], failed: readonly number[], expected: object][] = [
  ['nothing new', [], [], before],
  ['more failures', [], [30, 20], { failures: 4, lastFailureMs: NOW_MS - 20_000 }],
  ['a success', [10], [], NO_FAILURES],
  ['a success after failures', [10], [30, 20], NO_FAILURES],
  ['failures after a success', [25], [30, 20, 10], { failures: 2, lastFailureMs: NOW_MS - 10_000 }],
];
for (const [title, succeeded, failed, expected] of cases) {
  test(`continueStreak: ${title}`, () => {
    assert.deepEqual(continueStreak(before, { succeeded: ended(...succeeded), failed: ended(...failed) }), expected);
  });
}

const waits: readonly [failures: number, agoMs: number, leftMs: number][] = [
  [0, 0, 0],
  [1, 0, 10_000],
  [1, 10_000, 0],
  [3, 5_000, 35_000],
  [20, 0, 600_000],
];
for (const [failures, agoMs, leftMs] of waits) {
  test(`backoffLeftMs of ${failures} failures ${agoMs} ms ago`, () => {
    assert.equal(backoffLeftMs({ failures, lastFailureMs: NOW_MS - agoMs }, NOW_MS), leftMs);
  });
}
