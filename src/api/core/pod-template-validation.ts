// The rules of pod templates, for all kinds that make pods of them. Upstream: ValidatePodTemplateSpec in
// pkg/apis/core/validation.

import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { validateLabels } from '../label-selector.ts';
import { validateAnnotations } from '../object-validation.ts';
import { checkAnnotatedProfiles, checkPodAnnotations } from './pod-annotations-validation.ts';
import type { PodTemplateSpec } from './pod-spec.ts';
import { checkPodSpec } from './pod-spec-validation.ts';

export function checkPodTemplate({ metadata, spec }: PodTemplateSpec, at: Path, errors: FieldError[]): void {
  const { labels, annotations = {} } = metadata;
  // Upstream leaves the metadata out of these paths.
  errors.push(...validateLabels(labels, at.child('labels')));
  errors.push(...validateAnnotations(annotations, at.child('annotations')));
  checkPodAnnotations(annotations, spec, at.child('annotations'), errors);
  checkPodSpec(spec, undefined, at.child('spec'), errors);
  checkAnnotatedProfiles(annotations, spec, at.child('spec'), errors);
  if (spec.ephemeralContainers?.length) {
    const why = 'ephemeral containers not allowed in pod template';
    errors.push(fieldError.forbidden(at.child('spec', 'ephemeralContainers'), why));
  }
}
