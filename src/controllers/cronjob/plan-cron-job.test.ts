import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CronJob } from '../../api/batch/cron-job.ts';
import { Job } from '../../api/batch/job.ts';
import type { InputOf } from '../../api/kind.ts';
import { readInput } from '../../api/read-input.ts';
import { formatTime, timeToMs } from '../../api/time.ts';
import { jobsToForget, planCronJob } from './plan-cron-job.ts';

type Spec = Partial<NonNullable<InputOf<typeof CronJob>['spec']>>;
type Status = NonNullable<InputOf<typeof CronJob>['status']>;

const CREATED = '2026-01-01T00:00:30Z';
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } as const;

function cronJob(spec: Spec, status: Status = {}): CronJob {
  const read = readInput(CronJob, {
    metadata: { name: 'tick', namespace: 'default', creationTimestamp: CREATED },
    spec: { schedule: '0 * * * *', jobTemplate: { spec: { template } }, ...spec },
  });
  return { ...read, metadata: { ...read.metadata, creationTimestamp: CREATED }, status } as CronJob;
}

function job(name: string, end?: 'Complete' | 'Failed', at = '2026-01-01T02:00:00Z'): Job {
  const read = readInput(Job, { metadata: { name, namespace: 'default' }, spec: { template } });
  const conditions = end ? [{ type: end, status: 'True', lastProbeTime: at, lastTransitionTime: at }] : [];
  const status = { startTime: at, conditions, ...(end === 'Complete' ? { completionTime: at } : {}) };
  return { ...read, metadata: { ...read.metadata, uid: `uid-${name}` }, status } as Job;
}

const active = (...names: string[]) => names.map((name) => ({ kind: 'Job', name, uid: `uid-${name}` }));

interface Expected {
  readonly start?: string;
  readonly replaced?: readonly string[];
  readonly next?: string;
  readonly reasons?: readonly string[];
}

