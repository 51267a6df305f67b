import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf } from '../../../test/support/faults.ts';
import { PodDisruptionBudget } from './pod-disruption-budget.ts';

type Input = Parameters<typeof faultsOf<typeof PodDisruptionBudget>>[1];

const MIN_0 = 'must be greater than or equal to 0';
const NOT_PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

const cases: readonly [title: string, spec: NonNullable<Input['spec']>, expected: readonly string[]][] = [
  ['nothing', {}, []],
  ['what stays', { minAvailable: 2, selector: { matchLabels: { a: 'b' } } }, []],
  ['what may go', { maxUnavailable: '100%', unhealthyPodEvictionPolicy: 'AlwaysAllow' }, []],
  [
    'what stays and what may go',
    { minAvailable: 1, maxUnavailable: 1 },
    ['spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set'],
  ],
  ['fewer than none that stay', { minAvailable: -1 }, [`spec.minAvailable: Invalid value: -1: ${MIN_0}`]],
  [
    'more than all that stay',
    { minAvailable: '101%' },
    ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
  ],
  ['fewer than none that may go', { maxUnavailable: -1 }, [`spec.maxUnavailable: Invalid value: -1: ${MIN_0}`]],
  [
    'more than all that may go',
    { maxUnavailable: '200%' },
    ['spec.maxUnavailable: Invalid value: "200%": must not be greater than 100%'],
  ],
  ['some that may go', { maxUnavailable: 'some' }, [`spec.maxUnavailable: Invalid value: "some": ${NOT_PERCENT}`]],
];
for (const [title, spec, expected] of cases) {
  test(`PodDisruptionBudget.validate of ${title}`, () => {
    assert.deepEqual(faultsOf(PodDisruptionBudget, { spec }), expected);
  });
}

const FIELDS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
const all = (count: number) =>
  Object.fromEntries(FIELDS.map((field) => [field, count])) as Record<(typeof FIELDS)[number], number>;
const condition = {
  type: 'DisruptionAllowed',
  status: 'True',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'SufficientPods',
  message: '',
};
test('PodDisruptionBudget.validateStatusUpdate of counts and conditions', () => {
  const of = (status: NonNullable<Input['status']>): Input => ({ status });
  const faults = (status: NonNullable<Input['status']>) => statusFaultsOf(PodDisruptionBudget, of(status), of(all(0)));
  assert.deepEqual(faults({ ...all(1), conditions: [condition] }), []);
  assert.deepEqual(
    faults(all(-1)),
    FIELDS.map((field) => `status.${field}: Invalid value: -1: ${MIN_0}`),
  );
  assert.deepEqual(faults({ ...all(0), conditions: [condition, { ...condition, status: 'Maybe', reason: '' }] }), [
    'status.conditions[1].type: Duplicate value: "DisruptionAllowed"',
    'status.conditions[1].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
    'status.conditions[1].reason: Required value',
  ]);
});
