import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { formatTime } from '../../api/time.ts';
import { revisionOf } from './revision.ts';
import {
  initialSize,
  isScaled,
  maxSurge,
  maxUnavailable,
  planCleanup,
  planRecreate,
  planRollingUpdate,
  planScaling,
} from './rollout-plan.ts';

const START = Date.UTC(2026, 0, 1);

function deployment(replicas: number, surge: number | string = '25%', unavailable: number | string = '25%', more = {}) {
  const rollingUpdate = { maxSurge: surge, maxUnavailable: unavailable };
  return {
    metadata: { name: 'web', generation: 1 },
    spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate }, ...more },
    status: {},
  } as unknown as Deployment;
}

let age = 0;
function replicaSet(size: number, available = size, annotations: Record<string, string> = {}): ReplicaSet {
  age++;
  return {
    metadata: { name: `rs-${age}`, uid: `rs-${age}`, creationTimestamp: formatTime(START + age * 1000), annotations },
    spec: { replicas: size },
    status: { replicas: size, availableReplicas: available },
  } as unknown as ReplicaSet;
}

const sizes = (steps: readonly { readonly replicaSet: ReplicaSet; readonly replicas: number }[], ...of: ReplicaSet[]) =>
  of.map((one) => steps.find(({ replicaSet }) => replicaSet === one)?.replicas ?? one.spec.replicas);

test('maxSurge rounds up, maxUnavailable down, and one of them is never nothing', () => {
  const cases: readonly [number, number | string, number | string, number, number][] = [
    [10, '25%', '25%', 3, 2],
    [1, '25%', '25%', 1, 0],
    [10, 0, 0, 0, 1],
    [3, '10%', '0%', 1, 0],
    [3, 0, 5, 0, 3],
    [0, '25%', 1, 0, 0],
  ];
  for (const [replicas, surge, unavailable, wantedSurge, wantedUnavailable] of cases) {
    const one = deployment(replicas, surge, unavailable);
    assert.deepEqual(
      [maxSurge(one), maxUnavailable(one)],
      [wantedSurge, wantedUnavailable],
      `${replicas} ${surge} ${unavailable}`,
    );
  }
});

test('initialSize is what fits above the pods that are there', () => {
  const cases: readonly [number, number, number][] = [
    [10, 0, 10],
    [10, 10, 3],
    [10, 13, 0],
    [10, 8, 5],
  ];
  for (const [desired, oldSize, wanted] of cases) {
    const rollout = { deployment: deployment(desired), newest: undefined, old: [replicaSet(oldSize)] };
    assert.equal(initialSize(rollout), wanted, `${desired} ${oldSize}`);
  }
});

test('planRollingUpdate grows the newest first and shrinks the old by what may be missed', () => {
  const cases: readonly (readonly [
    what: string,
    desired: number,
    newest: [number, number],
    old: readonly [number, number][],
    wanted: readonly number[],
  ])[] = [
    ['the newest has room', 10, [0, 0], [[10, 10]], [3, 10]],
    ['the newest is being made ready', 10, [3, 0], [[10, 10]], [3, 8]],
    ['the newest is ready', 10, [3, 3], [[8, 8]], [5, 8]],
    ['nothing may be missed any more', 10, [5, 0], [[8, 8]], [5, 8]],
    ['old ones that are broken go first', 10, [3, 3], [[10, 0]], [3, 5]],
    [
      'the oldest goes first',
      10,
      [5, 5],
      [
        [4, 4],
        [4, 4],
      ],
      [5, 0, 3],
    ],
    ['too large a newest shrinks', 5, [7, 7], [], [5]],
    ['all is done', 10, [10, 10], [[0, 0]], [10, 0]],
  ];
  for (const [what, desired, [size, available], old, wanted] of cases) {
    const olds = old.map(([oldSize, oldAvailable]) => replicaSet(oldSize, oldAvailable));
    const newest = replicaSet(size, available);
    const steps = planRollingUpdate({ deployment: deployment(desired), newest, old: olds });
    assert.deepEqual(sizes(steps, newest, ...olds), wanted, what);
  }
});

