// What a CronJob does now: which of its jobs have ended or are missing, whether it is time for another one, and which old
// ones go. Pure. Upstream: syncCronJob and cleanupFinishedJobs in pkg/controller/cronjob, with its reasons and messages.

import type { CronJob, CronJobStatus } from '../../api/batch/cron-job.ts';
import { type CronSchedule, CronSyntaxError, parseCronSchedule } from '../../api/batch/cron-schedule.ts';
import { lastCronTime, nextCronTime } from '../../api/batch/cron-times.ts';
import type { Job } from '../../api/batch/job.ts';
import { finalJobCondition, hasJobCondition } from '../../api/batch/job-conditions.ts';
import type { ObjectReference } from '../../api/core/references.ts';
import { timeToMs } from '../../api/time.ts';
import { isTimeZone } from '../../base/time-zone.ts';

export interface CronJobEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface CronJobPlan {
  /** With what the jobs say, before one is started. */
  readonly status: CronJobStatus;
  readonly events: readonly CronJobEvent[];
  /** The job that is to be started now, and those that are to be deleted before. */
  readonly start: { readonly scheduledMs: number; readonly replaced: readonly ObjectReference[] } | undefined;
  /** When to look again; undefined if nothing is due by the mere passing of time. */
  readonly nextMs: number | undefined;
}

/** Timers may fire a little early. */
const SCHEDULE_SLACK_MS = 100;
const MANY_MISSED = 100;

/** `jobs` are all that it controls; `missing` the uids of active ones that the API server does not have any more. */
export function planCronJob(
  cronJob: CronJob,
  jobs: readonly Job[],
  missing: ReadonlySet<string>,
  nowMs: number,
): CronJobPlan {
  const { status, events } = statusFromJobs(cronJob, jobs, missing);
  const idle = { status, start: undefined, nextMs: undefined };
  if (cronJob.metadata.deletionTimestamp !== undefined) return { ...idle, events };
  const { timeZone } = cronJob.spec;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const message = `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`;
    return { ...idle, events: [...events, warning('UnknownTimeZone', message)] };
  }
  if (cronJob.spec.suspend) return { ...idle, events };
  const read = scheduleOf(cronJob);
  if (read.fault !== undefined) {
    const message = `unparseable schedule: ${JSON.stringify(cronJob.spec.schedule)} : ${read.fault}`;
    return { ...idle, events: [...events, ...read.events, warning('UnparseableSchedule', message)] };
  }
  const due = planStart({ ...cronJob, status }, read.schedule, nowMs);
  return { status, start: due.start, nextMs: due.nextMs, events: [...events, ...read.events, ...due.events] };
}

export function jobNameAt({ metadata }: CronJob, scheduledMs: number): string {
  return `${metadata.name}-${Math.floor(scheduledMs / 60_000)}`;
}

/** When a schedule that was just written first counts: what it would have done before is nothing that was missed. */
export function firstRunMs(cronJob: CronJob, nowMs: number): number | undefined {
  const { schedule } = scheduleOf(cronJob);
  const next = schedule && nextCronTime(schedule, nowMs);
  return next === undefined ? undefined : next - nowMs + SCHEDULE_SLACK_MS;
}

/** Ended jobs beyond what is kept, the oldest first. */
export function jobsToForget({ spec }: CronJob, jobs: readonly Job[]): readonly Job[] {
  const beyond = (type: string, limit: number | undefined) => {
    const ended = jobs.filter(({ status }) => finalJobCondition(status)?.type === type).sort(byStart);
    return limit === undefined ? [] : ended.slice(0, Math.max(0, ended.length - limit));
  };
  return [...beyond('Complete', spec.successfulJobsHistoryLimit), ...beyond('Failed', spec.failedJobsHistoryLimit)];
}

