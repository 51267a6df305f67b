// The rules of what devices have that can be shared out. Upstream: validateMultiAllocatableDeviceCapacity and
// validateSingleAllocatableDeviceCapacity in pkg/apis/resource/validation; KEP-5075.

import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { addQuantities, compareQuantities, quantitySign, quantityValue } from '../quantity.ts';
import { checkSet } from './bounded-lists.ts';
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from './resource-slice.ts';

const MAX_VALUES = 10;

/** A device that is given away whole has nothing to share out. */
export function checkWholeCapacity({ requestPolicy }: DeviceCapacity, at: Path, errors: FieldError[]): void {
  if (!requestPolicy) return;
  errors.push(fieldError.forbidden(at.child('requestPolicy'), 'allowMultipleAllocations must be true'));
}

export function checkSharedCapacity({ value, requestPolicy }: DeviceCapacity, at: Path, errors: FieldError[]): void {
  if (!requestPolicy) return;
  const path = at.child('requestPolicy');
  const { default: byDefault, validValues = [], validRange } = requestPolicy;
  if (validValues.length > 0 && validRange) {
    const why = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    errors.push(fieldError.forbidden(path, why));
  } else if (validValues.length > 0) {
    if (isMissing(byDefault)) {
      errors.push(fieldError.required(path.child('default'), 'required when validValues is defined'));
    } else checkValues(validValues, byDefault, value, path.child('validValues'), errors);
  } else if (validRange) {
    if (isMissing(byDefault)) {
      errors.push(fieldError.required(path.child('default'), 'required when validRange is defined'));
    } else checkRange(validRange, byDefault, value, path.child('validRange'), errors);
  }
}

function isMissing(quantity: CapacityRequestPolicy['default']): quantity is null {
  return quantity === null || quantity === undefined;
}

function checkValues(
  values: readonly string[],
  byDefault: string,
  capacity: string,
  at: Path,
  errors: FieldError[],
): void {
  for (const [index, value] of values.entries()) {
    if (index === 0 || compareQuantities(values[index - 1] ?? '0', value) <= 0) continue;
    errors.push(fieldError.invalid(at.index(index), value, 'values must be sorted in ascending order'));
  }
  const check = (value: string, path: Path) => {
    if (compareQuantities(value, capacity) <= 0) return;
    errors.push(fieldError.invalid(path, value, `option is larger than capacity value: ${capacity}`));
  };
  checkSet(values, MAX_VALUES, { key: (value) => String(quantityValue(value)), check }, at, errors);
  if (values.length <= MAX_VALUES && values.some((value) => compareQuantities(value, byDefault) === 0)) return;
  errors.push(fieldError.invalid(at, byDefault, 'default value is not valid according to the requestPolicy'));
}

function checkRange(
  { min, max, step }: CapacityRequestPolicyRange,
  byDefault: string,
  capacity: string,
  at: Path,
  errors: FieldError[],
): void {
  if (min === undefined || min === null) {
    errors.push(fieldError.required(at.child('min'), 'required when validRange is defined'));
    return;
  }
  const refuse = (isWrong: boolean, field: string, value: string, why: string) => {
    if (isWrong) errors.push(fieldError.invalid(at.child(field), value, why));
  };
  const isMore = (a: string, b: string) => compareQuantities(a, b) > 0;
  refuse(isMore(min, capacity), 'min', min, `min is larger than capacity value: ${capacity}`);
  refuse(isMore(min, byDefault), 'min', byDefault, `default is less than min: ${min}`);
  if (max !== undefined) {
    refuse(isMore(min, max), 'max', min, `min is larger than max: ${max}`);
    refuse(isMore(max, capacity), 'max', max, `max is larger than capacity value: ${capacity}`);
    refuse(isMore(byDefault, max), 'max', byDefault, `default is more than max: ${max}`);
  }
  if (step === undefined) return;
  if (quantitySign(step) <= 0) {
    refuse(true, 'step', step, 'must be greater than zero');
    return;
  }
  const first = addQuantities(min, step);
  refuse(isMore(first, capacity), 'step', step, `one step ${first} is larger than capacity value: ${capacity}`);
  for (const value of max === undefined ? [byDefault] : [byDefault, max]) {
    const isStep = (quantityValue(value) - quantityValue(min)) % quantityValue(step) === 0;
    refuse(!isStep, 'step', value, `value is not a multiple of a given step (${step}) from (${min})`);
  }
}
