// The rules of taints of devices, of who tolerates them, and of conditions that hold up the binding of pods. Enumerations
// are checked here too, since declarations do not say anything of statuses. Upstream: validateDeviceTaint,
// validateDeviceToleration and validateDeviceBindingParameters in pkg/apis/resource/validation.

import { checkFaults, checkOneOf, checkQualifiedName } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { labelValue } from '../names.ts';
import { checkList } from './bounded-lists.ts';
import type { DeviceToleration } from './resource-claim-spec.ts';
import type { DeviceTaint } from './resource-slice.ts';

const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];
const MAX_TAINTS = 16;
const MAX_BINDING_CONDITIONS = 4;

export function checkTaints(taints: readonly DeviceTaint[] | undefined, at: Path, errors: FieldError[]): void {
  checkList(taints, MAX_TAINTS, checkTaint, at, errors);
}

function checkTaint({ key, value, effect }: DeviceTaint, at: Path, errors: FieldError[]): void {
  checkQualifiedName(key, at.child('key'), errors);
  if (value) checkFaults(labelValue(value), value, at.child('value'), errors);
  if (!effect) errors.push(fieldError.required(at.child('effect')));
  else checkOneOf(effect, EFFECTS, at.child('effect'), errors);
}

export function checkTolerations(tolerations: readonly DeviceToleration[] = [], at: Path, errors: FieldError[]): void {
  for (const [index, toleration] of tolerations.entries()) checkToleration(toleration, at.index(index), errors);
}

function checkToleration(
  { key, operator, value = '', effect }: DeviceToleration,
  at: Path,
  errors: FieldError[],
): void {
  if (key) checkQualifiedName(key, at.child('key'), errors);
  if (operator === 'Equal') checkFaults(labelValue(value), value, at.child('value'), errors);
  else if (operator !== 'Exists') checkOneOf(operator ?? '', ['Equal', 'Exists'], at.child('operator'), errors);
  else if (value !== '') {
    errors.push(fieldError.invalid(at.child('value'), value, 'must be empty for operator `Exists`'));
  }
  if (effect) checkOneOf(effect, EFFECTS, at.child('effect'), errors);
}

interface BindingConditions {
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
}

/** What has to be true of a device before a pod is bound, and what tells that it never will be. */
export function checkBindingConditions(of: BindingConditions, at: Path, errors: FieldError[]): void {
  const fields = ['bindingConditions', 'bindingFailureConditions'] as const;
  for (const field of fields) checkList(of[field], MAX_BINDING_CONDITIONS, checkQualifiedName, at.child(field), errors);
  const { bindingConditions = [], bindingFailureConditions = [] } = of;
  for (const field of fields) {
    const conditions = of[field] ?? [];
    for (const [index, condition] of conditions.entries()) {
      const path = at.child(field).index(index);
      if (conditions.indexOf(condition) < index) errors.push(fieldError.duplicate(path, condition));
      if (field === 'bindingConditions' || !bindingConditions.includes(condition)) continue;
      const why = 'bindingFailureConditions must not overlap with bindingConditions';
      errors.push(fieldError.invalid(path, condition, why));
    }
  }
  if (bindingConditions.length === 0 && bindingFailureConditions.length > 0) {
    const why = 'bindingConditions are required to use bindingFailureConditions';
    errors.push(fieldError.invalid(at.child('bindingConditions'), of.bindingConditions, why));
  }
  if (bindingFailureConditions.length === 0 && bindingConditions.length > 0) {
    const why = 'bindingFailureConditions are required to use bindingConditions';
    errors.push(fieldError.invalid(at.child('bindingFailureConditions'), of.bindingFailureConditions, why));
  }
}
