import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusFaultsOf } from '../../../test/support/faults.ts';
import { Job } from './job.ts';

type Input = Parameters<typeof statusFaultsOf<typeof Job>>[1];
type Spec = NonNullable<Input['spec']>;
type Status = NonNullable<Input['status']>;

const MIN_0 = 'must be greater than or equal to 0';
const FIRST = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T01:00:00Z';
const template = { spec: { containers: [{ name: 'main', image: 'nginx' }], restartPolicy: 'Never' } } as const;
const on = (...types: string[]): Pick<Status, 'conditions'> => ({
  conditions: types.map((type) => ({ type, status: 'True' })),
});
const complete: Status = { ...on('SuccessCriteriaMet', 'Complete'), startTime: FIRST, completionTime: LATER };
const failed: Status = { ...on('FailureTarget', 'Failed'), startTime: FIRST };
const indexed: Partial<Spec> = { completionMode: 'Indexed', completions: 5, parallelism: 2 };
const limited: Partial<Spec> = { ...indexed, backoffLimitPerIndex: 1 };
const conditions = (why: string) => `status.conditions: Invalid value: ${why}`;

const cases: readonly [
  title: string,
  spec: Partial<Spec>,
  status: Status,
  previous: Status,
  expected: readonly string[],
][] = [
  ['pods', {}, { active: 3, ready: 2, succeeded: 1, failed: 1, terminating: 1, startTime: FIRST }, {}, []],
  ['success', {}, complete, { startTime: FIRST, active: 1 }, []],
  ['failure', {}, failed, { ...on('FailureTarget'), startTime: FIRST }, []],
  [
    'negative counts',
    {},
    { active: -1, succeeded: -1, failed: -1, ready: -1, terminating: -1 },
    { active: -1, succeeded: -1, failed: -1, ready: -1, terminating: -1 },
    ['active', 'succeeded', 'failed', 'ready', 'terminating'].map(
      (field) => `status.${field}: Invalid value: -1: ${MIN_0}`,
    ),
  ],
  ['pods that are to be counted', {}, { uncountedTerminatedPods: { succeeded: ['a', 'b'], failed: ['c'] } }, {}, []],
  [
    'pods that are counted twice',
    {},
    { uncountedTerminatedPods: { succeeded: ['a', '', 'a'], failed: ['a', ''] } },
    {},
    [
      'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
      'status.uncountedTerminatedPods.succeeded[2]: Duplicate value: "a"',
      'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
      'status.uncountedTerminatedPods.failed[1]: Invalid value: "": must not be empty',
    ],
  ],
  [
    'more that are ready than active',
    {},
    { active: 1, ready: 2 },
    {},
    ['status.ready: Invalid value: 2: cannot set more ready pods than active'],
  ],
  ['more that are ready than active, as before', {}, { active: 1, ready: 2, failed: 1 }, { active: 1, ready: 2 }, []],
  [
    'success and failure',
    {},
    { ...complete, ...on('SuccessCriteriaMet', 'Complete', 'FailureTarget', 'Failed') },
    { startTime: FIRST },
    [
      conditions('cannot set Complete=True and Failed=true conditions'),
      conditions('cannot set Complete=True and FailureTarget=true conditions'),
      conditions('cannot set SuccessCriteriaMet=True and Failed=true conditions'),
      conditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'),
    ],
  ],
  [
    'failure that was not foreseen',
    {},
    { ...on('Failed'), startTime: FIRST },
    {},
    [conditions('cannot set Failed=True condition without the FailureTarget=true condition')],
  ],
  [
    'success that was not foreseen',
    {},
    { ...complete, ...on('Complete') },
    {},
    [conditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition')],
  ],
  [
    'success that was not foreseen, as before',
    {},
    { ...complete, ...on('Complete'), succeeded: 1 },
    { ...complete, ...on('Complete') },
    [],
  ],
  [
    'success that a policy has not seen',
    { ...indexed, successPolicy: { rules: [{ succeededCount: 1 }] } },
    { ...complete, ...on('Complete') },
    { ...complete, ...on('Complete') },
    [conditions('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')],
  ],
  [
    'an end before success',
    {},
    { startTime: FIRST, completionTime: LATER },
    {},
    [
      `status.completionTime: Invalid value: "${LATER}": cannot set completionTime when there is no Complete=True condition`,
    ],
  ],
  [
    'success without an end',
    {},
    { ...on('SuccessCriteriaMet', 'Complete'), startTime: FIRST },
    {},
    ['status.completionTime: Required value: completionTime is required for Complete jobs'],
  ],
  [
    'an end before the start',
    {},
    { ...complete, startTime: LATER, completionTime: FIRST },
    {},
    [`status.completionTime: Invalid value: "${FIRST}": completionTime cannot be set before startTime`],
  ],
  [
    'another end',
    {},
    { ...complete, completionTime: '2026-01-01T02:00:00Z' },
    complete,
    ['status.completionTime: Invalid value: "2026-01-01T02:00:00Z": completionTime cannot be mutated'],
  ],
  [
    'success with pods that run',
    {},
    { ...complete, active: 1 },
    { startTime: FIRST },
    ['status.active: Invalid value: 1: active>0 is invalid for finished job'],
  ],
  [
    'pods that run after failure',
    {},
    { ...failed, active: 1 },
    failed,
    ['status.active: Invalid value: 1: active>0 is invalid for finished job'],
  ],
  [
    'success with pods that are ending',
    {},
    { ...complete, terminating: 1 },
    { startTime: FIRST },
    ['status.terminating: Invalid value: 1: terminating>0 is invalid for finished job'],
  ],
  [
    'failure that never began',
    {},
    on('FailureTarget', 'Failed'),
    {},
    ['status.startTime: Required value: startTime is required for finished job'],
  ],
  [
    'success of a suspended job of no pods',
    { suspend: true, completions: 0 },
    { ...on('SuccessCriteriaMet', 'Complete'), completionTime: LATER },
    {},
    [],
  ],
  [
    'failure with pods that are to be counted',
    {},
    { ...failed, uncountedTerminatedPods: { failed: ['a'] } },
    {},
    [
      'status.uncountedTerminatedPods: Invalid value: {"failed":["a"]}: uncountedTerminatedPods needs to be empty for finished job',
    ],
  ],
  ['indexes', limited, { completedIndexes: '0,2-3', failedIndexes: '1,4' }, {}, []],
  [
    'indexes that are none',
    limited,
    { completedIndexes: '3-1', failedIndexes: 'x' },
    {},
    [
      'status.completedIndexes: Invalid value: "3-1": error parsing completedIndexes: non-increasing order, previous: 3, current: 1',
      'status.failedIndexes: Invalid value: "x": error parsing failedIndexes: cannot convert string to integer for index: "x"',
    ],
  ],
  [
    'indexes of a job that has become shorter',
    limited,
    { completedIndexes: '7', active: 1 },
    { completedIndexes: '7' },
    [],
  ],
  [
    'indexes of a job without any',
    {},
    { completedIndexes: '0' },
    {},
    [
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
    ],
  ],
  [
    'indexes that fail without a limit',
    indexed,
    { failedIndexes: '0' },
    {},
    ['status.failedIndexes: Invalid value: "0": cannot set non-null failedIndexes when backoffLimitPerIndex is null'],
  ],
  [
    'indexes that have failed and succeeded',
    limited,
    { completedIndexes: '0-2', failedIndexes: '2,4' },
    {},
    ['status.failedIndexes: Invalid value: "2,4": failedIndexes and completedIndexes overlap at index: 2'],
  ],
  [
    'failure that is taken back',
    {},
    { startTime: FIRST },
    failed,
    [
      conditions('cannot disable the terminal Failed=True condition'),
      conditions('cannot disable the terminal FailureTarget=True condition'),
    ],
  ],
  [
    'success that is taken back',
    {},
    { startTime: FIRST },
    complete,
    [
      conditions('cannot disable the terminal Complete=True condition'),
      conditions('cannot disable the SuccessCriteriaMet=True condition'),
    ],
  ],
  [
    'success that was foreseen afterwards',
    {},
    complete,
    { ...complete, ...on('Complete') },
    [conditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')],
  ],
  [
    'fewer failures',
    {},
    { failed: 1 },
    { failed: 2 },
    ['status.failed: Invalid value: 1: cannot decrease the failed counter'],
  ],
  [
    'fewer successes',
    indexed,
    { succeeded: 1 },
    { succeeded: 2 },
    ['status.succeeded: Invalid value: 1: cannot decrease the succeeded counter'],
  ],
  [
    'fewer successes of a job that has become shorter',
    { ...indexed, parallelism: 5 },
    { succeeded: 1 },
    { succeeded: 2 },
    [],
  ],
  [
    'another start',
    {},
    { startTime: LATER },
    { startTime: FIRST },
    ['status.startTime: Required value: startTime cannot be removed for unsuspended job'],
  ],
  [
    'another start of a job that is resumed',
    {},
    { startTime: LATER, conditions: [{ type: 'Suspended', status: 'False' }] },
    { startTime: FIRST, ...on('Suspended') },
    [],
  ],
  ['no start any more of a suspended job', { suspend: true }, {}, { startTime: FIRST }, []],
];

for (const [title, spec, status, previous, expected] of cases) {
  test(`Job.validateStatusUpdate of ${title}`, () => {
    const of = (given: Status): Input => ({ spec: { template, ...spec }, status: given });
    assert.deepEqual(statusFaultsOf(Job, of(status), of(previous)), expected);
  });
}
