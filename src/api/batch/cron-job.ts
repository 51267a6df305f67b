// CronJob.

import { ObjectReference } from '../core/references.ts';
import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, int32, int64, list, message, type Read, string, struct, time } from '../schema.ts';
import { JobSpec } from './job-spec.ts';

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
  concurrencyPolicy: string(3, { enum: ConcurrencyPolicy }),
  suspend: bool(4, { optional: true }),
  jobTemplate: message(5, JobTemplateSpec, { required: true }),
  successfulJobsHistoryLimit: int32(6, { optional: true }),
  failedJobsHistoryLimit: int32(7, { optional: true }),
});
export type CronJobSpec = Read<typeof CronJobSpec>;

export const CronJobStatus = struct('batch/v1.CronJobStatus', {
  active: list(1, ObjectReference, { list: 'atomic' }),
  lastScheduleTime: time(4, { optional: true }),
  lastSuccessfulTime: time(5, { optional: true }),
});
export type CronJobStatus = Read<typeof CronJobStatus>;

export const CronJob = kind({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  scope: 'Namespaced',
  shortNames: ['cj'],
  categories: ['all'],
  schema: struct('batch/v1.CronJob', {
    metadata: message(1, ObjectMeta),
    spec: message(2, CronJobSpec, { required: true, omit: 'empty' }),
    status: message(3, CronJobStatus),
  }),
  subresources: {
    status: { type: 'status' },
  },
});
export type CronJob = ObjectOf<typeof CronJob>;
