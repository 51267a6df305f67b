// The rules of how devices are selected and configured: expressions are not compiled, only measured. Upstream:
// validateSelector and validateDeviceConfiguration in pkg/apis/resource/validation.

import { utf8Length } from '../../base/utf8-length.ts';
import { checkDriverName, checkMaxBytes } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { checkList } from './bounded-lists.ts';
import type { DeviceConfiguration, DeviceSelector } from './device-selector.ts';

export const MAX_CONFIGURATIONS = 32;
const MAX_SELECTORS = 32;
const MAX_EXPRESSION_BYTES = 10 * 1024;
const MAX_DATA_BYTES = 10 * 1024;

/** That an expression is not empty is said by the declaration. */
export function checkSelectors(selectors: readonly DeviceSelector[] | undefined, at: Path, errors: FieldError[]): void {
  const check = ({ cel }: DeviceSelector, path: Path) => {
    if (cel) checkMaxBytes(cel.expression, MAX_EXPRESSION_BYTES, path.child('cel', 'expression'), errors);
    else errors.push(fieldError.required(path.child('cel')));
  };
  checkList(selectors, MAX_SELECTORS, check, at, errors);
}

export function checkConfiguration({ opaque }: DeviceConfiguration, at: Path, errors: FieldError[]): void {
  const path = at.child('opaque');
  if (!opaque) {
    errors.push(fieldError.required(path));
    return;
  }
  checkDriverName(opaque.driver, path.child('driver'), errors);
  checkData(opaque.parameters, path.child('parameters'), errors);
}

/** Any object that only its driver understands. */
export function checkData(data: unknown, at: Path, errors: FieldError[]): void {
  if (data === undefined || data === null) errors.push(fieldError.required(at));
  else if (utf8Length(JSON.stringify(data)) > MAX_DATA_BYTES) errors.push(fieldError.tooLong(at, MAX_DATA_BYTES));
  else if (typeof data !== 'object' || Array.isArray(data)) {
    errors.push(fieldError.invalid(at, '<value omitted>', 'must be a valid JSON object'));
  }
}
