// CronJob.

import { defaultPodSpec } from '../core/pod-defaults.ts';
import { ObjectReference } from '../core/references.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, ageOf, formatLabelSelector, nameColumn, orNone, orUnset, templateColumns } from '../printing.ts';
import { bool, int32, int64, list, message, type Read, string, struct, time } from '../schema.ts';
import { validateCronJob, validateCronJobCreate, validateCronJobUpdate } from './cron-job-validation.ts';
import { JobSpec } from './job-spec.ts';
import { cronJobWarnings } from './job-warnings.ts';

export const JobTemplateSpec = struct('batch/v1.JobTemplateSpec', {
  metadata: message(1, ObjectMeta),
  spec: message(2, JobSpec),
});
export type JobTemplateSpec = Read<typeof JobTemplateSpec>;

export const ConcurrencyPolicy = ['Allow', 'Forbid', 'Replace'] as const;
export type ConcurrencyPolicy = (typeof ConcurrencyPolicy)[number];

export const CronJobSpec = struct('batch/v1.CronJobSpec', {
  schedule: string(1, { required: true }),
  timeZone: string(8, { optional: true }),
  startingDeadlineSeconds: int64(2, { optional: true }),
  concurrencyPolicy: string(3, { defaultsTo: 'Allow', enum: ConcurrencyPolicy }),
  suspend: bool(4, { optional: true, defaultsTo: false }),
  jobTemplate: message(5, JobTemplateSpec, { required: true }),
  successfulJobsHistoryLimit: int32(6, { optional: true, defaultsTo: 3 }),
  failedJobsHistoryLimit: int32(7, { optional: true, defaultsTo: 1 }),
});
export type CronJobSpec = Read<typeof CronJobSpec>;

export const CronJobStatus = struct('batch/v1.CronJobStatus', {
  active: list(1, ObjectReference, { list: 'atomic' }),
  lastScheduleTime: time(4, { optional: true }),
  lastSuccessfulTime: time(5, { optional: true }),
});
export type CronJobStatus = Read<typeof CronJobStatus>;

const schema = struct('batch/v1.CronJob', {
  metadata: message(1, ObjectMeta),
  spec: message(2, CronJobSpec, { required: true, omit: 'empty' }),
  status: message(3, CronJobStatus),
});
export type CronJob = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const CronJob = kind({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  scope: 'Namespaced',
  shortNames: ['cj'],
  categories: ['all'],
  schema,
  subresources: {
    status: { type: 'status' },
  },
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'Schedule',
      type: 'string',
      description: 'When jobs are made, in the notation of cron.',
      value: ({ spec }) => spec.schedule,
    },
    {
      name: 'Timezone',
      type: 'string',
      description: 'The time zone of the schedule.',
      value: ({ spec }) => orNone(spec.timeZone),
    },
    {
      name: 'Suspend',
      type: 'boolean',
      description: 'Whether no more jobs are made for now.',
      value: ({ spec }) => (spec.suspend === undefined ? orUnset(undefined) : spec.suspend ? 'True' : 'False'),
    },
    {
      name: 'Active',
      type: 'integer',
      description: 'Number of jobs that run.',
      value: ({ status }) => status.active?.length ?? 0,
    },
    {
      name: 'Last Schedule',
      type: 'string',
      description: 'Time since a job was made last.',
      value: ({ status }, nowMs) => (status.lastScheduleTime ? ageOf(status.lastScheduleTime, nowMs) : orNone('')),
    },
    ageColumn,
    ...templateColumns<CronJob>(({ spec }) => spec.jobTemplate.spec.template.spec.containers),
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      description: 'Labels of the pods that belong to the jobs.',
      value: ({ spec }) => formatLabelSelector(spec.jobTemplate.spec.selector),
    },
  ],
  defaults({ spec }) {
    defaultPodSpec(spec.jobTemplate.spec.template.spec);
  },
  validate: validateCronJob,
  validateCreate: validateCronJobCreate,
  validateUpdate: validateCronJobUpdate,
  warnings: cronJobWarnings,
});
