// The rules of limit ranges: limits of one type do not contradict each other. Upstream: ValidateLimitRange in
// pkg/apis/core/validation.

import { checkFaults } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { qualifiedName } from '../names.ts';
import { compareQuantities, quantityToNumber } from '../quantity.ts';
import type { LimitRange, LimitRangeItem } from './limit-range.ts';
import { isOvercommitAllowed } from './resource-names.ts';
import { checkContainerResourceName, checkResourceName } from './resource-validation.ts';

const LIMITS = Path.of('spec', 'limits');
const STANDARD_TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];

export function validateLimitRange({ spec }: LimitRange): readonly FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  for (const [index, item] of (spec.limits ?? []).entries()) {
    const at = LIMITS.index(index);
    checkType(item.type, at.child('type'), errors);
    if (types.has(item.type)) errors.push(fieldError.duplicate(at.child('type'), item.type));
    types.add(item.type);
    checkItem(item, at, errors);
  }
  return errors;
}

function checkType(type: string, at: Path, errors: FieldError[]): void {
  const faults = qualifiedName(type);
  checkFaults(faults, type, at, errors);
  if (faults.length > 0 || type.includes('/') || STANDARD_TYPES.includes(type)) return;
  errors.push(fieldError.invalid(at, type, 'must be a standard limit type or fully qualified'));
}

const PARTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
/** What of a pod as a whole has no meaning: containers have requests and limits. */
const NOT_OF_PODS: readonly string[] = ['default', 'defaultRequest'];

function checkItem(item: LimitRangeItem, at: Path, errors: FieldError[]): void {
  const { type } = item;
  const isOfPods = type === 'Pod';
  const checkName = isOfPods || type === 'Container' ? checkContainerResourceName : checkResourceName;
  const names = new Set<string>();
  for (const part of PARTS) {
    const keys = Object.keys(item[part] ?? {});
    if (isOfPods && NOT_OF_PODS.includes(part)) {
      if (keys.length > 0)
        errors.push(fieldError.forbidden(at.child(part), "may not be specified when `type` is 'Pod'"));
      continue;
    }
    for (const name of keys) {
      checkName(name, at.child(part).key(name), errors);
      names.add(name);
    }
  }
  if (type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']) {
    const why = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(fieldError.required(at.child('limits'), why));
  }
  for (const name of [...names].sort()) checkAmounts(name, item, at, errors);
}

/** The limits of one resource. */
function checkAmounts(name: string, item: LimitRangeItem, at: Path, errors: FieldError[]): void {
  const min = item.min?.[name];
  const max = item.max?.[name];
  const isOfPods = item.type === 'Pod';
  const limit = isOfPods ? undefined : item.default?.[name];
  const request = isOfPods ? undefined : item.defaultRequest?.[name];
  const refuse = (part: (typeof PARTS)[number], value: string | undefined, why: string) =>
    errors.push(fieldError.invalid(at.child(part).key(name), value, why));

  if (isAbove(min, max)) refuse('min', min, `min value ${min} is greater than max value ${max}`);
  if (isAbove(min, request)) {
    refuse('defaultRequest', request, `min value ${min} is greater than default request value ${request}`);
  }
  if (isAbove(request, max)) {
    refuse('defaultRequest', request, `default request value ${request} is greater than max value ${max}`);
  }
  if (isAbove(request, limit)) {
    refuse('defaultRequest', request, `default request value ${request} is greater than default limit value ${limit}`);
  }
  if (isAbove(min, limit)) refuse('default', min, `min value ${min} is greater than default value ${limit}`);
  if (isAbove(limit, max)) refuse('default', max, `default value ${limit} is greater than max value ${max}`);
  const ratio = item.maxLimitRequestRatio?.[name];
  for (const why of faultsOfRatio(ratio, min, max)) refuse('maxLimitRequestRatio', ratio, why);
  if (isOvercommitAllowed(name) || limit === undefined || request === undefined) return;
  if (compareQuantities(limit, request) !== 0) {
    const why = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
    refuse('defaultRequest', request, why);
  }
}

function isAbove(value: string | undefined, bound: string | undefined): boolean {
  return value !== undefined && bound !== undefined && compareQuantities(value, bound) > 0;
}

/** A ratio of limit to request is one at least, and no more than what the bounds leave room for. */
function faultsOfRatio(ratio: string | undefined, min: string | undefined, max: string | undefined): readonly string[] {
  if (ratio === undefined) return [];
  const faults = compareQuantities(ratio, '1') < 0 ? [`ratio ${ratio} is less than 1`] : [];
  if (min === undefined || max === undefined) return faults;
  // Of a minimum of nothing there is no multiple, and any ratio will do.
  const room = quantityToNumber(max) / quantityToNumber(min);
  const isTooMuch = quantityToNumber(ratio) > room;
  if (!isTooMuch) return faults;
  return [...faults, `ratio ${ratio} is greater than max/min = ${room.toFixed(6)}`];
}