test('planRollingUpdate ends, and never leaves its bounds on the way', () => {
  for (let desired = 1; desired <= 12; desired++) {
    for (const [surge, unavailable] of [
      ['25%', '25%'],
      [1, 0],
      [0, 1],
      [3, 2],
    ] as const) {
      const one = deployment(desired, surge, unavailable);
      let old = replicaSet(desired);
      let newest = replicaSet(0);
      for (let step = 0; newest.status.availableReplicas !== desired || old.spec.replicas !== 0; step++) {
        assert.ok(step < 100, `${desired} ${surge} ${unavailable} does not end`);
        const steps = planRollingUpdate({ deployment: one, newest, old: [old] });
        const [newSize = 0, oldSize = 0] = sizes(steps, newest, old);
        assert.ok(newSize + oldSize <= desired + maxSurge(one));
        const available = Math.min(newSize, newest.status.availableReplicas ?? 0) + oldSize;
        assert.ok(available >= desired - maxUnavailable(one), `${available} of ${desired}`);
        old = {
          ...old,
          spec: { ...old.spec, replicas: oldSize },
          status: { ...old.status, availableReplicas: oldSize },
        };
        // One more pod becomes ready with every step.
        const ready = Math.min(newSize, (newest.status.availableReplicas ?? 0) + 1);
        newest = {
          ...newest,
          spec: { ...newest.spec, replicas: newSize },
          status: { ...newest.status, availableReplicas: ready },
        };
      }
    }
  }
});

test('planRecreate empties the old before it fills the new', () => {
  const one = { ...deployment(3), spec: { replicas: 3, strategy: { type: 'Recreate' } } } as unknown as Deployment;
  const old = replicaSet(3);
  const newest = replicaSet(0);
  assert.deepEqual(sizes(planRecreate({ deployment: one, newest, old: [old] }), newest, old), [0, 0]);
  assert.deepEqual(sizes(planRecreate({ deployment: one, newest, old: [replicaSet(0)] }), newest), [3]);
  assert.deepEqual(planRecreate({ deployment: one, newest: replicaSet(3), old: [] }), []);
});

test('isScaled tells a new size from a step of a rollout', () => {
  const marked = (size: number, desired: string) =>
    replicaSet(size, size, { 'deployment.kubernetes.io/desired-replicas': desired });
  assert.equal(isScaled({ deployment: deployment(5), newest: marked(3, '5'), old: [marked(2, '5')] }), false);
  assert.equal(isScaled({ deployment: deployment(6), newest: marked(3, '5'), old: [marked(2, '5')] }), true);
  assert.equal(isScaled({ deployment: deployment(6), newest: replicaSet(3), old: [marked(0, '5')] }), false);
});

test('planScaling sizes what is active, in proportion when there are several', () => {
  const at = (size: number, max: string, available = size) =>
    replicaSet(size, available, {
      'deployment.kubernetes.io/max-replicas': max,
      'deployment.kubernetes.io/desired-replicas': '10',
    });
  const older = at(5, '10');
  const newer = at(5, '10', 0);
  const cases: readonly (readonly [
    string,
    Deployment,
    ReplicaSet | undefined,
    readonly ReplicaSet[],
    readonly number[],
  ])[] = [
    ['one is active', deployment(8), at(5, '7'), [at(0, '7')], [8, 0]],
    ['none is active: the newest', deployment(8), at(0, '7'), [at(0, '7')], [8, 0]],
    ['growing', deployment(30, 3, 2), at(5, '13', 0), [at(8, '13')], [13, 20]],
    ['shrinking', deployment(5, 3, 2), at(5, '13', 0), [at(8, '13')], [3, 5]],
    ['to nothing', deployment(0, 3, 2), at(5, '13'), [at(8, '13')], [0, 0]],
    ['of one size the newer grows', deployment(11, 0, 1), newer, [older], [6, 5]],
    ['of one size the older shrinks', deployment(9, 0, 1), newer, [older], [5, 4]],
  ];
  for (const [what, one, newest, old, wanted] of cases) {
    const steps = planScaling({ deployment: one, newest, old });
    assert.deepEqual(sizes(steps, ...(newest ? [newest] : []), ...old), wanted, what);
  }
});

test('planScaling empties the old once the newest is full', () => {
  const annotations = { 'deployment.kubernetes.io/desired-replicas': '5' };
  const newest = replicaSet(5, 5, annotations);
  const old = replicaSet(2);
  assert.deepEqual(sizes(planScaling({ deployment: deployment(5), newest, old: [old] }), newest, old), [5, 0]);
});

test('planCleanup takes the oldest revisions that have no pods', () => {
  const at = (revision: string, size = 0) => replicaSet(size, size, { 'deployment.kubernetes.io/revision': revision });
  const old = [at('3'), at('1', 2), at('2'), at('4')];
  const revisions = (limit: number | undefined) =>
    planCleanup(deployment(1, 1, 1, limit === undefined ? {} : { revisionHistoryLimit: limit }), old, revisionOf).map(
      revisionOf,
    );
  assert.deepEqual(revisions(10), []);
  assert.deepEqual(revisions(2), [2n]);
  assert.deepEqual(revisions(0), [2n, 3n, 4n]);
  assert.deepEqual(revisions(undefined), []);
});
