// The rules of priority classes. Upstream: ValidatePriorityClass in pkg/apis/scheduling/validation.

import { checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import type { PriorityClass } from './priority-class.ts';

/** What is above is for what the cluster itself is made of. */
export const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';
export const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** Of new classes: what upstream has stored once it does not look at again. */
export function validatePriorityClass(priorityClass: PriorityClass): readonly FieldError[] {
  const errors = [...nameErrors(priorityClass)];
  const { preemptionPolicy } = priorityClass;
  const at = Path.of('preemptionPolicy');
  if (preemptionPolicy !== undefined) {
    if ((preemptionPolicy as string) === '') errors.push(fieldError.required(at));
    else checkOneOf(preemptionPolicy, ['PreemptLowerPriority', 'Never'], at, errors);
  }
  return errors;
}

function nameErrors(priorityClass: PriorityClass): readonly FieldError[] {
  const { metadata, value } = priorityClass;
  if (metadata.name?.startsWith(SYSTEM_PREFIX)) {
    const fault = systemFault(priorityClass);
    if (!fault) return [];
    const why = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${fault}`;
    return [fieldError.forbidden(Path.of('metadata', 'name'), why)];
  }
  if (value <= HIGHEST_USER_PRIORITY) return [];
  const why = `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`;
  return [fieldError.forbidden(Path.of('value'), why)];
}

/** Pods keep the priority that they got: their class would say something else. */
export function validatePriorityClassUpdate(next: PriorityClass, previous: PriorityClass): readonly FieldError[] {
  return [
    ...(next.value === previous.value
      ? []
      : [fieldError.forbidden(Path.of('value'), 'may not be changed in an update.')]),
    ...immutable(Path.of('preemptionPolicy'), next.preemptionPolicy, previous.preemptionPolicy),
  ];
}

function systemFault({ metadata: { name }, value, globalDefault }: PriorityClass): string | undefined {
  const expected = Object.hasOwn(SYSTEM_PRIORITIES, name) ? SYSTEM_PRIORITIES[name] : undefined;
  if (expected === undefined) return `${name} is not a known system priority class`;
  if (value !== expected) return `value of ${name} PriorityClass must be ${expected}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
