import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubeletPod } from '../../../test/support/kubelet-objects.ts';
import { memorySizeBytes } from './memory-size.ts';

const MEBIBYTE = 1024 * 1024;
const limited = (...limits: readonly (string | undefined)[]) =>
  kubeletPod({
    spec: {
      containers: limits.map((memory, index) => ({
        name: `c${index}`,
        resources: memory === undefined ? {} : { limits: { memory } },
      })),
    },
  });

const cases = [
  ['the limit of the volume', limited('64Mi'), '8Mi', '1Gi', 8],
  ['the limit of the pod, where the volume has none', limited('64Mi'), undefined, '1Gi', 64],
  ['the limit of the pod, where the volume may have more', limited('64Mi', '64Mi'), '200Mi', '1Gi', 128],
  ['what all pods may use, where one container has no limit', limited('64Mi', undefined), undefined, '1Gi', 1024],
  ['what all pods may use, where the volume may have more', limited(undefined), '2Gi', '1Gi', 1024],
  ['a limit of nothing, which is none', limited(undefined), '0', '1Gi', 1024],
  ['the limit of the volume, before the node is known', limited(undefined), '8Mi', undefined, 8],
] as const;
for (const [name, pod, sizeLimit, allocatable, mebibytes] of cases) {
  test(`memorySizeBytes is ${name}`, () => {
    assert.equal(memorySizeBytes(pod, sizeLimit, allocatable), mebibytes * MEBIBYTE);
  });
}

test('memorySizeBytes is nothing where nothing is limited', () => {
  assert.equal(memorySizeBytes(limited(undefined), undefined, undefined), undefined);
});
