import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { DaemonSet } from './daemon-set.ts';

type Input = Parameters<typeof faultsOf<typeof DaemonSet>>[1];
type Spec = NonNullable<Input['spec']>;

const MIN_0 = 'must be greater than or equal to 0';
const NOT_PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const MISMATCH = '`selector` does not match template `labels`';

const selector = { matchLabels: { app: 'agent' } };
const template = { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };
const setOf = (spec: Partial<Spec>): Input => ({ spec: { selector, template, ...spec } as Spec });
const rolling = (maxUnavailable: number | string, maxSurge: number | string): Partial<Spec> => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } },
});
const AT = 'spec.updateStrategy.rollingUpdate';

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['pods', {}, []],
  ['pods that are deleted by hand', { updateStrategy: { type: 'OnDelete' } }, []],
  ['pods that come first', rolling(0, '10%'), []],
  ['all pods', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset']],
  [
    'no pods',
    { selector: undefined as unknown as object },
    [`spec.template.metadata.labels: Invalid value: {"app":"agent"}: ${MISMATCH}`],
  ],
  [
    'other pods than it makes',
    { selector: { matchLabels: { app: 'web' } } },
    [`spec.template.metadata.labels: Invalid value: {"app":"agent"}: ${MISMATCH}`],
  ],
  [
    'pods without labels',
    { template: { spec: template.spec } },
    [`spec.template.metadata.labels: Invalid value: null: ${MISMATCH}`],
  ],
  [
    'pods of nothing',
    { template: { ...template, spec: { containers: [] } } },
    ['spec.template.spec.containers: Required value'],
  ],
  [
    'pods that end',
    { template: { ...template, spec: { ...template.spec, restartPolicy: 'OnFailure', activeDeadlineSeconds: 5 } } },
    [
      'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
    ],
  ],
  [
    'negative counts',
    { minReadySeconds: -1, revisionHistoryLimit: -2 },
    [`spec.minReadySeconds: Invalid value: -1: ${MIN_0}`, `spec.revisionHistoryLimit: Invalid value: -2: ${MIN_0}`],
  ],
  [
    'another way of updates',
    { updateStrategy: { type: 'Canary' as 'OnDelete' } },
    ['spec.updateStrategy: Unsupported value: {"type":"Canary"}: supported values: "RollingUpdate", "OnDelete"'],
  ],
  [
    'pods neither more nor fewer',
    rolling(0, '0%'),
    [`${AT}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`],
  ],
  [
    'pods more and fewer',
    rolling(1, 1),
    [`${AT}.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero`],
  ],
  [
    'more than all pods',
    rolling('101%', '102%'),
    [
      `${AT}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`,
      `${AT}.maxSurge: Invalid value: "102%": must not be greater than 100%`,
      `${AT}.maxSurge: Invalid value: "102%": may not be set when maxUnavailable is non-zero`,
    ],
  ],
  [
    'pods of no number',
    rolling('some', -1),
    [`${AT}.maxUnavailable: Invalid value: "some": ${NOT_PERCENT}`, `${AT}.maxSurge: Invalid value: -1: ${MIN_0}`],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`DaemonSet.validate of ${title}`, () => assert.deepEqual(faultsOf(DaemonSet, setOf(spec)), expected));
}

test('DaemonSet.validateUpdate keeps the selector', () => {
  assert.deepEqual(updateFaultsOf(DaemonSet, setOf({ minReadySeconds: 2 }), setOf({})), []);
  assert.deepEqual(updateFaultsOf(DaemonSet, setOf({ selector: { matchLabels: { a: 'b' } } }), setOf({})), [
    'spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: field is immutable',
  ]);
});

type Status = NonNullable<Input['status']>;
const none: Status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
];
const all = (count: number) => Object.fromEntries(COUNTS.map((field) => [field, count])) as unknown as Status;

const statusCases: readonly [title: string, status: Status, previous: Status, expected: readonly string[]][] = [
  ['counts', all(1), none, []],
  ['negative counts', all(-1), none, COUNTS.map((field) => `status.${field}: Invalid value: -1: ${MIN_0}`)],
  ['fewer collisions', all(1), all(2), ['status.collisionCount: Invalid value: 1: cannot be decremented']],
  ['no collisions any more', none, all(2), ['status.collisionCount: Invalid value: 0: cannot be decremented']],
];

for (const [title, status, previous, expected] of statusCases) {
  test(`DaemonSet.validateStatusUpdate of ${title}`, () => {
    const faults = statusFaultsOf(DaemonSet, { ...setOf({}), status }, { ...setOf({}), status: previous });
    assert.deepEqual(faults, expected);
  });
}
