import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { PodDisruptionBudget } from './pod-disruption-budget.ts';

const status = { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 };

const cases: readonly [title: string, row: string, expected: string][] = [
  [
    'a budget of what stays',
    rowOf(PodDisruptionBudget, { spec: { minAvailable: '50%' }, status }),
    'x | 50% | N/A | 1 | 60m',
  ],
  [
    'a budget of what goes',
    rowOf(PodDisruptionBudget, { spec: { maxUnavailable: 0 }, status: { ...status, disruptionsAllowed: 0 } }),
    'x | N/A | 0 | 0 | 60m',
  ],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}
