// The conditions of flow schemas and priority levels. Upstream: ValidateFlowSchemaStatus and
// ValidatePriorityLevelConfigurationStatus in pkg/apis/flowcontrol/validation.

import { type FieldError, fieldError, Path } from '../field-error.ts';

/** One of each type, and each of some type. */
export function checkConditions(conditions: readonly { readonly type?: string }[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  for (const [index, { type = '' }] of conditions.entries()) {
    const at = Path.of('status', 'conditions').index(index).child('type');
    if (types.has(type)) errors.push(fieldError.duplicate(at, type));
    types.add(type);
    if (type === '') errors.push(fieldError.required(at, 'must not be empty'));
  }
  return errors;
}
