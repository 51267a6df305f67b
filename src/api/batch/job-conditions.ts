// What the conditions of a job say of how it ends. Upstream: pkg/controller/job/util.

import type { JobCondition, JobStatus } from './job.ts';

type Conditions = Pick<JobStatus, 'conditions'>;

/** The condition of the type, if it is true. */
export function jobCondition({ conditions }: Conditions, type: string): JobCondition | undefined {
  return conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

export function hasJobCondition(status: Conditions, type: string): boolean {
  return jobCondition(status, type) !== undefined;
}

/** The condition that ends a job, `Complete` or `Failed`; undefined while it goes on. */
export function finalJobCondition(status: Conditions): JobCondition | undefined {
  return jobCondition(status, 'Complete') ?? jobCondition(status, 'Failed');
}

export function isJobFinished(status: Conditions): boolean {
  return finalJobCondition(status) !== undefined;
}
