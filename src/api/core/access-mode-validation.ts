// The rules of how a volume may be used, for volumes and claims. Upstream: ValidatePersistentVolumeSpec and
// ValidatePersistentVolumeClaimSpec in pkg/apis/core/validation.

import { checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import type { PersistentVolumeAccessMode } from './persistent-volume.ts';

const ONE_POD = 'ReadWriteOncePod';
const SHARED: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce'];

/** `whyRequired` is said when there are none. Upstream names the list where the declaration would name its elements. */
export function checkAccessModes(
  modes: readonly PersistentVolumeAccessMode[],
  whyRequired: string,
  at: Path,
  errors: FieldError[],
): void {
  if (modes.length === 0) errors.push(fieldError.required(at, whyRequired));
  for (const mode of modes) checkOneOf(mode, [...SHARED, ONE_POD], at, errors);
  if (modes.includes(ONE_POD) && modes.some((mode) => SHARED.includes(mode))) {
    errors.push(fieldError.forbidden(at, 'may not use ReadWriteOncePod with other access modes'));
  }
}

/** The declaration takes an empty one for an unset one. */
export function checkVolumeMode(mode: string | undefined, at: Path, errors: FieldError[]): void {
  if (mode !== undefined) checkOneOf(mode, ['Block', 'Filesystem'], at, errors);
}