const cases: readonly [title: string, now: string, spec: Spec, status: Status, expected: Expected][] = [
  ['before its time', '2026-01-01T00:59:59Z', {}, {}, { next: '2026-01-01T01:00:00Z' }],
  ['at its time', '2026-01-01T01:00:00Z', {}, {}, { start: '2026-01-01T01:00:00Z', next: '2026-01-01T02:00:00Z' }],
  [
    'what was done',
    '2026-01-01T01:00:00Z',
    {},
    { lastScheduleTime: '2026-01-01T01:00:00Z' },
    { next: '2026-01-01T02:00:00Z' },
  ],
  [
    'what is active under its name',
    '2026-01-01T01:00:00Z',
    {},
    { active: active('tick-29453820') },
    { next: '2026-01-01T02:00:00Z' },
  ],
  [
    'the newest of some',
    '2026-01-01T05:30:00Z',
    {},
    {},
    { start: '2026-01-01T05:00:00Z', next: '2026-01-01T06:00:00Z' },
  ],
  [
    'the newest of too many',
    '2026-01-09T05:30:00Z',
    {},
    {},
    { start: '2026-01-09T05:00:00Z', next: '2026-01-09T06:00:00Z', reasons: ['TooManyMissedTimes'] },
  ],
  ['too late', '2026-01-01T05:30:00Z', { startingDeadlineSeconds: 600 }, {}, { next: '2026-01-01T06:00:00Z' }],
  [
    'just in time',
    '2026-01-01T05:09:00Z',
    { startingDeadlineSeconds: 600 },
    {},
    { start: '2026-01-01T05:00:00Z', next: '2026-01-01T06:00:00Z' },
  ],
  ['a suspended one', '2026-01-01T05:00:00Z', { suspend: true }, {}, {}],
  [
    'Forbid while one runs',
    '2026-01-01T02:00:00Z',
    { concurrencyPolicy: 'Forbid' },
    { active: active('tick-1'), lastScheduleTime: '2026-01-01T01:00:00Z' },
    { next: '2026-01-01T03:00:00Z', reasons: ['JobAlreadyActive'] },
  ],
  [
    'Replace while one runs',
    '2026-01-01T02:00:00Z',
    { concurrencyPolicy: 'Replace' },
    { active: active('tick-1'), lastScheduleTime: '2026-01-01T01:00:00Z' },
    { start: '2026-01-01T02:00:00Z', replaced: ['tick-1'], next: '2026-01-01T03:00:00Z' },
  ],
  [
    'Allow while one runs',
    '2026-01-01T02:00:00Z',
    {},
    { active: active('tick-1'), lastScheduleTime: '2026-01-01T01:00:00Z' },
    { start: '2026-01-01T02:00:00Z', next: '2026-01-01T03:00:00Z' },
  ],
  [
    'a time zone',
    '2026-01-01T23:30:00Z',
    { schedule: '0 0 * * *', timeZone: 'Europe/Berlin' },
    {},
    { start: '2026-01-01T23:00:00Z', next: '2026-01-02T23:00:00Z' },
  ],
  ['a zone that is not known', '2026-01-01T01:00:00Z', { timeZone: 'Nowhere' }, {}, { reasons: ['UnknownTimeZone'] }],
  ['no schedule', '2026-01-01T01:00:00Z', { schedule: 'often' }, {}, { reasons: ['UnparseableSchedule'] }],
  ['a day that never comes', '2026-01-01T01:00:00Z', { schedule: '0 0 31 2 *' }, {}, { reasons: ['InvalidSchedule'] }],
  [
    'a zone in the schedule',
    '2026-01-01T00:30:00Z',
    { schedule: 'TZ=Europe/Berlin 0 * * * *' },
    {},
    { next: '2026-01-01T01:00:00Z', reasons: ['UnsupportedSchedule'] },
  ],
];
for (const [title, now, spec, status, expected] of cases) {
  test(`planCronJob: ${title}`, () => {
    const nowMs = timeToMs(now);
    const known = (status.active ?? []).map(({ name = '' }) => job(name));
    const plan = planCronJob(cronJob(spec, status), known, new Set(), nowMs);
    const { start, nextMs, events } = plan;
    assert.equal(start && formatTime(start.scheduledMs), expected.start);
    assert.deepEqual(start?.replaced.map(({ name }) => name) ?? [], expected.replaced ?? []);
    assert.equal(nextMs === undefined ? undefined : formatTime(nowMs + nextMs), expected.next);
    assert.deepEqual(
      events.map(({ reason }) => reason),
      expected.reasons ?? [],
    );
    assert.deepEqual(plan.status, { ...status, active: status.active ?? [] });
  });
}

test('planCronJob sees what has become of its jobs', () => {
  const before = { active: active('ran', 'broke', 'runs', 'lost'), lastSuccessfulTime: '2026-01-01T01:30:00Z' };
  const jobs = [
    job('ran', 'Complete'),
    job('broke', 'Failed'),
    job('runs'),
    job('strange'),
    job('old', 'Complete', CREATED),
  ];
  const plan = planCronJob(cronJob({ suspend: true }, before), jobs, new Set(['uid-lost']), timeToMs(CREATED));
  assert.deepEqual(plan.status, { active: active('runs'), lastSuccessfulTime: '2026-01-01T02:00:00Z' });
  assert.deepEqual(
    plan.events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`),
    [
      'Normal SawCompletedJob: Saw completed job: ran, condition: Complete',
      'Normal SawCompletedJob: Saw completed job: broke, condition: Failed',
      'Warning UnexpectedJob: Saw a job that the controller did not create or forgot: strange',
      'Normal MissingJob: Active job went missing: lost',
    ],
  );
});

test('jobsToForget keeps the newest of each kind', () => {
  const at = (hour: number) => `2026-01-01T0${hour}:00:00Z`;
  const jobs = [
    job('c', 'Complete', at(3)),
    job('a', 'Complete', at(1)),
    job('x', 'Failed', at(1)),
    job('b', 'Complete', at(2)),
    job('runs'),
    job('y', 'Failed', at(2)),
  ];
  const names = (spec: Spec) => jobsToForget(cronJob(spec), jobs).map(({ metadata }) => metadata.name);
  assert.deepEqual(names({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 }), ['a', 'b', 'x', 'y']);
  assert.deepEqual(names({}), ['x']);
});
