// A cluster for tests of jobs: pods run on one node, which the test plays, and end as the test says.

import type { CronJob } from '../../src/api/batch/cron-job.ts';
import { Job, type JobStatus } from '../../src/api/batch/job.ts';
import { hasJobCondition } from '../../src/api/batch/job-conditions.ts';
import { Event } from '../../src/api/core/event.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { formatTime } from '../../src/api/time.ts';
import type { Clock } from '../../src/base/clock.ts';
import { type Client, refOf } from '../../src/client/client.ts';
import { isPodTerminal } from '../../src/controllers/pod-state.ts';
import { type ControlledCluster, controlledCluster } from './controlled-cluster.ts';

export const NAMESPACE = 'default';
export const REF = { namespace: NAMESPACE, name: 'work' };

type JobSpecInput = NonNullable<InputOf<typeof Job>['spec']>;

/** A job of two pods at a time, four in all. */
export function job(spec: Partial<JobSpecInput> = {}, podSpec: object = {}): InputOf<typeof Job> {
  return { metadata: REF, spec: { parallelism: 2, completions: 4, template: podTemplate(podSpec), ...spec } };
}

export function podTemplate(spec: object = {}): JobSpecInput['template'] {
  return { spec: { nodeName: 'node-1', restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }], ...spec } };
}

/** What becomes of a pod: it runs, has been restarted in place so often, or has ended. Absent: nothing yet. */
export type Behaviour = (
  pod: Pod,
) => undefined | 'runs' | { readonly restarts: number } | { readonly exitCode: number };

export const runs: Behaviour = () => 'runs';
export const succeeds: Behaviour = () => ({ exitCode: 0 });
export const fails: Behaviour = () => ({ exitCode: 1 });

export interface JobCluster extends ControlledCluster {
  get(name?: string): Promise<Job>;
  /** The pods of the job, by its label. */
  pods(name?: string): Promise<readonly Pod[]>;
  /** What the node would do now: pods that are being deleted have ended and go, the others behave. */
  tend(behave: Behaviour): Promise<void>;
  /** Tends pods until the status is as wanted. */
  reaches(what: string, behave: Behaviour, predicate: (status: JobStatus) => boolean, limitMs?: number): Promise<void>;
  /** `reason: message` of the events about objects of a kind, in their order, as soon as the one is among them. */
  said(kind: 'Job' | 'CronJob', awaited: string): Promise<readonly string[]>;
}

export async function jobCluster(): Promise<JobCluster> {
  const cluster = await controlledCluster();
  const { admin, clock, until, addNode } = cluster;
  await addNode('node-1');
  await until('the account', async () => {
    return (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items.length > 0;
  });
  const get = (name = REF.name) => admin.get(Job, { namespace: NAMESPACE, name });
  const tend = (behave: Behaviour) => tendJobPods({ admin, clock }, behave);
  return {
    ...cluster,
    get,
    tend,
    pods: async (name = REF.name) => {
      const labelSelector = `batch.kubernetes.io/job-name=${name}`;
      return (await admin.list(Pod, { namespace: NAMESPACE, labelSelector })).items;
    },
    reaches: (what, behave, predicate, limitMs) =>
      until(
        what,
        async () => {
          await tend(behave);
          return predicate((await get()).status);
        },
        limitMs,
      ),
    said: async (kind, awaited) => {
      let said: string[] = [];
      await until(`the event ${awaited}`, async () => {
        const { items } = await admin.list(Event, { namespace: NAMESPACE });
        const about = items.filter(({ involvedObject }) => involvedObject.kind === kind);
        said = about.map(({ reason, message }) => `${reason}: ${message}`);
        return said.some((text) => text.startsWith(awaited));
      });
      return said;
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

export const isComplete = (status: JobStatus): boolean => hasJobCondition(status, 'Complete');
export const hasFailed = (status: JobStatus): boolean => hasJobCondition(status, 'Failed');

/** `type: reason` of the conditions that are true, in their order. */
export function conditionsOf({ conditions = [] }: JobStatus): readonly string[] {
  return conditions.filter(({ status }) => status === 'True').map(({ type, reason }) => `${type}: ${reason}`);
}

/** The statuses that a job had, one after the other. */
export function recordStatuses({ admin }: Pick<JobCluster, 'admin'>, resourceVersion: string) {
  const stop = new AbortController();
  const statuses: JobStatus[] = [];
  const watching = (async () => {
    for await (const batch of admin.watch(Job, { namespace: NAMESPACE, resourceVersion, signal: stop.signal })) {
      for (const { type, object } of batch) if (type !== 'BOOKMARK') statuses.push(object.status);
    }
  })().catch(() => {}); // It ends by being aborted.
  return {
    statuses,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}

export function cronJob(
  spec: Partial<NonNullable<InputOf<typeof CronJob>['spec']>> = {},
  name = 'tick',
): InputOf<typeof CronJob> {
  const jobTemplate = { spec: { parallelism: 1, completions: 1, backoffLimit: 1, template: podTemplate() } };
  return { metadata: { namespace: NAMESPACE, name }, spec: { schedule: '*/1 * * * ?', jobTemplate, ...spec } };
}

export async function tendJobPods(
  { admin, clock }: { readonly admin: Client; readonly clock: Clock },
  behave: Behaviour,
): Promise<void> {
  for (const pod of (await admin.list(Pod, { namespace: NAMESPACE })).items) {
    const isStopped = pod.metadata.deletionTimestamp !== undefined;
    const fate = isStopped ? { exitCode: 143 } : behave(pod);
    try {
      if (fate && !isPodTerminal(pod)) await writeStatus(admin, pod, fate, clock.now());
      if (isStopped) await admin.delete(Pod, refOf(pod), { gracePeriodSeconds: 0 });
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error; // Let go meanwhile.
    }
  }
}

async function writeStatus(
  admin: Client,
  pod: Pod,
  fate: Exclude<ReturnType<Behaviour>, undefined>,
  nowMs: number,
): Promise<void> {
  const now = formatTime(nowMs);
  const hasEnded = fate !== 'runs' && 'exitCode' in fate;
  const state = hasEnded
    ? { terminated: { exitCode: fate.exitCode, reason: 'Ended', startedAt: now, finishedAt: now } }
    : { running: { startedAt: now } };
  const restartCount = fate !== 'runs' && 'restarts' in fate ? fate.restarts : 0;
  const container = { name: 'c', image: 'i', imageID: 'i', ready: !hasEnded, restartCount, state };
  const ready = { type: 'Ready', status: hasEnded ? 'False' : 'True', lastTransitionTime: now };
  const current = pod.status.containerStatuses?.[0];
  if (!hasEnded && pod.status.phase === 'Running' && current?.restartCount === restartCount) return;
  const phase = hasEnded ? (fate.exitCode === 0 ? 'Succeeded' : 'Failed') : 'Running';
  const body = { status: { phase, conditions: [ready], containerStatuses: [container] } };
  await admin.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status' });
}
