import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago, NOW_MS, type PodFacts, readJob, readPod } from '../../../test/support/job-objects.ts';
import type { JobStatus } from '../../api/batch/job.ts';
import { jobProgress } from './job-progress.ts';
import { completion, deadlineLeftMs, jobVerdict } from './job-verdict.ts';

type Spec = Parameters<typeof readJob>[0];

const indexed = { completionMode: 'Indexed', completions: 4, parallelism: 4 } as const;
const onCode = (action: 'FailJob' | 'Ignore' | 'Count' | 'FailIndex', ...values: number[]) => ({
  podFailurePolicy: { rules: [{ action, onExitCodes: { operator: 'In' as const, values } }] },
});
const condition = (type: string, reason: string) => {
  return { type, status: 'True', reason, message: 'said before', lastProbeTime: null, lastTransitionTime: null };
};
const failed = (...facts: PodFacts[]) => facts.map((one) => ({ phase: 'Failed', ...one }) as const);

const cases: readonly [title: string, spec: Spec, status: JobStatus, pods: readonly PodFacts[], expected: string][] = [
  ['nothing yet', {}, {}, [{}], ''],
  ['failures up to the limit', { backoffLimit: 1 }, {}, failed({}), ''],
  ['failures beyond the limit', { backoffLimit: 1 }, { failed: 1 }, failed({}), 'Failed BackoffLimitExceeded'],
  [
    'a failure that is named already',
    { backoffLimit: 1 },
    { failed: 0, uncountedTerminatedPods: { failed: ['uid-0'] } },
    failed({}),
    '',
  ],
  ['a failure that was counted', { backoffLimit: 1 }, { failed: 1 }, failed({ untracked: true }), ''],
  ['a pod that is deleted', { backoffLimit: 0 }, {}, [{ deleted: true }], 'Failed BackoffLimitExceeded'],
  [
    'a pod that is deleted and waited for',
    { backoffLimit: 0, podReplacementPolicy: 'Failed' },
    {},
    [{ deleted: true }],
    '',
  ],
  ['the time', { activeDeadlineSeconds: 60 }, { startTime: ago(60) }, [{}], 'Failed DeadlineExceeded'],
  ['time left', { activeDeadlineSeconds: 60 }, { startTime: ago(59) }, [{}], ''],
  ['the time while suspended', { activeDeadlineSeconds: 60, suspend: true }, { startTime: ago(60) }, [{}], ''],
  ['FailJob', onCode('FailJob', 1), {}, failed({}), 'Failed PodFailurePolicy'],
  ['FailJob by another code', { ...onCode('FailJob', 2), backoffLimit: 3 }, {}, failed({}), ''],
  ['Ignore', { ...onCode('Ignore', 1), backoffLimit: 0 }, {}, failed({}), ''],
  ['Count', { ...onCode('Count', 1), backoffLimit: 0 }, {}, failed({}), 'Failed BackoffLimitExceeded'],
  [
    'a disruption that is ignored',
    {
      backoffLimit: 0,
      podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] },
    },
    {},
    failed({ conditions: ['DisruptionTarget'] }),
    '',
  ],
  ['an index that failed', { ...indexed, backoffLimitPerIndex: 1 }, {}, failed({ index: 0, failures: 1 }), ''],
  [
    'too many indexes that failed',
    { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 0 },
    {},
    failed({ index: 0, failures: 1 }),
    'Failed MaxFailedIndexesExceeded',
  ],
  [
    'all indexes done, some failed',
    { ...indexed, backoffLimitPerIndex: 0 },
    { completedIndexes: '1-3' },
    failed({ index: 0 }),
    'Failed FailedIndexes',
  ],
  [
    'FailIndex',
    { ...indexed, ...onCode('FailIndex', 1), backoffLimitPerIndex: 5, maxFailedIndexes: 0 },
    {},
    failed({ index: 2 }),
    'Failed MaxFailedIndexesExceeded',
  ],
  [
    'enough indexes that succeeded',
    { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0,1' }, { succeededCount: 2 }] } },
    { completedIndexes: '3' },
    [{ phase: 'Succeeded', index: 1 }],
    'Complete SuccessPolicy',
  ],
  [
    'some of the indexes that count',
    { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0-2', succeededCount: 2 }] } },
    { completedIndexes: '0,3' },
    [],
    '',
  ],
  [
    'what was announced',
    { backoffLimit: 0 },
    { conditions: [condition('SuccessCriteriaMet', 'SuccessPolicy')] },
    failed({}),
    'Complete SuccessPolicy',
  ],
  [
    'a failure that was announced',
    { backoffLimit: 5 },
    { conditions: [condition('FailureTarget', 'DeadlineExceeded')] },
    [],
    'Failed DeadlineExceeded',
  ],
];
for (const [title, spec, status, pods, expected] of cases) {
  test(`jobVerdict: ${title}`, () => {
    const read = pods.map((facts, index) => readPod(`${index}`, facts));
    const { type, reason } = jobVerdict(jobProgress(readJob(spec, status), read), NOW_MS) ?? {};
    assert.equal(type ? `${type} ${reason}` : '', expected);
  });
}

test('jobVerdict counts restarts in place where containers are restarted', () => {
  const verdict = (backoffLimit: number, restarts: number) => {
    const job = readJob({ backoffLimit }, {}, 'OnFailure');
    return jobVerdict(jobProgress(job, [readPod('a', { restarts }), readPod('b', { restarts: 1 })]), NOW_MS)?.reason;
  };
  assert.equal(verdict(3, 1), undefined);
  assert.equal(verdict(3, 2), 'BackoffLimitExceeded');
  assert.equal(verdict(0, 0), 'BackoffLimitExceeded');
});

const completions: readonly [spec: Spec, succeeded: number, active: number, expected: boolean][] = [
  [{ completions: 2 }, 1, 0, false],
  [{ completions: 2 }, 2, 0, true],
  [{ completions: 2 }, 3, 1, false],
  [{ completions: 0 }, 0, 0, true],
  [{ parallelism: 2 }, 0, 0, false],
  [{ parallelism: 2 }, 1, 1, false],
  [{ parallelism: 2 }, 1, 0, true],
];
for (const [spec, succeeded, active, expected] of completions) {
  test(`completion of ${JSON.stringify(spec)} with ${succeeded} done and ${active} active`, () => {
    assert.equal(completion(jobProgress(readJob(spec, { succeeded }), []), active) !== undefined, expected);
  });
}

test('deadlineLeftMs is what is left of the time that a job may be active', () => {
  assert.equal(deadlineLeftMs(readJob({ activeDeadlineSeconds: 60 }, { startTime: ago(20) }), NOW_MS), 40_000);
  assert.equal(deadlineLeftMs(readJob({}, { startTime: ago(20) }), NOW_MS), undefined);
});
