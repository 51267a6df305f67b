// Job.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { int32, list, message, type Read, string, struct, time } from '../schema.ts';
import { jobColumns } from './job-columns.ts';
import { defaultJob, selectOwnPods } from './job-defaults.ts';
import { JobSpec } from './job-spec.ts';
import { validateJobStatusUpdate } from './job-status-validation.ts';
import { validateJob, validateJobCreate, validateJobUpdate } from './job-validation.ts';
import { jobWarnings } from './job-warnings.ts';

export const JobCondition = struct('batch/v1.JobCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastProbeTime: time(3),
  lastTransitionTime: time(4),
  reason: string(5),
  message: string(6),
});
export type JobCondition = Read<typeof JobCondition>;

export const UncountedTerminatedPods = struct('batch/v1.UncountedTerminatedPods', {
  succeeded: list(1, 'string', { list: 'set' }),
  failed: list(2, 'string', { list: 'set' }),
});
export type UncountedTerminatedPods = Read<typeof UncountedTerminatedPods>;

export const JobStatus = struct('batch/v1.JobStatus', {
  conditions: list(1, JobCondition, { list: 'atomic', merge: 'type' }),
  startTime: time(2, { optional: true }),
  completionTime: time(3, { optional: true }),
  active: int32(4),
  succeeded: int32(5),
  failed: int32(6),
  terminating: int32(11, { optional: true }),
  completedIndexes: string(7),
  failedIndexes: string(10, { optional: true }),
  uncountedTerminatedPods: message(8, UncountedTerminatedPods, { optional: true }),
  ready: int32(9, { optional: true }),
});
export type JobStatus = Read<typeof JobStatus>;

const schema = struct('batch/v1.Job', {
  metadata: message(1, ObjectMeta),
  spec: message(2, JobSpec),
  status: message(3, JobStatus),
});
export type Job = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const Job = kind({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  scope: 'Namespaced',
  categories: ['all'],
  schema,
  subresources: {
    status: { type: 'status' },
  },
  generation: [['spec']],
  selectableFields: { 'status.successful': ({ status }) => String(status.succeeded ?? 0) },
  columns: jobColumns,
  defaults: defaultJob,
  prepareForCreate: selectOwnPods,
  validate: validateJob,
  validateCreate: validateJobCreate,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatusUpdate,
  warnings: jobWarnings,
});
