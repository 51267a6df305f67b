// The rules of classes of volume attributes. Upstream: ValidateVolumeAttributesClass in pkg/apis/storage/validation.

import { deepEqual } from '../deep-equal.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { checkParameters, checkProvisioner } from './provisioner-validation.ts';
import type { VolumeAttributesClass } from './volume-attributes-class.ts';

export function validateVolumeAttributesClass({
  driverName,
  parameters = {},
}: VolumeAttributesClass): readonly FieldError[] {
  const errors: FieldError[] = [];
  const at = Path.of('parameters');
  checkProvisioner(driverName, Path.of('driverName'), errors);
  checkParameters(parameters, at, errors);
  if (Object.keys(parameters).length === 0) {
    errors.push(fieldError.required(at, 'must contain at least one key/value pair'));
  }
  return errors;
}

/** Volumes have been changed to what the class says. */
export function validateVolumeAttributesClassUpdate(
  next: VolumeAttributesClass,
  previous: VolumeAttributesClass,
): readonly FieldError[] {
  return (['driverName', 'parameters'] as const).flatMap((field) =>
    deepEqual(next[field], previous[field])
      ? []
      : [fieldError.forbidden(Path.of(field), `updates to ${field} are forbidden.`)],
  );
}
