// The rules of jobs: which ones begin, and which steps they may take. Upstream: ValidateJob and ValidateJobUpdate in
// pkg/apis/batch/validation, and validationOptionsForJob in pkg/registry/batch/job/strategy.go.

import { matcherOf } from '../apps/workload-validation.ts';
import type { Container } from '../core/container.ts';
import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { deepEqual } from '../deep-equal.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { dns1123Label } from '../names.ts';
import { immutable } from '../object-validation.ts';
import type { Job } from './job.ts';
import { hasJobCondition } from './job-conditions.ts';
import { LEGACY_OWN_LABELS, OWN_LABELS, ownLabelsOf } from './job-defaults.ts';
import type { JobSpec } from './job-spec.ts';
import { checkJobSpec } from './job-spec-validation.ts';

const SPEC = Path.of('spec');
const TEMPLATE_METADATA = SPEC.child('template', 'metadata');

export function validateJob({ metadata, spec }: Job): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkJobSpec(spec, SPEC, errors);
  checkSelector(spec, errors);
  const { completionMode, completions = 0 } = spec;
  if (completionMode !== 'Indexed' || completions <= 0) return errors;
  // The controller names pods after the job and their index, so that the last one has the longest name.
  const longest = `${metadata.name}-${completions - 1}`;
  if (dns1123Label(longest).length > 0) {
    const why = `will not able to create pod with invalid DNS label: ${longest}`;
    errors.push(fieldError.invalid('metadata.name', metadata.name, why));
  }
  return errors;
}

export function validateJobCreate(job: Job): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkGeneratedLabels(job, [...LEGACY_OWN_LABELS, ...OWN_LABELS], errors);
  return errors;
}

const FIXED = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const;

export function validateJobUpdate(job: Job, previous: Job): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { labels = {} } = previous.spec.template.metadata;
  // Jobs of old are without the labels that have a domain.
  const hasLabels = OWN_LABELS.every((label) => labels[label] !== undefined);
  checkGeneratedLabels(job, hasLabels ? [...LEGACY_OWN_LABELS, ...OWN_LABELS] : LEGACY_OWN_LABELS, errors);
  checkCompletions(job.spec, previous.spec, errors);
  errors.push(...immutable(SPEC.child('selector'), job.spec.selector, previous.spec.selector));
  const { template } = job.spec;
  const before = mayBeMoved(previous) ? withPlacementOf(previous.spec.template, template) : previous.spec.template;
  errors.push(...immutable(SPEC.child('template'), template, before));
  for (const field of FIXED) errors.push(...immutable(SPEC.child(field), job.spec[field], previous.spec[field]));
  return errors;
}

function checkSelector({ selector, template }: JobSpec, errors: FieldError[]): void {
  const at = SPEC.child('selector');
  if (!selector) errors.push(fieldError.required(at));
  const { labels } = template.metadata;
  const matcher = matcherOf(selector, at);
  if (!matcher || matcher.matches(labels)) return;
  const why = '`selector` does not match template `labels`';
  errors.push(fieldError.invalid(TEMPLATE_METADATA.child('labels'), labels, why));
}

/** What the server writes into a job for it to find its own pods only; somebody may have written something else before. */
function checkGeneratedLabels({ metadata, spec }: Job, required: readonly string[], errors: FieldError[]): void {
  if (spec.manualSelector || !spec.selector) return;
  const own = ownLabelsOf(metadata);
  const { labels = {} } = spec.template.metadata;
  for (const label of required) {
    const at = TEMPLATE_METADATA.child('labels').key(label);
    const why = `must be '${own[label]}'`;
    if (labels[label] === undefined) errors.push(fieldError.required(at, why));
    else if (labels[label] !== own[label]) errors.push(fieldError.invalid(at, labels, why));
  }
  const matcher = matcherOf(spec.selector, SPEC.child('selector'));
  if (!matcher || matcher.matches(Object.fromEntries(required.map((label) => [label, own[label] ?? ''])))) return;
  errors.push(fieldError.invalid(SPEC.child('selector'), spec.selector, '`selector` not auto-generated'));
}

/** An indexed job is as long as it is wide, and may be changed so. Upstream: ElasticIndexedJob. */
function checkCompletions(spec: JobSpec, previous: JobSpec, errors: FieldError[]): void {
  const at = SPEC.child('completions');
  const { completionMode, completions, parallelism } = spec;
  if (completionMode !== 'Indexed') errors.push(...immutable(at, completions, previous.completions));
  else if (completions !== undefined && completions !== previous.completions && completions !== parallelism) {
    errors.push(fieldError.invalid(at, completions, 'can only be modified in tandem with spec.parallelism'));
  }
}

/**
 * Where its pods run and what they get may change while there are none: while the job is suspended, and before it has
 * begun or after it has stopped. Upstream: KEP-2926 and KEP-5440.
 */
function mayBeMoved({ spec, status }: Job): boolean {
  if (!spec.suspend || (status.active ?? 0) > 0) return false;
  return !status.startTime || hasJobCondition(status, 'Suspended');
}

/** The template with what another one says of where its pods run and of what they get. */
function withPlacementOf(template: PodTemplateSpec, other: PodTemplateSpec): PodTemplateSpec {
  const { labels, annotations, ...metadata } = template.metadata;
  const { nodeSelector, tolerations, schedulingGates, affinity, ...spec } = template.spec;
  const { containers, initContainers } = template.spec;
  return {
    ...template,
    metadata: { ...metadata, ...pick(other.metadata, ['labels', 'annotations']) },
    spec: {
      ...spec,
      ...pick(other.spec, ['nodeSelector', 'tolerations', 'schedulingGates']),
      ...affinityLike(affinity, other.spec.affinity),
      containers: withResourcesOf(containers ?? [], other.spec.containers ?? []),
      ...(initContainers ? { initContainers: withResourcesOf(initContainers, other.spec.initContainers ?? []) } : {}),
    },
  };
}

/** What the affinity may have become: another one for nodes, and the same for pods. */
function affinityLike(affinity: Affinity, other: Affinity): { readonly affinity?: NonNullable<Affinity> } {
  const { nodeAffinity: _, ...rest } = affinity ?? {};
  const isNone = deepEqual(rest, {});
  if (!other) return isNone ? {} : { affinity: rest };
  return { affinity: { ...rest, ...pick(other, ['nodeAffinity']) } };
}

type Affinity = PodTemplateSpec['spec']['affinity'];

function withResourcesOf(containers: readonly Container[], others: readonly Container[]): readonly Container[] {
  return containers.map((container, index) => {
    return { ...container, resources: others[index]?.resources ?? container.resources };
  });
}

function pick<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Partial<Pick<T, K>> {
  const picked: Partial<Pick<T, K>> = {};
  for (const key of keys) if (value[key] !== undefined) picked[key] = value[key];
  return picked;
}
