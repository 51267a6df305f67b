// Starts jobs when their time has come. What is due is decided in plan-cron-job.ts. A job is named after its time, so that
// none is started twice, not even by a controller that has died before it could write down what it did. Upstream:
// pkg/controller/cronjob.

import { CronJob, type CronJobStatus } from '../../api/batch/cron-job.ts';
import { Job } from '../../api/batch/job.ts';
import { isJobFinished } from '../../api/batch/job-conditions.ts';
import type { ObjectReference } from '../../api/core/references.ts';
import { deepEqual } from '../../api/deep-equal.ts';
import type { InputOf } from '../../api/kind.ts';
import { isStatusError } from '../../api/status-error.ts';
import { formatTime, formatTimeAt } from '../../api/time.ts';
import { messageOf } from '../../base/message-of.ts';
import { zoneOffsetMs } from '../../base/time-zone.ts';
import { type Client, refOf } from '../../client/client.ts';
import { referenceTo } from '../../client/event-recorder.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller, Enqueue } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import {
  CONTROLLER_INDEX,
  controllerIndex,
  controllerOf,
  controllerReference,
  isControlledBy,
  refersTo,
} from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';
import { firstRunMs, jobNameAt, jobsToForget, planCronJob } from './plan-cron-job.ts';

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

export function cronJobController(deps: ControllerDeps): Controller {
  const cronJobs = deps.informers.informer(CronJob);
  const jobs = deps.informers.informer(Job, { indexes: { [CONTROLLER_INDEX]: controllerIndex } });
  const writes = new PendingWrites(deps);
  return {
    name: 'cronjob-controller',
    reads: [cronJobs, jobs],
    watch: (enqueue) => watchCronJobs({ ...deps, cronJobs, jobs }, enqueue),
    async reconcile(key, { signal }) {
      const cronJob = cronJobs.get(key);
      if (!cronJob) return writes.forget(key); // Its jobs are the garbage collector's.
      if (!writes.settled(key)) return UNSETTLED;
      return runCronJob({ ...deps, cronJobs, jobs, writes, signal }, cronJob);
    },
  };
}

interface State extends ControllerDeps {
  readonly cronJobs: Informer<CronJob>;
  readonly jobs: Informer<Job>;
  readonly writes: PendingWrites;
  readonly signal: AbortSignal;
}

async function runCronJob(state: State, cronJob: CronJob): Promise<undefined | { readonly requeueAfterMs: number }> {
  const { jobs, events, clock } = state;
  const own = jobs.byIndex(CONTROLLER_INDEX, cronJob.metadata.uid);
  const plan = planCronJob(cronJob, own, await missingJobs(state, cronJob, own), clock.now());
  for (const { type, reason, message } of plan.events) events.event(cronJob, type, reason, message);
  let { status } = plan;
  let failure: unknown;
  // What fails is tried again; it must not keep what succeeded from being written down.
  const attempt = async (act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      failure ??= error;
    }
  };
  await attempt(async () => {
    if (!plan.start) return;
    for (const reference of plan.start.replaced) {
      await replaceJob(state, cronJob, reference);
      status = { ...status, active: (status.active ?? []).filter(({ uid }) => uid !== reference.uid) };
    }
    status = await startJob(state, cronJob, plan.start.scheduledMs, status);
  });
  await attempt(async () => {
    for (const job of jobsToForget(cronJob, own)) await deleteJob(state, cronJob, job);
  });
  await writeStatus(state, cronJob, status);
  if (failure !== undefined && !isNamespaceTerminating(failure)) throw failure;
  return plan.nextMs === undefined ? undefined : { requeueAfterMs: plan.nextMs };
}

/** The uids of active jobs that have gone, as the API server has it. */
async function missingJobs({ client, signal }: State, { status }: CronJob, own: readonly Job[]) {
  const known = new Set(own.map(({ metadata }) => metadata.uid));
  const missing = new Set<string>();
  for (const { namespace, name = '', uid = '' } of status.active ?? []) {
    if (known.has(uid)) continue;
    const job = await findJob(client, { namespace, name }, signal);
    if (job?.metadata.uid !== uid) missing.add(uid);
  }
  return missing;
}