function byStart(a: Job, b: Job): number {
  const startMs = ({ status }: Job) => (status.startTime ? timeToMs(status.startTime) : Number.MAX_VALUE);
  return startMs(a) - startMs(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}

function statusFromJobs(cronJob: CronJob, jobs: readonly Job[], missing: ReadonlySet<string>) {
  const events: CronJobEvent[] = [];
  const gone = new Set(missing);
  let { active = [], lastSuccessfulTime } = cronJob.status;
  for (const { metadata, status } of jobs) {
    const isActive = active.some(({ uid }) => uid === metadata.uid);
    const final = finalJobCondition(status);
    if (!final && !isActive) {
      const message = `Saw a job that the controller did not create or forgot: ${metadata.name}`;
      events.push(warning('UnexpectedJob', message));
    } else if (final && isActive) {
      gone.add(metadata.uid);
      events.push(normal('SawCompletedJob', `Saw completed job: ${metadata.name}, condition: ${final.type}`));
    }
    const { completionTime } = status;
    if (!completionTime || !hasJobCondition(status, 'Complete')) continue;
    if (!lastSuccessfulTime || timeToMs(completionTime) > timeToMs(lastSuccessfulTime)) {
      lastSuccessfulTime = completionTime;
    }
  }
  for (const { uid, name } of active) {
    if (uid && missing.has(uid)) events.push(normal('MissingJob', `Active job went missing: ${name}`));
  }
  if (gone.size > 0) active = active.filter(({ uid }) => !gone.has(uid ?? ''));
  const status = { ...cronJob.status, active, ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}) };
  return { status, events };
}

type ReadSchedule =
  | { readonly schedule: CronSchedule; readonly fault?: undefined; readonly events: readonly CronJobEvent[] }
  | { readonly schedule?: undefined; readonly fault: string; readonly events: readonly CronJobEvent[] };

/** A zone in the schedule is from before there was a field for it. */
function scheduleOf({ spec }: CronJob): ReadSchedule {
  const { schedule, timeZone } = spec;
  const hasZone = schedule.includes('TZ');
  const support = 'see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';
  const message = `CRON_TZ or TZ used in schedule ${JSON.stringify(schedule)} is not officially supported, ${support}`;
  const events = hasZone ? [warning('UnsupportedSchedule', message)] : [];
  try {
    const text = hasZone || timeZone === undefined ? schedule : `TZ=${timeZone} ${schedule}`;
    return { schedule: parseCronSchedule(text), events };
  } catch (error) {
    if (error instanceof CronSyntaxError) return { fault: error.message, events };
    throw error;
  }
}

function planStart(
  cronJob: CronJob,
  schedule: CronSchedule,
  nowMs: number,
): Pick<CronJobPlan, 'start' | 'nextMs' | 'events'> {
  const { spec, status } = cronJob;
  const next = nextCronTime(schedule, nowMs);
  if (next === undefined) {
    const message = `invalid schedule: ${spec.schedule} : time difference between two schedules is less than 1 second`;
    return { start: undefined, nextMs: undefined, events: [warning('InvalidSchedule', message)] };
  }
  const wait = { start: undefined, nextMs: next - nowMs + SCHEDULE_SLACK_MS };
  const { scheduledMs, events } = lastMissed(cronJob, schedule, nowMs);
  if (scheduledMs === undefined) return { ...wait, events };
  const { active = [] } = status;
  const name = jobNameAt(cronJob, scheduledMs);
  if (active.some((reference) => reference.name === name)) return { ...wait, events };
  if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    return { ...wait, events: [...events, normal('JobAlreadyActive', message)] };
  }
  const replaced = spec.concurrencyPolicy === 'Replace' ? active : [];
  return { ...wait, start: { scheduledMs, replaced }, events };
}

/** The newest time since the last job at which there should have been another one; undefined if there was none. */
function lastMissed({ metadata, spec, status }: CronJob, schedule: CronSchedule, nowMs: number) {
  const sinceMs = timeToMs(status.lastScheduleTime ?? metadata.creationTimestamp);
  const { startingDeadlineSeconds } = spec;
  const deadlineMs = startingDeadlineSeconds === undefined ? sinceMs : nowMs - startingDeadlineSeconds * 1000;
  const fromMs = Math.max(sinceMs, deadlineMs);
  const scheduledMs = lastCronTime(schedule, fromMs, nowMs);
  const events = isManyTimes(schedule, fromMs, nowMs)
    ? [
        warning(
          'TooManyMissedTimes',
          'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
        ),
      ]
    : [];
  return { scheduledMs, events };
}

/** An estimate, as if all times were as far apart as the first two. */
function isManyTimes(schedule: CronSchedule, fromMs: number, nowMs: number): boolean {
  const first = nextCronTime(schedule, fromMs) ?? Number.POSITIVE_INFINITY;
  if (first > nowMs) return false;
  const second = nextCronTime(schedule, first) ?? Number.POSITIVE_INFINITY;
  return Math.floor((nowMs - first) / (second - first)) + 1 > MANY_MISSED;
}

function normal(reason: string, message: string): CronJobEvent {
  return { type: 'Normal', reason, message };
}

function warning(reason: string, message: string): CronJobEvent {
  return { type: 'Warning', reason, message };
}
