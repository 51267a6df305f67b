// The rules of a Scale that is written. Upstream: ValidateScale in pkg/apis/autoscaling/validation.

import { checkNonNegative } from '../field-checks.ts';
import { type FieldError, Path } from '../field-error.ts';
import { type Metadata, validateMetadata } from '../object-validation.ts';
import type { ScaleSpec } from './scale.ts';

export function validateScale(
  { metadata, spec }: { readonly metadata: Metadata; readonly spec?: ScaleSpec },
  { namespaced }: { readonly namespaced: boolean },
): readonly FieldError[] {
  const errors = validateMetadata({ nameRule: 'dns1123Subdomain', namespaced }, metadata, Path.of('metadata'));
  checkNonNegative(spec?.replicas, Path.of('spec', 'replicas'), errors);
  return errors;
}
