import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, DeploymentCondition } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { formatTime } from '../../api/time.ts';
import { conditionOf, deadlineMs, progressing, rolloutStatus, withCondition } from './deployment-status.ts';

const NOW = Date.UTC(2026, 0, 1);

function deployment(spec = {}, status = {}): Deployment {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  return {
    metadata: { name: 'web', generation: 2 },
    spec: { replicas: 3, progressDeadlineSeconds: 60, strategy, ...spec },
    status,
  } as unknown as Deployment;
}

function replicaSet(size: number, status: Partial<ReplicaSet['status']> = {}): ReplicaSet {
  return {
    metadata: { name: 'web-abc' },
    spec: { replicas: size },
    status: { replicas: size, readyReplicas: size, availableReplicas: size, terminatingReplicas: 0, ...status },
  } as unknown as ReplicaSet;
}

const said = (reason: string, atMs = NOW, status: 'True' | 'False' | 'Unknown' = 'True') =>
  withCondition([], progressing(status, reason, 'text'), atMs);

test('withCondition keeps the time of the last transition while the status stays', () => {
  const first = withCondition([], progressing('True', 'A', 'a'), NOW);
  const second = withCondition(first, progressing('True', 'B', 'b'), NOW + 60_000);
  assert.deepEqual(second, [
    {
      type: 'Progressing',
      status: 'True',
      lastUpdateTime: formatTime(NOW + 60_000),
      lastTransitionTime: formatTime(NOW),
      reason: 'B',
      message: 'b',
    },
  ]);
  assert.equal(withCondition(second, progressing('True', 'B', 'other'), NOW + 90_000), second);
  const third = withCondition(second, progressing('False', 'B', 'b'), NOW + 90_000);
  assert.equal(third[0]?.lastTransitionTime, formatTime(NOW + 90_000));
});

test('rolloutStatus says how the rollout goes', () => {
  const cases: readonly (readonly [
    what: string,
    before: Deployment,
    newest: ReplicaSet | undefined,
    old: readonly ReplicaSet[],
    conditions: readonly DeploymentCondition[],
    nowMs: number,
    reason: string | undefined,
    status?: string,
  ])[] = [
    ['done', deployment(), replicaSet(3), [], said('ReplicaSetUpdated'), NOW, 'NewReplicaSetAvailable', 'True'],
    [
      'a step',
      deployment(),
      replicaSet(1),
      [replicaSet(3)],
      said('NewReplicaSetCreated'),
      NOW,
      'ReplicaSetUpdated',
      'True',
    ],
    [
      'no step yet',
      deployment({}, { replicas: 3, updatedReplicas: 0, readyReplicas: 3, availableReplicas: 3 }),
      replicaSet(0),
      [replicaSet(3)],
      said('NewReplicaSetCreated'),
      NOW + 59_000,
      'NewReplicaSetCreated',
    ],
    [
      'no step for too long',
      deployment({}, { replicas: 3, updatedReplicas: 0, readyReplicas: 3, availableReplicas: 3 }),
      replicaSet(0),
      [replicaSet(3)],
      said('NewReplicaSetCreated'),
      NOW + 61_000,
      'ProgressDeadlineExceeded',
      'False',
    ],
    [
      'finished before: pods that break later are not a rollout',
      deployment({}, { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }),
      replicaSet(3, { readyReplicas: 1, availableReplicas: 1 }),
      [],
      said('NewReplicaSetAvailable'),
      NOW + 600_000,
      'NewReplicaSetAvailable',
      'True',
    ],
    ['no deadline', deployment({ progressDeadlineSeconds: 0x7fffffff }), replicaSet(1), [], said('X'), NOW, undefined],
  ];
  for (const [what, before, newest, old, conditions, nowMs, reason, wanted] of cases) {
    const status = rolloutStatus({ deployment: before, newest, old }, conditions, nowMs);
    const condition = conditionOf(status.conditions, 'Progressing');
    assert.equal(condition?.reason, reason, what);
    if (wanted !== undefined) assert.equal(condition?.status, wanted, what);
  }
});

test('rolloutStatus adds up its replica sets', () => {
  const status = rolloutStatus(
    {
      deployment: deployment(),
      newest: replicaSet(2, { readyReplicas: 1, availableReplicas: 1 }),
      old: [replicaSet(2)],
    },
    [],
    NOW,
  );
  const { conditions, ...numbers } = status;
  assert.deepEqual(numbers, {
    observedGeneration: 2,
    replicas: 4,
    updatedReplicas: 2,
    readyReplicas: 3,
    availableReplicas: 3,
    unavailableReplicas: 1,
    terminatingReplicas: 0,
  });
  assert.equal(conditionOf(conditions, 'Available')?.reason, 'MinimumReplicasAvailable');
});

test('rolloutStatus passes on why pods cannot be made, the newest first', () => {
  const failing = (message: string) =>
    replicaSet(0, {
      conditions: [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message,
          lastTransitionTime: formatTime(NOW),
        },
      ],
    });
  const rollout = { deployment: deployment(), newest: failing('new'), old: [failing('old')] };
  const failed = rolloutStatus(rollout, [], NOW);
  assert.equal(conditionOf(failed.conditions, 'ReplicaFailure')?.message, 'new');
  const recovered = rolloutStatus({ ...rollout, newest: replicaSet(3), old: [] }, failed.conditions ?? [], NOW);
  assert.equal(conditionOf(recovered.conditions, 'ReplicaFailure'), undefined);
});

test('deadlineMs asks for a look when a rollout would be stuck', () => {
  const one = deployment();
  const status = rolloutStatus({ deployment: one, newest: replicaSet(1), old: [] }, said('ReplicaSetUpdated'), NOW);
  assert.equal(deadlineMs(one, status, NOW), 61_000);
  assert.equal(deadlineMs(one, status, NOW + 600_000), 1_000);
  const done = rolloutStatus({ deployment: one, newest: replicaSet(3), old: [] }, status.conditions ?? [], NOW);
  assert.equal(deadlineMs(one, done, NOW), undefined);
});
