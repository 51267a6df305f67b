import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/pod.ts';
import type { PodDisruptionBudget } from '../../api/policy/pod-disruption-budget.ts';
import { formatTime } from '../../api/time.ts';
import { failedStatus, isOfScale, planBudget } from './budget-status.ts';

const NOW = Date.UTC(2026, 0, 1);

function budget(spec: PodDisruptionBudget['spec'], status = {}): PodDisruptionBudget {
  return { metadata: { name: 'web', generation: 2 }, spec, status } as unknown as PodDisruptionBudget;
}

function pod(name: string, ready = true, deletionTimestamp?: string): Pod {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  return { metadata: { name, deletionTimestamp }, status: { conditions } } as unknown as Pod;
}

const pods = (healthy: number, sick = 0) => [
  ...Array.from({ length: healthy }, (_, i) => pod(`healthy-${i}`)),
  ...Array.from({ length: sick }, (_, i) => pod(`sick-${i}`, false)),
];

test('planBudget says how many may go', () => {
  const cases: readonly [
    what: string,
    spec: PodDisruptionBudget['spec'],
    pods: readonly Pod[],
    scale: number,
    figures: readonly [expected: number, desired: number, current: number, allowed: number],
  ][] = [
    ['a number that must stay', { minAvailable: 2 }, pods(3), 0, [3, 2, 3, 1]],
    ['more must stay than there are', { minAvailable: 5 }, pods(3), 0, [3, 5, 3, 0]],
    ['no pods', { minAvailable: 0 }, [], 0, [0, 0, 0, 0]],
    ['a share that must stay, rounded up', { minAvailable: '28%' }, pods(7), 7, [7, 2, 7, 5]],
    ['of what ought to be, not of what is', { minAvailable: '50%' }, pods(3), 10, [10, 5, 3, 0]],
    ['a number that may be missing', { maxUnavailable: 1 }, pods(9, 1), 10, [10, 9, 9, 0]],
    ['a share that may be missing, rounded up', { maxUnavailable: '10%' }, pods(5), 5, [5, 4, 5, 1]],
    ['all may be missing', { maxUnavailable: 9 }, pods(3), 5, [5, 0, 3, 3]],
    ['nothing is said', {}, pods(3), 0, [0, 0, 3, 0]],
    [
      'those that go are not healthy',
      { minAvailable: 1 },
      [...pods(2), pod('goes', true, formatTime(NOW))],
      0,
      [3, 1, 2, 1],
    ],
  ];
  for (const [what, spec, covered, scale, figures] of cases) {
    const { status } = planBudget(budget(spec), covered, scale, NOW);
    const { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed } = status;
    assert.deepEqual([expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed], figures, what);
    assert.equal(status.conditions?.[0]?.status, disruptionsAllowed > 0 ? 'True' : 'False', what);
  }
  assert.deepEqual(
    [{ minAvailable: 1 }, { minAvailable: '1%' }, { maxUnavailable: 1 }, {}].map((spec) => isOfScale(budget(spec))),
    [false, true, true, false],
  );
});

test('planBudget waits two minutes for pods whose eviction was granted', () => {
  const at = (secondsAgo: number) => formatTime(NOW - secondsAgo * 1000);
  const disruptedPods = { 'healthy-0': at(30), 'healthy-1': at(120), gone: at(10), going: at(10) };
  const covered = [...pods(4), pod('going', true, at(5))];
  const plan = planBudget(budget({ minAvailable: 1 }, { disruptedPods }), covered, 0, NOW);
  assert.deepEqual(plan.status.disruptedPods, { 'healthy-0': at(30) });
  assert.equal(plan.status.currentHealthy, 3);
  assert.deepEqual(
    plan.notDeleted.map(({ metadata }) => metadata.name),
    ['healthy-1'],
  );
  assert.equal(plan.recheckAtMs, NOW + 90_000);
});

test('the condition keeps the time of its last transition, and those of others stay', () => {
  const other = { type: 'Other', status: 'True', reason: 'R', message: '', lastTransitionTime: formatTime(0) };
  const first = planBudget(budget({ minAvailable: 1 }, { conditions: [other] }), pods(2), 0, NOW).status;
  const allowed = {
    type: 'DisruptionAllowed',
    status: 'True',
    reason: 'SufficientPods',
    message: '',
    observedGeneration: 2,
    lastTransitionTime: formatTime(NOW),
  };
  assert.deepEqual(first.conditions, [other, allowed]);
  const later = planBudget(budget({ minAvailable: 1 }, first), pods(3), 0, NOW + 60_000).status;
  assert.deepEqual(later.conditions, first.conditions);
  const failed = failedStatus(budget({ minAvailable: 1 }, later), 'no scale', NOW + 90_000);
  const condition = failed.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  assert.deepEqual(
    [failed.disruptionsAllowed, failed.currentHealthy, condition?.status, condition?.reason, condition?.message],
    [0, 3, 'False', 'SyncFailed', 'no scale'],
  );
});
