// The rules that the workloads of apps share: what a selector, a template and counts of pods have to be. Upstream:
// pkg/apis/apps/validation.

import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { checkPodTemplate } from '../core/pod-template-validation.ts';
import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { compileLabelSelector, validateLabelSelector } from '../label-selector.ts';
import type { LabelSelector } from '../meta/label-selector.ts';

/** Without a selector a workload has no pods; with an empty one, those of all others. That there is one is required. */
export function checkSelector(selector: LabelSelector, at: Path, errors: FieldError[]): void {
  if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length > 0) return;
  errors.push(fieldError.invalid(at, selector, 'empty selector is invalid for deployment'));
}

/** The pods of a template that is to be kept running belong to its workload, and go on for ever. */
export function checkRunningTemplate(
  template: PodTemplateSpec,
  selector: LabelSelector | undefined,
  at: Path,
  errors: FieldError[],
): void {
  if (selector && validateLabelSelector(selector, at).length === 0) {
    const matcher = compileLabelSelector(selector);
    const labels = template.metadata.labels ?? {};
    if (matcher.requirements.length > 0 && !matcher.matches(labels)) {
      const why = '`selector` does not match template `labels`';
      errors.push(fieldError.invalid(at.child('metadata', 'labels'), labels, why));
    }
  }
  checkPodTemplate(template, at, errors);
  const { restartPolicy, activeDeadlineSeconds } = template.spec;
  if (restartPolicy !== 'Always') {
    errors.push(fieldError.notSupported(at.child('spec', 'restartPolicy'), restartPolicy, ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    const why = 'activeDeadlineSeconds in ReplicaSet is not Supported';
    errors.push(fieldError.forbidden(at.child('spec', 'activeDeadlineSeconds'), why));
  }
}

/** Counts of a status: none is negative, and those of `parts` are counts of some of its replicas. */
export function checkCounts<Part extends string>(
  status: Readonly<Partial<Record<Part | 'replicas' | 'readyReplicas' | 'availableReplicas', number>>>,
  { parts, others }: { readonly parts: readonly Part[]; readonly others: readonly string[] },
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
  const why = 'cannot be greater than readyReplicas';
  errors.push(fieldError.invalid(at.child('availableReplicas'), availableReplicas, why));
}
