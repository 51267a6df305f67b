// What is said of jobs that are taken as they are. Upstream: WarningsOnCreate and WarningsOnUpdate in
// pkg/registry/batch/job and cronjob, WarningsForJobSpec in pkg/api/job.

import { podNameWarnings } from '../core/pod-name-warning.ts';
import { templateWarnings } from '../core/pod-warnings.ts';
import { Path } from '../field-error.ts';
import type { CronJob } from './cron-job.ts';
import type { Job } from './job.ts';
import type { JobSpec } from './job-spec.ts';

const MANY_COMPLETIONS = 100_000;
const MANY_AT_A_TIME = 10_000;
const TOO_MANY_INDEXES =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
const SPEC = Path.of('spec');

export function jobWarnings({ metadata, spec }: Job, previous: Job | undefined): readonly string[] {
  if (!previous) return [...podNameWarnings(metadata.name), ...specWarnings(spec, SPEC)];
  return metadata.generation === previous.metadata.generation ? [] : specWarnings(spec, SPEC);
}

export function cronJobWarnings({ metadata, spec }: CronJob, previous: CronJob | undefined): readonly string[] {
  const ofJobs = () => specWarnings(spec.jobTemplate.spec, SPEC.child('jobTemplate', 'spec'));
  if (!previous) return [...podNameWarnings(metadata.name), ...ofJobs()];
  // The doubled `spec` is upstream's.
  const ofZone = spec.schedule.includes('TZ')
    ? [
        'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
      ]
    : [];
  return [...(metadata.generation === previous.metadata.generation ? [] : ofJobs()), ...ofZone];
}

function specWarnings(spec: JobSpec, at: Path): readonly string[] {
  const { completionMode, completions = 0, parallelism = 0 } = spec;
  const isHuge = completionMode === 'Indexed' && completions > MANY_COMPLETIONS && parallelism > MANY_AT_A_TIME;
  return [...(isHuge ? [`${at}: ${TOO_MANY_INDEXES}`] : []), ...templateWarnings(spec.template, at.child('template'))];
}
