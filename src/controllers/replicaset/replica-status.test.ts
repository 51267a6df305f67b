import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import type { Pod } from '../../api/core/pod.ts';
import { formatTime } from '../../api/time.ts';
import { nextAvailabilityMs } from '../pod-state.ts';
import { isSameReplicaStatus, replicaStatus } from './replica-status.ts';

const NOW = Date.UTC(2026, 0, 1);

function replicaSet(spec = {}, status = {}): ReplicaSet {
  const template = { metadata: { labels: { app: 'web', tier: 'front' } } };
  return { metadata: { generation: 3 }, spec: { template, ...spec }, status } as unknown as ReplicaSet;
}

function pod(readyForMs: number | undefined, labels = {}): Pod {
  const lastTransitionTime = formatTime(NOW - (readyForMs ?? 0));
  const conditions = readyForMs === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime }];
  return { metadata: { labels: { app: 'web', ...labels } }, spec: {}, status: { conditions } } as unknown as Pod;
}

const failure = (message: string) => ({ reason: 'FailedCreate', message }) as const;

test('replicaStatus counts pods by labels, readiness and availability', () => {
  const active = [pod(undefined), pod(5_000, { tier: 'front' }), pod(20_000, { tier: 'front', more: 'labels' })];
  const status = replicaStatus(replicaSet({ minReadySeconds: 10 }), { active, terminating: 2 }, undefined, NOW);
  assert.deepEqual(status, {
    replicas: 3,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 1,
    terminatingReplicas: 2,
    observedGeneration: 3,
  });
  assert.equal(nextAvailabilityMs(active, 10, NOW), 5_000);
  assert.equal(nextAvailabilityMs(active, 0, NOW), undefined);
  const without = replicaStatus(replicaSet(), { active, terminating: undefined }, undefined, NOW);
  assert.equal('terminatingReplicas' in without, false);
});

test('replicaStatus keeps a failure as it was first said, and the conditions of others', () => {
  const pods = { active: [], terminating: 0 };
  const others = [{ type: 'StatusUpdate', status: 'True' }];
  const first = replicaStatus(replicaSet({}, { conditions: others }), pods, failure('first'), NOW);
  const lastTransitionTime = formatTime(NOW);
  const said = { type: 'ReplicaFailure', status: 'True', lastTransitionTime, ...failure('first') };
  assert.deepEqual(first.conditions, [...others, said]);
  const second = replicaStatus(replicaSet({}, first), pods, failure('second'), NOW + 60_000);
  assert.deepEqual(second.conditions, first.conditions);
  assert.ok(isSameReplicaStatus(first, second));
  const recovered = replicaStatus(replicaSet({}, second), pods, undefined, NOW + 90_000);
  assert.deepEqual(recovered.conditions, others);
  assert.ok(!isSameReplicaStatus(second, recovered));
});