/** Answers the status with the job among the active ones. */
async function startJob(
  { client, events, jobs, writes, signal }: State,
  cronJob: CronJob,
  scheduledMs: number,
  status: CronJobStatus,
): Promise<CronJobStatus> {
  const input = jobFrom(cronJob, scheduledMs);
  let job: Job;
  try {
    job = await client.create(Job, input, { signal });
    writes.wrote(keyOf(cronJob.metadata), jobs, job);
    events.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) {
      if (!isNamespaceTerminating(error)) {
        events.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`);
      }
      throw error;
    }
    // Our own, from before a crash, is as good as a new one. One of somebody else is theirs to look after.
    job = await client.get(
      Job,
      { namespace: cronJob.metadata.namespace, name: jobNameAt(cronJob, scheduledMs) },
      { signal },
    );
    if (!isControlledBy(job, cronJob)) return status;
  }
  const scheduled = { ...status, lastScheduleTime: formatTime(scheduledMs) };
  if (isJobFinished(job.status)) return scheduled;
  const others = (status.active ?? []).filter(({ uid }) => uid !== job.metadata.uid);
  return { ...scheduled, active: [...others, referenceTo(job)] };
}

function jobFrom(cronJob: CronJob, scheduledMs: number): InputOf<typeof Job> {
  const { jobTemplate, timeZone } = cronJob.spec;
  const { labels, annotations } = jobTemplate.metadata;
  const offsetMs = timeZone === undefined ? 0 : zoneOffsetMs(timeZone, scheduledMs);
  return {
    metadata: {
      namespace: cronJob.metadata.namespace,
      name: jobNameAt(cronJob, scheduledMs),
      ...(labels ? { labels } : {}),
      annotations: { ...annotations, [SCHEDULED_AT]: formatTimeAt(scheduledMs, offsetMs) },
      ownerReferences: [controllerReference(CronJob, cronJob)],
    },
    spec: jobTemplate.spec,
  } as InputOf<typeof Job>;
}

/** Throws when the job could not be deleted: no other one is started then. */
async function replaceJob(state: State, cronJob: CronJob, { namespace, name = '' }: ObjectReference): Promise<void> {
  const job = await findJob(state.client, { namespace, name }, state.signal);
  if (job) await deleteJob(state, cronJob, job);
}

async function deleteJob({ client, events, jobs, writes, signal }: State, cronJob: CronJob, job: Job): Promise<void> {
  const { uid, name } = job.metadata;
  try {
    await client.delete(Job, refOf(job), { propagationPolicy: 'Background', preconditions: { uid }, signal });
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return;
    events.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${messageOf(error)}`);
    throw error;
  }
  writes.deleted(keyOf(cronJob.metadata), jobs, job);
  events.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
}

/** Nobody else writes it: what somebody has changed about the rest meanwhile does not matter. */
async function writeStatus(state: State, cronJob: CronJob, status: CronJobStatus): Promise<void> {
  const { client, cronJobs, writes, signal } = state;
  if (deepEqual(status, cronJob.status)) return;
  const write = async (newest: CronJob) => {
    const written = await client.updateStatus(CronJob, { ...newest, status }, { signal });
    writes.wrote(keyOf(newest.metadata), cronJobs, written);
  };
  try {
    await write(cronJob);
  } catch (error) {
    if (!isStatusError(error, 'Conflict')) throw error;
    const fresh = await client.get(CronJob, refOf(cronJob), { signal });
    if (fresh.metadata.uid === cronJob.metadata.uid) await write(fresh);
  }
}

async function findJob(client: Client, ref: { namespace: string | undefined; name: string }, signal: AbortSignal) {
  try {
    return await client.get(Job, ref, { signal });
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}

function watchCronJobs(
  { cronJobs, jobs, clock }: Pick<State, 'cronJobs' | 'jobs' | 'clock'>,
  enqueue: Enqueue,
): readonly Disposable[] {
  const enqueueOwner = (job: Job) => {
    const owner = controllerOf(job);
    if (owner && refersTo(owner, CronJob)) enqueue(keyOf({ namespace: job.metadata.namespace, name: owner.name }));
  };
  return [
    cronJobs.subscribe((changes) => {
      for (const change of changes) {
        const { object } = change;
        const key = keyOf(object.metadata);
        if (change.type === 'updated' && isRescheduled(object, change.previous)) {
          enqueue(key, firstRunMs(object, clock.now()));
        } else enqueue(key);
      }
    }),
    jobs.subscribe((changes) => {
      for (const change of changes) {
        if (change.type === 'updated' && controllerOf(change.previous)?.uid !== controllerOf(change.object)?.uid) {
          enqueueOwner(change.previous);
        }
        enqueueOwner(change.object);
      }
    }),
  ];
}

function isRescheduled({ spec }: CronJob, { spec: before }: CronJob): boolean {
  return spec.schedule !== before.schedule || spec.timeZone !== before.timeZone;
}
