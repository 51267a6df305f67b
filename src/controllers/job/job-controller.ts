// Runs pods until a job is done. What is to be done is decided in the files beside (job-progress.ts, job-verdict.ts,
// job-scaling.ts, job-accounting.ts); this one does it. Stale reads are excluded by PendingWrites. Pods whose job has gone
// are abandoned-pod-controller.ts's. Upstream: pkg/controller/job.

import { Job, type JobStatus } from '../../api/batch/job.ts';
import { hasJobCondition, isJobFinished } from '../../api/batch/job-conditions.ts';
import { Pod } from '../../api/core/pod.ts';
import { deepEqual } from '../../api/deep-equal.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf, type ObjectKey } from '../../client/object-key.ts';
import { carryOutClaims, planClaims } from '../claim-objects.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { CONTROLLER_INDEX, controllerIndex, orphansIn } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { isPodReady } from '../pod-state.ts';
import { matchesSelector } from '../selector-match.ts';
import { watchOwned, watchOwners } from '../watch-owned.ts';
import {
  accountPods,
  countReleased,
  finishedStatus,
  type RunningPods,
  startedJob,
  suspendedStatus,
  trackedUids,
} from './job-accounting.ts';
import { continueStreak, type FailureStreak, NO_FAILURES } from './job-backoff.ts';
import { indexedJobPod, jobPod } from './job-pod-template.ts';
import { isManagedElsewhere, TRACKING_FINALIZER } from './job-pods.ts';
import { type JobProgress, jobProgress } from './job-progress.ts';
import { NONE_TO_START, type PodsToStart, planScaling } from './job-scaling.ts';
import { completion, deadlineLeftMs, jobVerdict, type Verdict } from './job-verdict.ts';
import { type JobPodDeps, releasePods, startPods, stopPods } from './write-job-pods.ts';

export function jobController(deps: ControllerDeps): Controller {
  const jobs = deps.informers.informer(Job);
  const pods = deps.informers.informer(Pod, { indexes: { [CONTROLLER_INDEX]: controllerIndex } });
  const writes = new PendingWrites(deps);
  const streaks = new Map<ObjectKey, RememberedStreak>();
  return {
    name: 'job-controller',
    reads: [jobs, pods],
    watch: (enqueue) => [watchOwners(jobs, enqueue), watchOwned(jobs, Job, pods, enqueue)],
    async reconcile(key, { signal }) {
      const job = jobs.get(key);
      if (!job || isManagedElsewhere(job) || isJobFinished(job.status)) {
        streaks.delete(key);
        return writes.forget(key);
      }
      if (!writes.settled(key)) return UNSETTLED;
      return runJob({ ...deps, jobs, pods, writes, streaks, signal }, job);
    },
  };
}

interface State extends ControllerDeps, JobPodDeps {
  readonly jobs: Informer<Job>;
  /** Of jobs that go on. Lost with the process, as upstream's are. */
  readonly streaks: Map<ObjectKey, RememberedStreak>;
}

interface RememberedStreak {
  readonly uid: string;
  readonly streak: FailureStreak;
}

async function runJob(state: State, cached: Job): Promise<undefined | { readonly requeueAfterMs: number }> {
  const nowMs = state.clock.now();
  const job = startedJob(cached, nowMs);
  const progress = jobProgress(job, await claimPods(state, job));
  const streak = continueStreak(streakOf(state, job), progress.news);
  const verdict = jobVerdict(progress, nowMs);
  const done = verdict ? await stopAll(state, progress) : await scale(state, progress, streak);
  // A job is not said to have ended while there are pods that could not be stopped.
  const ending = verdict ? (done.error === undefined ? verdict : undefined) : completion(progress, done.active);
  const suspends = job.spec.suspend === true && done.isScaled && !ending;
  await writeProgress(state, cached, progress, { done, ending, suspends, streak });
  if (done.error !== undefined) throw done.error;
  const waits = [done.waitMs, ending ? undefined : deadlineLeftMs(job, nowMs)].filter((wait) => wait !== undefined);
  return waits.length > 0 ? { requeueAfterMs: Math.min(...waits) } : undefined;
}

function streakOf({ streaks }: State, { metadata }: Job): FailureStreak {
  const remembered = streaks.get(keyOf(metadata));
  return remembered?.uid === metadata.uid ? remembered.streak : NO_FAILURES;
}

function claimPods({ client, pods, writes, signal }: State, job: Job): Promise<readonly Pod[]> {
  const { uid, namespace } = job.metadata;
  const candidates = [...pods.byIndex(CONTROLLER_INDEX, uid), ...pods.byIndex(CONTROLLER_INDEX, orphansIn(namespace))];
  const plan = planClaims(job, ({ metadata }: Pod) => matchesSelector(job.spec.selector, metadata.labels), candidates);
  const onWrite = (pod: Pod) => writes.wrote(keyOf(job.metadata), pods, pod);
  const kinds = { client, ownerKind: Job, kind: Pod, finalizer: TRACKING_FINALIZER };
  return carryOutClaims(kinds, job, plan, { signal, onWrite });
}

