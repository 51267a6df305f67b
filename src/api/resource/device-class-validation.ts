// The rules of device classes. Upstream: ValidateDeviceClass in pkg/apis/resource/validation.

import { isExtendedResource } from '../core/resource-names.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { checkList } from './bounded-lists.ts';
import type { DeviceClass } from './device-class.ts';
import { checkConfiguration, checkSelectors, MAX_CONFIGURATIONS } from './device-configuration-validation.ts';

const SPEC = Path.of('spec');

export function validateDeviceClass({ spec }: DeviceClass): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkSelectors(spec.selectors, SPEC.child('selectors'), errors);
  checkList(spec.config, MAX_CONFIGURATIONS, checkConfiguration, SPEC.child('config'), errors);
  const { extendedResourceName: name } = spec;
  if (name !== undefined && !isExtendedResource(name)) {
    const why = 'must be a valid extended resource name';
    errors.push(fieldError.invalid(SPEC.child('extendedResourceName'), name, why));
  }
  return errors;
}
