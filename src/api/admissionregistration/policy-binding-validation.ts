// The rules of the bindings of admission policies. Upstream: validateValidatingAdmissionPolicyBindingSpec and
// validateMutatingAdmissionPolicyBindingSpec in pkg/apis/admissionregistration/validation.

import { checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { MatchResources, ParamRef } from './match-resources.ts';
import { checkMatchResources, checkMutatingOperations, checkParamRef } from './match-validation.ts';
import type { MutatingAdmissionPolicyBinding } from './mutating-admission-policy-binding.ts';
import type { ValidatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts';

const SPEC = Path.of('spec');
const MATCH = SPEC.child('matchResources');

export function validateValidatingBinding({ spec }: ValidatingAdmissionPolicyBinding): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkBinding(spec, errors);
  checkActions(spec.validationActions ?? [], SPEC.child('validationActions'), errors);
  return errors;
}

export function validateMutatingBinding({ spec }: MutatingAdmissionPolicyBinding): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkBinding(spec, errors);
  if (spec.matchResources) checkMutatingOperations(spec.matchResources, MATCH, errors);
  return errors;
}

interface BindingSpec {
  readonly policyName?: string;
  readonly paramRef?: ParamRef;
  readonly matchResources?: MatchResources;
}

function checkBinding({ policyName = '', paramRef, matchResources }: BindingSpec, errors: FieldError[]): void {
  if (policyName === '') errors.push(fieldError.required(SPEC.child('policyName')));
  else checkSubdomain(policyName, SPEC.child('policyName'), errors);
  if (paramRef) checkParamRef(paramRef, SPEC.child('paramRef'), errors);
  if (matchResources) checkMatchResources(matchResources, MATCH, errors);
}

function checkActions(actions: readonly string[], at: Path, errors: FieldError[]): void {
  for (const [index, action] of actions.entries()) {
    if (actions.indexOf(action) < index) errors.push(fieldError.duplicate(at.index(index), action));
  }
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(fieldError.invalid(at, actions, why));
  }
  if (actions.length === 0) errors.push(fieldError.required(at, 'at least one validation action is required'));
}
