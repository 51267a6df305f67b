import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/pod.ts';
import { formatTime } from '../../api/time.ts';
import { endedPodsToDelete } from './ended-pods.ts';

function pod(name: string, age: number, reason?: string): Pod {
  const creationTimestamp = formatTime(Date.UTC(2026, 0, 1) - age * 1000);
  return { metadata: { name, creationTimestamp }, status: { phase: 'Failed', reason } } as unknown as Pod;
}

test('endedPodsToDelete takes the evicted, then the oldest, then by name', () => {
  const pods = [pod('young', 1), pod('b', 5), pod('a', 5), pod('old', 9), pod('evicted', 0, 'Evicted')];
  const names = (threshold: number) => endedPodsToDelete(pods, threshold).map(({ metadata }) => metadata.name);
  assert.deepEqual(names(1), ['evicted', 'old', 'a', 'b']);
  assert.deepEqual(names(4), ['evicted']);
  assert.deepEqual(names(5), []);
  assert.deepEqual(names(0), [], '0 is no limit');
});
