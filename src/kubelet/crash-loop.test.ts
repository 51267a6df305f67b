import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CREATED_AT, kubeletPod, runtimePod } from '../../test/support/kubelet-objects.ts';
import { type CrashLoop, crashLoopAfter, goDuration } from './crash-loop.ts';
import type { RuntimeContainer } from './runtime-pod.ts';

function ended(attempt: number, ranMs: number): RuntimeContainer {
  const finishedAt = CREATED_AT + ranMs;
  const shape = { name: 'main', attempt, state: 'exited', exitCode: 1, finishedAt } as const;
  return runtimePod(kubeletPod(), { containers: [shape] }).containers[0]!;
}

function delaysAfter(runs: readonly number[]): readonly number[] {
  let known: CrashLoop | undefined;
  return runs.map((ranMs, attempt) => {
    known = crashLoopAfter(known, ended(attempt, ranMs), CREATED_AT + ranMs);
    return known?.delayMs ?? -1;
  });
}

describe('crashLoopAfter', () => {
  test('lets the first restart come at once, then doubles up to five minutes', () => {
    const short = Array.from({ length: 8 }, () => 1_000);
    assert.deepEqual(delaysAfter(short), [0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  test('starts over after ten good minutes', () => {
    assert.deepEqual(delaysAfter([1_000, 1_000, 599_999, 600_000, 1_000]), [0, 10_000, 20_000, 0, 10_000]);
  });

  test('counts each end once, and from the moment of the end', () => {
    const first = crashLoopAfter(undefined, ended(0, 1_000), CREATED_AT + 5_000);
    const second = crashLoopAfter(first, ended(1, 2_000), CREATED_AT + 5_000);
    assert.equal(second?.notBefore, CREATED_AT + 12_000);
    assert.equal(crashLoopAfter(second, ended(1, 2_000), CREATED_AT + 60_000), second);
  });

  test('knows nothing of what runs or was never made', () => {
    const running = runtimePod(kubeletPod(), { containers: [{ name: 'main' }] }).containers[0];
    assert.equal(crashLoopAfter(undefined, running, CREATED_AT), undefined);
    assert.equal(crashLoopAfter(undefined, undefined, CREATED_AT), undefined);
  });
});

test('goDuration prints as Go does', () => {
  assert.deepEqual([10_000, 80_000, 160_000, 300_000].map(goDuration), ['10s', '1m20s', '2m40s', '5m0s']);
});
