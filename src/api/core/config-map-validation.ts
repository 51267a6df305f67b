// The rules of ConfigMaps. Upstream: ValidateConfigMap in pkg/apis/core/validation.

import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { ConfigMap } from './config-map.ts';
import { base64Bytes, checkImmutableData, checkKeys, MAX_DATA_BYTES, textBytes } from './keyed-data-validation.ts';

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkKeys(data, Path.of('data'), errors);
  for (const key of Object.keys(data)) {
    if (!Object.hasOwn(binaryData, key)) continue;
    errors.push(fieldError.invalid(Path.of('data').key(key), key, 'duplicate of key present in binaryData'));
  }
  checkKeys(binaryData, Path.of('binaryData'), errors);
  if (textBytes(data) + base64Bytes(binaryData) > MAX_DATA_BYTES) {
    errors.push(fieldError.tooLong(Path.of('[]'), MAX_DATA_BYTES));
  }
  return errors;
}

export function validateConfigMapUpdate(map: ConfigMap, previous: ConfigMap): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkImmutableData(map, previous, ['data', 'binaryData'], errors);
  return errors;
}
