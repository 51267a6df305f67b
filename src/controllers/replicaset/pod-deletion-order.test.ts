import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/pod.ts';
import { formatTime } from '../../api/time.ts';
import { podsToDelete } from './pod-deletion-order.ts';

const NOW = Date.UTC(2026, 0, 2);

interface Traits {
  readonly node?: string;
  readonly phase?: string;
  readonly readyForMs?: number;
  readonly cost?: string;
  readonly restarts?: number;
  readonly sidecarRestarts?: number;
  readonly ageMs?: number;
}

function pod(
  name: string,
  {
    node = 'n',
    phase = 'Running',
    readyForMs,
    cost,
    restarts = 0,
    sidecarRestarts = 0,
    ageMs = 3_600_000,
  }: Traits = {},
): Pod {
  const conditions =
    readyForMs === undefined
      ? []
      : [{ type: 'Ready', status: 'True', lastTransitionTime: formatTime(NOW - readyForMs) }];
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: formatTime(NOW - ageMs),
      annotations: cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost },
    },
    spec: { nodeName: node, initContainers: [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }] },
    status: {
      phase,
      conditions,
      containerStatuses: [{ name: 'main', restartCount: restarts }],
      initContainerStatuses: [
        { name: 'setup', restartCount: 9 },
        { name: 'proxy', restartCount: sidecarRestarts },
      ],
    },
  } as unknown as Pod;
}

test('podsToDelete takes first what is missed least', () => {
  const hour = 3_600_000;
  const cases: readonly (readonly [what: string, goes: Pod, stays: Pod])[] = [
    ['not on a node', pod('a', { node: '' }), pod('b', { phase: 'Pending' })],
    ['pending', pod('a', { phase: 'Pending' }), pod('b', { phase: 'Running' })],
    ['unknown', pod('a', { phase: 'Unknown' }), pod('b')],
    ['not ready', pod('a'), pod('b', { readyForMs: 1 })],
    ['cheaper', pod('a', { cost: '-5', readyForMs: hour }), pod('b', { readyForMs: 1000 })],
    ['a cost that is none counts as nothing', pod('a', { cost: '-1' }), pod('b', { cost: 'much' })],
    ['ready for a shorter time', pod('a', { readyForMs: 1000 }), pod('b', { readyForMs: hour })],
    ['restarted more often', pod('a', { restarts: 3 }), pod('b', { sidecarRestarts: 9 })],
    ['a sidecar restarted more often', pod('b', { sidecarRestarts: 1 }), pod('a')],
    ['younger', pod('a', { ageMs: 1000 }), pod('b', { ageMs: hour })],
    ['about as old: by uid', pod('a', { ageMs: 1.05 * hour }), pod('b', { ageMs: hour })],
  ];
  for (const [what, goes, stays] of cases) {
    for (const pods of [
      [goes, stays],
      [stays, goes],
    ]) {
      assert.deepEqual(podsToDelete(pods, pods, 1, NOW), [goes], what);
    }
  }
});

test('podsToDelete thins out the node with the most related pods', () => {
  const mine = [pod('a', { node: 'full' }), pod('b', { node: 'empty' })];
  const related = [...mine, pod('x', { node: 'full' }), pod('y', { node: 'full' })];
  assert.deepEqual(podsToDelete(mine, related, 1, NOW), [mine[0]]);
});
