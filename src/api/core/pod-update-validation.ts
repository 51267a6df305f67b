// What may change of a pod that exists: what it runs, its limits in time and where it may go while nothing runs it yet.
// Upstream: ValidatePodUpdate in pkg/apis/core/validation.

import { changedFields } from '../changed-fields.ts';
import { deepEqual } from '../deep-equal.ts';
import { checkRange } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { NodeAffinity, NodeSelectorTerm } from './affinity.ts';
import type { Container } from './container.ts';
import type { Pod } from './pod.ts';
import { checkPodAnnotationsUpdate } from './pod-annotations-validation.ts';
import type { PodSpec } from './pod-spec.ts';

const SPEC = Path.of('spec');
const MAX_INT32 = 2147483647;
const MAX_CHANGES_SHOWN = 10;

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

export function validatePodUpdate(pod: Pod, previous: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  const annotationsAt = Path.of('metadata', 'annotations');
  checkPodAnnotationsUpdate(pod.metadata.annotations ?? {}, previous.metadata.annotations ?? {}, annotationsAt, errors);
  const { spec } = pod;
  const before = previous.spec;
  for (const field of ['containers', 'initContainers'] as const) {
    if ((spec[field] ?? []).length === (before[field] ?? []).length) continue;
    errors.push(fieldError.forbidden(SPEC.child(field), 'pod updates may not add or remove containers'));
    return errors; // What else there is to say would be of containers that are not each other's.
  }
  if (!checkDeadline(spec, before, errors)) return errors;
  checkTolerationsUpdate(spec, before, errors);
  checkGatesUpdate(spec, before, errors);
  checkOtherFields(spec, before, errors);
  return errors;
}

/** A deadline can be set and brought forward. */
function checkDeadline(spec: PodSpec, previous: PodSpec, errors: FieldError[]): boolean {
  const at = SPEC.child('activeDeadlineSeconds');
  const { activeDeadlineSeconds: deadline } = spec;
  const before = previous.activeDeadlineSeconds;
  if (deadline === undefined) {
    if (before === undefined) return true;
    errors.push(fieldError.invalid(at, null, 'must not update from a positive integer to nil value'));
    return true;
  }
  const count = errors.length;
  checkRange(deadline, 0, MAX_INT32, at, errors);
  if (errors.length === count && before !== undefined && before < deadline) {
    errors.push(fieldError.invalid(at, deadline, 'must be less than or equal to previous value'));
  }
  return errors.length === count;
}

function checkTolerationsUpdate(spec: PodSpec, previous: PodSpec, errors: FieldError[]): void {
  const withoutSeconds = ({ tolerations = [] }: PodSpec) =>
    tolerations.map(({ tolerationSeconds: _, ...toleration }) => toleration);
  const now = withoutSeconds(spec);
  if (withoutSeconds(previous).every((before) => now.some((toleration) => deepEqual(toleration, before)))) return;
  const why = 'existing toleration can not be modified except its tolerationSeconds';
  errors.push(fieldError.forbidden(SPEC.child('tolerations'), why));
}

function checkGatesUpdate(spec: PodSpec, previous: PodSpec, errors: FieldError[]): void {
  const known = new Set(previous.schedulingGates?.map(({ name }) => name));
  for (const [index, { name }] of (spec.schedulingGates ?? []).entries()) {
    if (known.has(name)) continue;
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.push(fieldError.forbidden(SPEC.child('schedulingGates').index(index).child('name'), why));
  }
}

/** With what may change put back, nothing else may be different. */
function checkOtherFields(spec: PodSpec, previous: PodSpec, errors: FieldError[]): void {
  const hadNegativePeriod = (previous.terminationGracePeriodSeconds ?? 0) < 0;
  const rest: PodSpec = {
    ...spec,
    ...pick(previous, ['activeDeadlineSeconds', 'schedulingGates', 'tolerations']),
    containers: withImagesOf(spec.containers, previous.containers),
    initContainers: withImagesOf(spec.initContainers, previous.initContainers),
    ...(hadNegativePeriod && spec.terminationGracePeriodSeconds === 1
      ? pick(previous, ['terminationGracePeriodSeconds'])
      : {}),
    ...(previous.schedulingGates?.length ? checkGatedPod(spec, previous, errors) : {}),
  };
  const changes = changedFields(rest, previous, SPEC, MAX_CHANGES_SHOWN);
  if (changes.length === 0) return;
  const why = `pod updates may not change fields other than ${UPDATABLE}\n${changes.join('\n')}`;
  errors.push(fieldError.forbidden(SPEC, why));
}

/** Fields of `spec`, absent ones as undefined: they take the place of others when spread. */
function pick<K extends keyof PodSpec>(spec: PodSpec, names: readonly K[]): Pick<PodSpec, K> {
  return Object.fromEntries(names.map((name) => [name, spec[name]])) as Pick<PodSpec, K>;
}

function withImagesOf(containers: readonly Container[] | null | undefined, previous: typeof containers): Container[] {
  return (containers ?? []).map((container, index) => ({ ...container, image: previous?.[index]?.image ?? '' }));
}

/**
 * The scheduler has not looked at a gated pod: it can still be told to be more exacting about nodes. Gives the checked
 * fields as they were before. Upstream: KEP-3838.
 */
function checkGatedPod(spec: PodSpec, previous: PodSpec, errors: FieldError[]): Partial<PodSpec> {
  const isKept = ([key, value]: [string, string]) => spec.nodeSelector?.[key] === value;
  if (!Object.entries(previous.nodeSelector ?? {}).every(isKept)) {
    const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    errors.push(fieldError.invalid(SPEC.child('nodeSelector'), spec.nodeSelector, why));
  }
  const restored = pick(previous, ['nodeSelector']);
  const nodeAffinity = previous.affinity?.nodeAffinity;
  if (deepEqual(spec.affinity?.nodeAffinity, nodeAffinity)) return restored;
  checkNodeAffinityUpdate(spec.affinity?.nodeAffinity, nodeAffinity, errors);
  const affinity = { ...spec.affinity, nodeAffinity };
  const isEmpty = Object.values(affinity).every((part) => part === undefined);
  return { ...restored, affinity: isEmpty ? undefined : affinity } as Partial<PodSpec>;
}

function checkNodeAffinityUpdate(
  affinity: NodeAffinity | undefined,
  previous: NodeAffinity | undefined,
  errors: FieldError[],
): void {
  const at = SPEC.child('affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  const termsAt = at.child('nodeSelectorTerms');
  const before = previous?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (before.length > 0 && before.length !== terms.length) {
    const why = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    errors.push(fieldError.invalid(termsAt, terms, why));
    return;
  }
  for (const [index, term] of before.entries()) {
    if (hasOnlyAdditions(terms[index] ?? {}, term)) continue;
    const why = 'only additions are allowed (no mutations or deletions)';
    errors.push(fieldError.invalid(termsAt.index(index), terms[index], why));
  }
}

/** A term without requirements matches nothing, so that there is nothing to add to. */
function hasOnlyAdditions(term: NodeSelectorTerm, previous: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  if (lists.every((list) => !previous[list]?.length)) return lists.every((list) => !term[list]?.length);
  return lists.every((list) => {
    const before = previous[list] ?? [];
    return deepEqual(term[list]?.slice(0, before.length), before);
  });
}