/** What runs after active pods were started and stopped. */
interface Done extends RunningPods {
  /** Whether the number of pods was looked after. */
  readonly isScaled: boolean;
  readonly waitMs: number | undefined;
  readonly error: unknown;
}

/** The pods of a job that ends count, whatever becomes of them. */
async function stopAll(state: State, progress: JobProgress): Promise<Done> {
  const { stopped, error } = await stopPods(state, progress.job, progress.active, { counted: true });
  return { ...runningAfter(progress, stopped, 0), isScaled: false, waitMs: undefined, error };
}

async function scale(state: State, progress: JobProgress, streak: FailureStreak): Promise<Done> {
  const { job } = progress;
  if (job.metadata.deletionTimestamp !== undefined) {
    return { ...runningAfter(progress, [], 0), isScaled: false, waitMs: undefined, error: undefined };
  }
  const plan = planScaling(progress, streak, state.clock.now());
  const { stopped, error } = await stopPods(state, job, plan.stop, { counted: false });
  const start = error === undefined ? plan.start : NONE_TO_START;
  const begun = await startPods(state, job, podsFor(progress, start));
  const running = runningAfter(progress, stopped, begun.started);
  return { ...running, isScaled: true, waitMs: plan.waitMs, error: error ?? begun.error };
}

function podsFor({ job, indexes }: JobProgress, start: PodsToStart) {
  if (start.type === 'any') return Array.from({ length: start.count }, () => jobPod(job));
  return start.indexes.map((index) => indexedJobPod(job, index, indexes?.retained.get(index)));
}

function runningAfter({ active, terminating }: JobProgress, stopped: readonly Pod[], started: number): RunningPods {
  return {
    active: active.length - stopped.length + started,
    ready: active.filter(isPodReady).length - stopped.filter(isPodReady).length,
    terminating: terminating.length + stopped.length,
  };
}

interface Outcome {
  readonly done: Done;
  readonly ending: Verdict | undefined;
  readonly suspends: boolean;
  readonly streak: FailureStreak;
}

/** The steps by which pods are counted, as job-accounting.ts explains them. */
async function writeProgress(
  state: State,
  cached: Job,
  progress: JobProgress,
  { done, ending, suspends, streak }: Outcome,
): Promise<void> {
  const { clock, streaks } = state;
  const { active, ready, terminating } = done;
  const { status, release, isPartial } = accountPods(progress, ending, { active, ready, terminating }, clock.now());
  const named = await writeStatus(state, cached, suspends ? suspendedStatus(status, clock.now()) : status);
  saySuspension(state, cached, named);
  const { uid } = cached.metadata;
  streaks.set(keyOf(cached.metadata), { uid, streak });

  const { released, error } = await releasePods(state, cached, release);
  const tracked = [...trackedUids(progress.pods)].filter((uid) => !released.has(uid));
  const counted = countReleased(named.status, new Set(tracked));
  const isCounted = ending && !isPartial && error === undefined;
  const finished = isCounted ? finishedStatus(counted, ending, clock.now()) : undefined;
  const written = await writeStatus(state, named, finished ?? counted);
  if (finished && ending) sayFinished(state, written, ending);
  if (error !== undefined) throw error;
}

async function writeStatus({ client, jobs, writes, signal }: State, job: Job, status: JobStatus): Promise<Job> {
  if (deepEqual(status, job.status)) return job;
  const written = await client.updateStatus(Job, { ...job, status }, { signal });
  writes.wrote(keyOf(job.metadata), jobs, written);
  return written;
}

function saySuspension({ events }: State, before: Job, after: Job): void {
  const isSuspended = hasJobCondition(after.status, 'Suspended');
  if (isSuspended === hasJobCondition(before.status, 'Suspended')) return;
  if (isSuspended) events.event(after, 'Normal', 'Suspended', 'Job suspended');
  else events.event(after, 'Normal', 'Resumed', 'Job resumed');
}

function sayFinished({ events }: State, job: Job, { type, reason, message }: Verdict): void {
  if (type === 'Failed') {
    events.event(job, 'Warning', reason, message);
    return;
  }
  const { completions } = job.spec;
  if (completions !== undefined && (job.status.succeeded ?? 0) > completions) {
    const text = 'Too many succeeded pods running after completion count reached';
    events.event(job, 'Warning', 'TooManySucceededPods', text);
  }
  events.event(job, 'Normal', 'Completed', 'Job completed');
}
