// The defaults of jobs that depend on other fields, and the selector that a job gets of its own. Upstream:
// SetDefaults_Job in pkg/apis/batch/v1 and pkg/registry/batch/job/strategy.go.

import { defaultPodSpec } from '../core/pod-defaults.ts';
import type { Draft } from '../schema.ts';
import type { Job } from './job.ts';

const DEFAULT_BACKOFF_LIMIT = 6;
/** With a limit for each index the limit for all is out of the way. */
const NO_BACKOFF_LIMIT = 2147483647;

export function defaultJob({ metadata, spec }: Draft<Job>): void {
  defaultPodSpec(spec.template.spec);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? DEFAULT_BACKOFF_LIMIT : NO_BACKOFF_LIMIT;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  const { labels } = spec.template.metadata;
  if (labels && !metadata.labels) metadata.labels = { ...labels };
}

const JOB_NAME = 'batch.kubernetes.io/job-name';
const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';
const LEGACY_JOB_NAME = 'job-name';
const LEGACY_CONTROLLER_UID = 'controller-uid';

/** Labels by which the pods of a job are found, and those without a domain for clients of old. */
export const OWN_LABELS: readonly string[] = [CONTROLLER_UID, JOB_NAME];
export const LEGACY_OWN_LABELS: readonly string[] = [LEGACY_CONTROLLER_UID, LEGACY_JOB_NAME];

/** What these labels are for one job. A name may be missing, which is refused later. */
export function ownLabelsOf({ name = '', uid }: Pick<Job['metadata'], 'name' | 'uid'>): Record<string, string> {
  return {
    [LEGACY_CONTROLLER_UID]: uid,
    [LEGACY_JOB_NAME]: name,
    [CONTROLLER_UID]: uid,
    [JOB_NAME]: name,
  };
}

/** Two jobs of one name, one after the other, never share a pod: the selector is the job's uid. */
export function selectOwnPods({ metadata, spec }: Draft<Job>): void {
  if (spec.manualSelector) return;
  // A label that somebody has set to another value is left for validation to refuse.
  spec.template.metadata.labels = { ...ownLabelsOf(metadata), ...spec.template.metadata.labels };
  spec.selector ??= {};
  spec.selector.matchLabels = { [CONTROLLER_UID]: metadata.uid, ...spec.selector.matchLabels };
}
