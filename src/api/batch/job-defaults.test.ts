import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { CronJob } from './cron-job.ts';
import { Job } from './job.ts';
import { selectOwnPods } from './job-defaults.ts';

const template = { spec: { containers: [{ name: 'main', image: 'nginx' }] } };
const condition = (type: string) => ({ conditions: [{ type, status: 'True' }] });

const cases: readonly [title: string, row: string, expected: string][] = [
  [
    'a Job that runs',
    rowOf(Job, { spec: { template, completions: 3 }, status: { succeeded: 1, startTime: '2026-01-01T00:30:00Z' } }),
    'x | Running | 1/3 | 30m | 60m | main | nginx | <none>',
  ],
  [
    'a Job that is done',
    rowOf(Job, {
      spec: { template, selector: { matchLabels: { a: 'b' } } },
      status: {
        ...condition('Complete'),
        succeeded: 1,
        startTime: '2026-01-01T00:30:00Z',
        completionTime: '2026-01-01T00:30:10Z',
      },
    }),
    'x | Complete | 1/1 | 10s | 60m | main | nginx | a=b',
  ],
  [
    'a Job that has failed',
    rowOf(Job, { spec: { template, parallelism: 1 }, status: condition('Failed') }),
    'x | Failed | 0/1 |  | 60m | main | nginx | <none>',
  ],
  [
    'a Job of many at a time',
    rowOf(Job, { spec: { template, parallelism: 3 }, status: condition('Suspended') }),
    'x | Suspended | 0/1 of 3 |  | 60m | main | nginx | <none>',
  ],
  [
    'a Job that is about to fail',
    rowOf(Job, { spec: { template }, status: condition('FailureTarget') }),
    'x | FailureTarget | 0/1 |  | 60m | main | nginx | <none>',
  ],
  [
    'a Job that is being deleted',
    rowOf(Job, {
      metadata: { deletionTimestamp: '2026-01-01T00:59:00Z' },
      spec: { template },
      status: condition('Suspended'),
    }),
    'x | Terminating | 0/1 |  | 60m | main | nginx | <none>',
  ],
  [
    'CronJob',
    rowOf(CronJob, {
      spec: { schedule: '@daily', timeZone: 'UTC', jobTemplate: { spec: { template } } },
      status: { active: [{ name: 'a' }], lastScheduleTime: '2026-01-01T00:00:00Z' },
    }),
    'x | @daily | UTC | False | 1 | 60m | 60m | main | nginx | <none>',
  ],
  [
    'a CronJob that begins',
    rowOf(CronJob, { spec: { schedule: '@daily', suspend: true, jobTemplate: { spec: { template } } } }),
    'x | @daily | <none> | True | 0 | <none> | 60m | main | nginx | <none>',
  ],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('Job gets what a minimal job leaves open', () => {
  const { template: _, ...spec } = readInput(Job, { spec: { template } }).spec;
  assert.deepEqual(spec, {
    completions: 1,
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  });
  const of = (more: object) => readInput(Job, { spec: { template, ...more } }).spec;
  assert.equal(of({ parallelism: 2 }).completions, undefined, 'a queue is done when its workers are');
  assert.equal(of({ completions: 2 }).parallelism, 1);
  assert.equal(of({ backoffLimitPerIndex: 1 }).backoffLimit, 2147483647);
  assert.equal(of({ podFailurePolicy: { rules: [] } }).podReplacementPolicy, 'Failed');
});

test('Job: a condition that a pod fails by is one that is there', () => {
  const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: '' }] }] as const;
  const { spec } = readInput(Job, { spec: { template, podFailurePolicy: { rules } } });
  assert.equal(spec.podFailurePolicy?.rules?.[0]?.onPodConditions?.[0]?.status, 'True');
});

test('Job takes the labels of its template', () => {
  const labelled = { ...template, metadata: { labels: { a: 'b' } } };
  assert.deepEqual(readInput(Job, { spec: { template: labelled } }).metadata.labels, { a: 'b' });
  const given = readInput(Job, { metadata: { labels: { c: 'd' } }, spec: { template: labelled } });
  assert.deepEqual(given.metadata.labels, { c: 'd' });
});

test('selectOwnPods selects by the uid, and leaves what is said by hand', () => {
  const job = readInput(Job, { metadata: { name: 'x', uid: 'u' }, spec: { template } });
  selectOwnPods(job);
  assert.deepEqual(job.spec.selector, { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } });
  assert.deepEqual(job.spec.template.metadata.labels, {
    'controller-uid': 'u',
    'job-name': 'x',
    'batch.kubernetes.io/controller-uid': 'u',
    'batch.kubernetes.io/job-name': 'x',
  });
  const manual = readInput(Job, { metadata: { name: 'x', uid: 'u' }, spec: { template, manualSelector: true } });
  selectOwnPods(manual);
  assert.equal(manual.spec.selector, undefined);
});

test('CronJob gets what a minimal one leaves open', () => {
  const { jobTemplate, ...spec } = readInput(CronJob, {
    spec: { schedule: '@daily', jobTemplate: { spec: { template } } },
  }).spec;
  assert.deepEqual(spec, {
    schedule: '@daily',
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  assert.equal(jobTemplate.spec.template.spec.containers[0]?.imagePullPolicy, 'Always');
  const { template: _, ...job } = jobTemplate.spec;
  assert.deepEqual(job, {}, 'the jobs have defaults of their own');
});
