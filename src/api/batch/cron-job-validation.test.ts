import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { CronJob } from './cron-job.ts';

type Input = Parameters<typeof faultsOf<typeof CronJob>>[1];
type Spec = NonNullable<Input['spec']>;

const MIN_0 = 'must be greater than or equal to 0';
const USE_FIELD = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
const template = { spec: { containers: [{ name: 'main', image: 'nginx' }], restartPolicy: 'Never' } } as const;
const jobTemplate = { spec: { template } };
const cronJobOf = (spec: Partial<Spec>, name = 'nightly'): Input => ({
  metadata: { name },
  spec: { schedule: '@daily', jobTemplate, ...spec },
});

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['jobs', { startingDeadlineSeconds: 0, successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 }, []],
  ['jobs by the hour', { schedule: '0 * * * *', timeZone: 'Europe/Berlin' }, []],
  ['no times', { schedule: '' }, ['spec.schedule: Required value']],
  [
    'times of no meaning',
    { schedule: 'now' },
    ['spec.schedule: Invalid value: "now": expected exactly 5 fields, found 1: [now]'],
  ],
  [
    'times of a zone',
    { schedule: 'TZ=UTC 0 * * * *' },
    [`spec.schedule: Invalid value: "TZ=UTC 0 * * * *": ${USE_FIELD}`],
  ],
  [
    'times of a zone that is not known',
    { schedule: 'CRON_TZ=Moon/Base 0 * * * *' },
    [
      'spec.schedule: Invalid value: "CRON_TZ=Moon/Base 0 * * * *": provided bad location Moon/Base: unknown time zone Moon/Base',
      `spec.schedule: Invalid value: "CRON_TZ=Moon/Base 0 * * * *": ${USE_FIELD}`,
    ],
  ],
  ['no zone', { timeZone: '' }, ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string']],
  [
    'a zone that is not known',
    { timeZone: 'Moon/Base' },
    ['spec.timeZone: Invalid value: "Moon/Base": unknown time zone Moon/Base'],
  ],
  [
    'a zone in small letters',
    { timeZone: 'europe/berlin' },
    ['spec.timeZone: Invalid value: "europe/berlin": unknown time zone europe/berlin'],
  ],
  [
    'a zone by a path',
    { timeZone: '../Europe/Berlin' },
    ['spec.timeZone: Invalid value: "../Europe/Berlin": unknown time zone ../Europe/Berlin'],
  ],
  [
    'a zone of a long name',
    { timeZone: 'Europe/Abcdefghijklmno' },
    ['spec.timeZone: Invalid value: "Europe/Abcdefghijklmno": unknown time zone Europe/Abcdefghijklmno'],
  ],
  [
    'the zone of the machine',
    { timeZone: 'Local' },
    [
      'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
  ],
  [
    'negative counts',
    { startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -2, failedJobsHistoryLimit: -3 },
    [
      `spec.startingDeadlineSeconds: Invalid value: -1: ${MIN_0}`,
      `spec.successfulJobsHistoryLimit: Invalid value: -2: ${MIN_0}`,
      `spec.failedJobsHistoryLimit: Invalid value: -3: ${MIN_0}`,
    ],
  ],
  [
    'jobs of no pods',
    { jobTemplate: { spec: { template: { spec: { containers: [] } }, parallelism: -1 } } },
    [
      `spec.jobTemplate.spec.parallelism: Invalid value: -1: ${MIN_0}`,
      'spec.jobTemplate.spec.template.spec.containers: Required value',
      'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
  ],
  [
    'jobs of some pods',
    { jobTemplate: { spec: { template, selector: { matchLabels: { a: 'b' } }, manualSelector: true } } },
    [
      'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
      'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`CronJob.validate of ${title}`, () => assert.deepEqual(faultsOf(CronJob, cronJobOf(spec)), expected));
}

test('CronJob.validate leaves room for the time in the name, of new ones', () => {
  const name = 'a'.repeat(53);
  assert.deepEqual(faultsOf(CronJob, cronJobOf({}, 'a'.repeat(52))), []);
  assert.deepEqual(faultsOf(CronJob, cronJobOf({}, name)), [
    `metadata.name: Invalid value: "${name}": must be no more than 52 characters`,
  ]);
  assert.deepEqual(updateFaultsOf(CronJob, cronJobOf({}, name), cronJobOf({}, name)), []);
});

const zoned = 'TZ=UTC 0 * * * *';
const steps: readonly [title: string, spec: Partial<Spec>, previous: Partial<Spec>, expected: readonly string[]][] = [
  ['times', { schedule: '@hourly' }, {}, []],
  ['times of a zone that were so before', { schedule: 'CRON_TZ=UTC 5 * * * *' }, { schedule: zoned }, []],
  ['times of a zone', { schedule: zoned }, {}, [`spec.schedule: Invalid value: "${zoned}": ${USE_FIELD}`]],
  [
    'times of two zones',
    { schedule: zoned, timeZone: 'UTC' },
    { schedule: zoned },
    [`spec.schedule: Invalid value: "${zoned}": cannot use both timeZone field and TZ or CRON_TZ in schedule`],
  ],
  [
    'something beside a zone that is not known any more',
    { timeZone: 'Moon/Base', suspend: true },
    { timeZone: 'Moon/Base' },
    [],
  ],
  [
    'a zone',
    { timeZone: 'Moon/Base' },
    { timeZone: 'UTC' },
    ['spec.timeZone: Invalid value: "Moon/Base": unknown time zone Moon/Base'],
  ],
];
for (const [title, spec, previous, expected] of steps) {
  test(`CronJob.validateUpdate of ${title}`, () => {
    assert.deepEqual(updateFaultsOf(CronJob, cronJobOf(spec), cronJobOf(previous)), expected);
  });
}

test('CronJob warns of its name, of zones in schedules and of what its jobs would be warned of', () => {
  const big = {
    jobTemplate: { spec: { template, completionMode: 'Indexed', completions: 100_001, parallelism: 10_001 } },
  } as const;
  assert.deepEqual(warningsOf(CronJob, cronJobOf({})), []);
  assert.deepEqual(warningsOf(CronJob, cronJobOf(big, 'a.b')), [
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    'spec.jobTemplate.spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
  ]);
  assert.deepEqual(warningsOf(CronJob, cronJobOf({ schedule: zoned }), cronJobOf({ schedule: zoned })), [
    'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
  ]);
});
