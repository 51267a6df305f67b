import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, NOW, NOW_MS, type PodFacts, readJob, readPod } from '../../../test/support/job-objects.ts';
import type { JobStatus } from '../../api/batch/job.ts';
import { accountPods, countReleased, finishedStatus, startedJob, suspendedStatus } from './job-accounting.ts';
import { jobProgress } from './job-progress.ts';
import type { Verdict } from './job-verdict.ts';

type Spec = Parameters<typeof readJob>[0];

const IDLE = { active: 0, ready: 0, terminating: 0 };
const COMPLETE: Verdict = { type: 'Complete', reason: 'R', message: 'M' };
const FAILED: Verdict = { type: 'Failed', reason: 'R', message: 'M' };
const indexed = { completionMode: 'Indexed', completions: 6, parallelism: 6 } as const;
const ignoring = {
  podFailurePolicy: { rules: [{ action: 'Ignore' as const, onExitCodes: { operator: 'In' as const, values: [1] } }] },
};

const cases: readonly [
  title: string,
  spec: Spec,
  before: JobStatus,
  pods: Readonly<Record<string, PodFacts>>,
  verdict: Verdict | undefined,
  status: JobStatus,
  release: readonly string[],
][] = [
  ['pods that run', {}, {}, { a: {} }, undefined, {}, []],
  [
    'pods that have ended',
    {},
    { succeeded: 1 },
    { a: { phase: 'Succeeded' }, b: { phase: 'Failed' }, c: {} },
    undefined,
    { succeeded: 1, uncountedTerminatedPods: { succeeded: ['uid-a'], failed: ['uid-b'] } },
    ['a', 'b'],
  ],
  [
    'a pod that is named, and one whose finalizer is gone',
    {},
    { uncountedTerminatedPods: { succeeded: ['uid-a', 'uid-b'] } },
    { a: { phase: 'Succeeded' }, b: { phase: 'Succeeded', untracked: true } },
    undefined,
    { succeeded: 1, uncountedTerminatedPods: { succeeded: ['uid-a'] } },
    ['a'],
  ],
  [
    'a named pod that does not exist any more',
    {},
    { failed: 2, uncountedTerminatedPods: { failed: ['uid-x'] } },
    {},
    undefined,
    { failed: 3 },
    [],
  ],
  ['a failure that is ignored', ignoring, {}, { a: { phase: 'Failed' } }, undefined, {}, ['a']],
  [
    'indexes',
    indexed,
    { completedIndexes: '0,2', succeeded: 2 },
    { a: { phase: 'Succeeded', index: 3 }, b: { phase: 'Succeeded', index: 1 }, c: { phase: 'Succeeded', index: 2 } },
    undefined,
    { completedIndexes: '0-3', succeeded: 4 },
    ['b', 'c', 'a'],
  ],
  [
    'an index that is none of the job',
    indexed,
    {},
    { a: { phase: 'Succeeded', index: 9 }, b: { phase: 'Failed' } },
    undefined,
    {},
    ['b', 'a'],
  ],
  [
    'a pod that is to tell the next one of its index',
    { ...indexed, backoffLimitPerIndex: 2 },
    {},
    { a: { phase: 'Failed', index: 0 }, b: { phase: 'Failed', index: 1 }, c: { index: 1 } },
    undefined,
    { failedIndexes: '', uncountedTerminatedPods: { failed: ['uid-b'] } },
    ['b'],
  ],
  [
    'an index that is given up',
    { ...indexed, backoffLimitPerIndex: 0 },
    {},
    { a: { phase: 'Failed', index: 0 } },
    undefined,
    { failedIndexes: '0', uncountedTerminatedPods: { failed: ['uid-a'] } },
    ['a'],
  ],
  [
    'a job that fails takes what runs with it',
    {},
    {},
    { a: { deleted: true }, b: {} },
    FAILED,
    { conditions: [announcement('FailureTarget')], uncountedTerminatedPods: { failed: ['uid-a', 'uid-b'] } },
    ['a', 'b'],
  ],
  [
    'a job that succeeds does not blame what runs',
    { podReplacementPolicy: 'Failed' },
    {},
    { a: { deleted: true }, b: { phase: 'Failed' } },
    COMPLETE,
    { conditions: [announcement('SuccessCriteriaMet')], uncountedTerminatedPods: { failed: ['uid-b'] } },
    ['a', 'b'],
  ],
];

function announcement(type: string) {
  return { type, status: 'True', lastProbeTime: NOW, lastTransitionTime: NOW, reason: 'R', message: 'M' };
}

for (const [title, spec, before, pods, verdict, status, release] of cases) {
  test(`accountPods: ${title}`, () => {
    const read = Object.entries(pods).map(([name, facts]) => readPod(name, facts));
    const accounting = accountPods(jobProgress(readJob(spec, before), read), verdict, IDLE, NOW_MS);
    const rest = { conditions: [], ready: 0, terminating: 0, uncountedTerminatedPods: {} };
    assert.deepEqual(accounting.status, { ...rest, ...status });
    assert.deepEqual(
      accounting.release.map(({ metadata }) => metadata.name),
      release,
    );
    assert.equal(accounting.isPartial, false);
  });
}

test('accountPods names no more pods than a status can hold', () => {
  const pods = Array.from({ length: 600 }, (_, index) => readPod(`${index}`, { phase: 'Succeeded' }));
  const { status, release, isPartial } = accountPods(jobProgress(readJob(), pods), undefined, IDLE, NOW_MS);
  assert.deepEqual([status.uncountedTerminatedPods?.succeeded?.length, release.length, isPartial], [500, 500, true]);
});

test('countReleased moves those that were let go to the counters', () => {
  const status = { succeeded: 1, uncountedTerminatedPods: { succeeded: ['a', 'b'], failed: ['c'] } };
  assert.deepEqual(countReleased(status, new Set(['b'])), {
    succeeded: 2,
    failed: 1,
    uncountedTerminatedPods: { succeeded: ['b'] },
  });
});

test('finishedStatus waits for the last pod to be counted and to go', () => {
  assert.equal(finishedStatus({ terminating: 1 }, COMPLETE, NOW_MS), undefined);
  assert.equal(finishedStatus({ uncountedTerminatedPods: { failed: ['a'] } }, FAILED, NOW_MS), undefined);
  const conditions = [announcement('Complete')];
  assert.deepEqual(finishedStatus({ terminating: 0 }, COMPLETE, NOW_MS), {
    terminating: 0,
    conditions,
    completionTime: NOW,
  });
  assert.deepEqual(finishedStatus({}, FAILED, NOW_MS), { conditions: [announcement('Failed')] });
});

test('a job begins when it is not suspended, and again when it is resumed', () => {
  const startTime = ago(100);
  assert.equal(startedJob(readJob({ suspend: true }), NOW_MS).status.startTime, undefined);
  assert.equal(startedJob(readJob(), NOW_MS).status.startTime, NOW);
  assert.equal(startedJob(readJob({}, { startTime }), NOW_MS).status.startTime, startTime);
  const suspended = suspendedStatus({ startTime }, NOW_MS - 50_000);
  assert.equal(suspendedStatus(suspended, NOW_MS), suspended);
  const { status } = startedJob(readJob({}, suspended), NOW_MS);
  assert.equal(status.startTime, NOW);
  assert.deepEqual(
    status.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]),
    [['Suspended', 'False', 'JobResumed', 'Job resumed']],
  );
});
