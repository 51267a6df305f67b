// The rules of pods, beyond those of a spec that templates have as well. Upstream: validatePodMetadataAndSpec and
// ValidatePodCreate in pkg/apis/core/validation.

import { type FieldError, fieldError, Path } from '../field-error.ts';
import { checkImagePadding } from './container-validation.ts';
import type { Pod } from './pod.ts';
import { checkAnnotatedProfiles, checkPodAnnotations, MIRROR_POD_ANNOTATION } from './pod-annotations-validation.ts';
import { checkPodSpec } from './pod-spec-validation.ts';

const ANNOTATIONS = Path.of('metadata', 'annotations');
const SPEC = Path.of('spec');

export function validatePod({ metadata, spec }: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkPodAnnotations(metadata.annotations ?? {}, spec, ANNOTATIONS, errors);
  checkPodSpec(spec, metadata.name, SPEC, errors);
  if (!spec.serviceAccountName) refuseTokens(spec, errors);
  if (metadata.annotations?.[MIRROR_POD_ANNOTATION] !== undefined && spec.resourceClaims?.length) {
    errors.push(fieldError.forbidden(Path.of(), 'static pods do not support resource claims'));
  }
  for (const field of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec[field] ?? []).entries()) {
      checkImagePadding(container, SPEC.child(field).index(index), errors);
    }
  }
  return errors;
}

export function validatePodCreate({ metadata, spec }: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (spec.ephemeralContainers?.length) {
    errors.push(fieldError.forbidden(SPEC.child('ephemeralContainers'), 'cannot be set on create'));
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const why = 'cannot be set until all schedulingGates have been cleared';
    errors.push(fieldError.forbidden(SPEC.child('nodeName'), why));
  }
  checkAnnotatedProfiles(metadata.annotations ?? {}, spec, SPEC, errors);
  return errors;
}

/** A token is somebody's. */
function refuseTokens({ volumes = [] }: Pod['spec'], errors: FieldError[]): void {
  for (const [index, { projected }] of volumes.entries()) {
    for (const [sourceIndex, { serviceAccountToken }] of (projected?.sources ?? []).entries()) {
      if (!serviceAccountToken) continue;
      const source = SPEC.child('volumes').index(index).child('projected', 'sources').index(sourceIndex);
      const why = 'must not be specified when serviceAccountName is not set';
      errors.push(fieldError.forbidden(source.child('serviceAccountToken'), why));
    }
  }
}
