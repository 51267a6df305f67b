import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOW_MS, type PodFacts, readJob, readPod } from '../../../test/support/job-objects.ts';
import type { JobStatus } from '../../api/batch/job.ts';
import { type FailureStreak, NO_FAILURES } from './job-backoff.ts';
import { jobProgress } from './job-progress.ts';
import { planScaling } from './job-scaling.ts';

type Spec = Parameters<typeof readJob>[0];

interface Expected {
  readonly stop?: readonly string[];
  readonly start?: number | readonly number[];
  readonly waitMs?: number;
}

const indexed = { completionMode: 'Indexed', completions: 4, parallelism: 3 } as const;
const perIndex = { ...indexed, backoffLimitPerIndex: 5 } as const;

const cases: readonly [
  title: string,
  spec: Spec,
  status: JobStatus,
  pods: Readonly<Record<string, PodFacts>>,
  expected: Expected,
  streak?: FailureStreak,
][] = [
  ['a new job', { parallelism: 3, completions: 5 }, {}, {}, { start: 3 }],
  ['few left', { parallelism: 3, completions: 5 }, { succeeded: 4 }, {}, { start: 1 }],
  ['no number of completions', { parallelism: 3 }, {}, { a: {} }, { start: 2 }],
  ['no number of completions after a success', { parallelism: 3 }, { succeeded: 1 }, { a: {} }, {}],
  ['many', { parallelism: 2000, completions: 2000 }, {}, {}, { start: 500 }],
  ['no pods are wanted', { parallelism: 0, completions: 5 }, {}, { a: {} }, { stop: ['a'] }],
  [
    'too many, the least ready go',
    { parallelism: 1, completions: 5 },
    {},
    { a: { ready: true }, b: { phase: 'Pending' }, c: {} },
    { stop: ['b', 'c'] },
  ],
  [
    'suspended',
    { parallelism: 2, completions: 5, suspend: true },
    {},
    { a: {}, b: { deleted: true } },
    { stop: ['a'] },
  ],
  ['a pod that is deleted', { parallelism: 1, completions: 1 }, {}, { a: { deleted: true } }, { start: 1 }],
  [
    'a pod that is deleted and waited for',
    { parallelism: 1, completions: 1, podReplacementPolicy: 'Failed' },
    {},
    { a: { deleted: true } },
    {},
  ],
  [
    'after a failure',
    { parallelism: 2, completions: 5 },
    {},
    { a: {} },
    { waitMs: 4_000 },
    { failures: 1, lastFailureMs: NOW_MS - 6_000 },
  ],
  ['indexes', indexed, { completedIndexes: '1' }, { a: { index: 0 } }, { start: [2, 3] }],
  [
    'indexes twice, without and beyond',
    indexed,
    {},
    { a: { index: 0, ready: true }, b: { index: 0 }, c: {}, d: { index: 4 }, e: { index: 1 } },
    { stop: ['c', 'd', 'b'] },
  ],
  [
    'an index whose pod is deleted and waited for',
    { ...indexed, podReplacementPolicy: 'Failed' },
    {},
    { a: { index: 0, deleted: true } },
    { start: [1, 2] },
  ],
  [
    'an index that waits',
    perIndex,
    {},
    { a: { index: 0, phase: 'Failed', failures: 1, endedAgo: 5 } },
    { start: [1, 2], waitMs: 15_000 },
  ],
  ['an index that has waited', perIndex, {}, { a: { index: 0, phase: 'Failed', endedAgo: 10 } }, { start: [0, 1, 2] }],
  [
    'an index that waits for what was ignored, too',
    { ...perIndex, parallelism: 1 },
    {},
    { a: { index: 0, phase: 'Failed', failures: 1, ignored: 1, endedAgo: 5 } },
    { start: [], waitMs: 35_000 },
  ],
  ['an index that was given up', perIndex, { failedIndexes: '0' }, {}, { start: [1, 2, 3] }],
];
for (const [title, spec, status, pods, expected, streak = NO_FAILURES] of cases) {
  test(`planScaling: ${title}`, () => {
    const read = Object.entries(pods).map(([name, facts]) => readPod(name, facts));
    const { stop, start, waitMs } = planScaling(jobProgress(readJob(spec, status), read), streak, NOW_MS);
    const begun = start.type === 'any' ? start.count : start.indexes;
    assert.deepEqual(
      { stop: stop.map(({ metadata }) => metadata.name), start: begun, waitMs },
      { stop: [], start: 0, waitMs: undefined, ...expected },
    );
  });
}
