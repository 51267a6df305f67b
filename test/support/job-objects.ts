// Jobs and pods of jobs as controllers read them, for tests of what is decided purely.

import { Job, type JobStatus } from '../../src/api/batch/job.ts';
import { Pod } from '../../src/api/core/pod.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { readInput } from '../../src/api/read-input.ts';
import { formatTime, timeToMs } from '../../src/api/time.ts';
import {
  COMPLETION_INDEX,
  INDEX_FAILURES,
  INDEX_IGNORED_FAILURES,
  TRACKING_FINALIZER,
} from '../../src/controllers/job/job-pods.ts';

export const NOW = '2026-01-01T12:00:00Z';
export const NOW_MS = timeToMs(NOW);
/** So many seconds before now. */
export const ago = (seconds: number): string => formatTime(NOW_MS - seconds * 1000);

type Spec = NonNullable<InputOf<typeof Job>['spec']>;

export function readJob(spec: Partial<Spec> = {}, status: JobStatus = {}, restartPolicy = 'Never'): Job {
  const template = { spec: { restartPolicy, containers: [{ name: 'c', image: 'i' }] } } as Spec['template'];
  const read = readInput(Job, { metadata: { name: 'work', namespace: 'default' }, spec: { template, ...spec } });
  return { ...read, metadata: { ...read.metadata, uid: 'uid-work', creationTimestamp: ago(3600) }, status } as Job;
}

export interface PodFacts {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly index?: number;
  readonly deleted?: boolean;
  /** Absent: it has the finalizer. */
  readonly untracked?: boolean;
  readonly exitCode?: number;
  /** How many seconds ago it ended. */
  readonly endedAgo?: number;
  readonly restarts?: number;
  readonly ready?: boolean;
  readonly failures?: number;
  readonly ignored?: number;
  readonly conditions?: readonly string[];
}

export function readPod(name: string, facts: PodFacts = {}): Pod {
  const { phase = 'Running', index, endedAgo = 60, exitCode = phase === 'Failed' ? 1 : 0, ready = false } = facts;
  const read = readInput(Pod, {
    metadata: { name, namespace: 'default' },
    spec: { nodeName: 'node-1', containers: [{ name: 'c', image: 'i' }] },
  });
  const hasEnded = phase === 'Succeeded' || phase === 'Failed';
  const state = hasEnded ? { terminated: { exitCode, finishedAt: ago(endedAgo) } } : { running: {} };
  const annotations = {
    ...(index === undefined ? {} : { [COMPLETION_INDEX]: `${index}` }),
    ...(facts.failures === undefined ? {} : { [INDEX_FAILURES]: `${facts.failures}` }),
    ...(facts.ignored === undefined ? {} : { [INDEX_IGNORED_FAILURES]: `${facts.ignored}` }),
  };
  const conditions = [...(ready ? ['Ready'] : []), ...(facts.conditions ?? [])];
  return {
    ...read,
    metadata: {
      ...read.metadata,
      uid: `uid-${name}`,
      creationTimestamp: ago(600),
      annotations,
      ...(facts.untracked ? {} : { finalizers: [TRACKING_FINALIZER] }),
      ...(facts.deleted ? { deletionTimestamp: ago(endedAgo - 30), deletionGracePeriodSeconds: 30 } : {}),
    },
    status: {
      phase,
      conditions: conditions.map((type) => ({ type, status: 'True' })),
      containerStatuses: [{ name: 'c', restartCount: facts.restarts ?? 0, state }],
    },
  } as unknown as Pod;
}
