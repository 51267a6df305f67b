// What `kubectl get jobs` shows. Upstream: printJob in pkg/printers/internalversion.

import type { Column } from '../kind.ts';
import { ageColumn, formatLabelSelector, humanDuration, nameColumn, templateColumns } from '../printing.ts';
import type { Job } from './job.ts';

export const jobColumns: readonly Column<Job>[] = [
  nameColumn,
  {
    name: 'Status',
    type: 'string',
    description: 'How far the job has come.',
    value: jobStatus,
  },
  {
    name: 'Completions',
    type: 'string',
    description: 'Pods that have succeeded, of those that have to.',
    value: completions,
  },
  {
    name: 'Duration',
    type: 'string',
    description: 'Time that the job took or has taken so far.',
    value({ status: { startTime, completionTime } }, nowMs) {
      if (!startTime) return '';
      return humanDuration((completionTime ? Date.parse(completionTime) : nowMs) - Date.parse(startTime));
    },
  },
  ageColumn,
  ...templateColumns<Job>(({ spec }) => spec.template.spec.containers),
  {
    name: 'Selector',
    type: 'string',
    priority: 1,
    description: 'Labels of the pods that belong to the job.',
    value: ({ spec }) => formatLabelSelector(spec.selector),
  },
];

function jobStatus({ metadata, status }: Job): string {
  const is = (type: string) => status.conditions?.find((condition) => condition.type === type)?.status === 'True';
  if (is('Complete')) return 'Complete';
  if (is('Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  if (is('Suspended')) return 'Suspended';
  return is('FailureTarget') ? 'FailureTarget' : 'Running';
}

function completions({ spec, status }: Job): string {
  const succeeded = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}
