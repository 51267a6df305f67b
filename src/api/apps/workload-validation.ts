// The rules that the workloads of apps share: what a selector, a template and counts of pods have to be. Upstream:
// pkg/apis/apps/validation.

import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { checkPodTemplate } from '../core/pod-template-validation.ts';
import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { compileLabelSelector, type LabelMatcher, validateLabelSelector } from '../label-selector.ts';
import type { LabelSelector } from '../meta/label-selector.ts';

/** With an empty selector a workload would have the pods of all others. That there is one is required. */
export function checkSelector(
  selector: LabelSelector,
  workload: 'deployment' | 'statefulset' | 'daemonset',
  at: Path,
  errors: FieldError[],
): void {
  if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length > 0) return;
  errors.push(fieldError.invalid(at, selector, `empty selector is invalid for ${workload}`));
}

/** What a selector matches: without one nothing; undefined where it is malformed, which is refused anyway. */
export function matcherOf(selector: LabelSelector | undefined, at: Path): LabelMatcher | undefined {
  const isWellFormed = !selector || validateLabelSelector(selector, at).length === 0;
  return isWellFormed ? compileLabelSelector(selector) : undefined;
}

/** The pods of a template that is to be kept running belong to its workload, and go on for ever. */
export function checkRunningTemplate(
  template: PodTemplateSpec,
  matcher: LabelMatcher | undefined,
  workload: 'ReplicaSet' | 'ReplicationController' | 'DaemonSet',
  at: Path,
  errors: FieldError[],
): void {
  checkOwnLabels(template, matcher, at, errors);
  checkPodTemplate(template, at, errors);
  checkGoesOn(template, workload, at, errors);
}

export function checkOwnLabels(
  { metadata: { labels } }: PodTemplateSpec,
  matcher: LabelMatcher | undefined,
  at: Path,
  errors: FieldError[],
): void {
  if (!matcher || matcher.isEverything || matcher.matches(labels)) return;
  const why = '`selector` does not match template `labels`';
  errors.push(fieldError.invalid(at.child('metadata', 'labels'), labels, why));
}

export function checkGoesOn({ spec }: PodTemplateSpec, workload: string, at: Path, errors: FieldError[]): void {
  const { restartPolicy, activeDeadlineSeconds } = spec;
  if (restartPolicy !== 'Always') {
    errors.push(fieldError.notSupported(at.child('spec', 'restartPolicy'), restartPolicy, ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${workload} is not Supported`;
    errors.push(fieldError.forbidden(at.child('spec', 'activeDeadlineSeconds'), why));
  }
}

/**
 * Counts of a status: none is negative, and those of `parts` are counts of some of its replicas. `ready` is what the
 * ready ones are called.
 */
export function checkCounts<Part extends string>(
  status: Readonly<Partial<Record<Part | 'replicas' | 'readyReplicas' | 'availableReplicas', number>>>,
  {
    parts,
    others,
    ready = 'readyReplicas',
  }: { readonly parts: readonly Part[]; readonly others: readonly string[]; readonly ready?: string },
  at: Path,
  errors: FieldError[],
): void {
  const counts: Readonly<Partial<Record<string, number>>> = status;
  for (const field of ['replicas', ...parts, ...others]) checkNonNegative(counts[field], at.child(field), errors);
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const field of parts) {
    const count = counts[field] ?? 0;
    if (count > replicas) {
      errors.push(fieldError.invalid(at.child(field), count, 'cannot be greater than status.replicas'));
    }
  }
  if (availableReplicas <= readyReplicas) return;
  const why = `cannot be greater than ${ready}`;
  errors.push(fieldError.invalid(at.child('availableReplicas'), availableReplicas, why));
}

/** Names are made with it: one that goes back makes a name that has been used. */
export function checkCollisionCount(
  { collisionCount }: { readonly collisionCount?: number },
  before: { readonly collisionCount?: number },
  at: Path,
  errors: FieldError[],
): void {
  if (before.collisionCount === undefined) return;
  if (collisionCount !== undefined && collisionCount >= before.collisionCount) return;
  errors.push(fieldError.invalid(at.child('collisionCount'), collisionCount ?? 0, 'cannot be decremented'));
}
