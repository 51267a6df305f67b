// The rules of admission policies, validating and mutating. Expressions have to be there; nothing compiles them yet.
// Upstream: validateValidatingAdmissionPolicySpec and validateMutatingAdmissionPolicySpec in
// pkg/apis/admissionregistration/validation.

import { utf8Length } from '../../base/utf8-length.ts';
import { deepEqual } from '../deep-equal.ts';
import { checkOneOf, checkQualifiedName, checkRequired } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { checkConditions } from '../meta/condition-validation.ts';
import type { MatchCondition, MatchResources, ParamKind, Variable } from './match-resources.ts';
import {
  checkMatchConditions,
  checkMatchResources,
  checkMutatingOperations,
  checkParamKind,
  checkVariables,
} from './match-validation.ts';
import type { MutatingAdmissionPolicy, Mutation, PatchType } from './mutating-admission-policy.ts';
import type { AuditAnnotation, ValidatingAdmissionPolicy, Validation } from './validating-admission-policy.ts';

const SPEC = Path.of('spec');
const MATCH = SPEC.child('matchConstraints');
const MAX_AUDIT_ANNOTATIONS = 20;
const MAX_VALUE_EXPRESSION_BYTES = 5 * 1024;
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];

export function validateValidatingPolicyCreate(policy: ValidatingAdmissionPolicy): readonly FieldError[] {
  return validatingErrors(policy, undefined);
}

export function validateValidatingPolicyUpdate(
  next: ValidatingAdmissionPolicy,
  previous: ValidatingAdmissionPolicy,
): readonly FieldError[] {
  return validatingErrors(next, previous.spec);
}

export function validateValidatingPolicyStatusUpdate({ status }: ValidatingAdmissionPolicy): readonly FieldError[] {
  const errors: FieldError[] = [];
  const at = Path.of('status');
  const warnings = status.typeChecking?.expressionWarnings ?? [];
  for (const [index, { warning, fieldRef }] of warnings.entries()) {
    const warningAt = at.child('typeChecking', 'expressionWarnings').index(index);
    checkRequired(warning, warningAt.child('warning'), errors);
    checkRequired(fieldRef.trim(), warningAt.child('fieldRef'), errors);
  }
  checkConditions(status.conditions ?? [], at.child('conditions'), errors);
  return errors;
}

export function validateMutatingPolicyCreate(policy: MutatingAdmissionPolicy): readonly FieldError[] {
  return mutatingErrors(policy, undefined);
}

export function validateMutatingPolicyUpdate(
  next: MutatingAdmissionPolicy,
  previous: MutatingAdmissionPolicy,
): readonly FieldError[] {
  return mutatingErrors(next, previous.spec);
}

/** What both sorts of policies have. What is enumerated in it is checked as it is for all kinds. */
interface PolicySpec {
  readonly paramKind?: ParamKind;
  readonly matchConstraints?: MatchResources;
  readonly matchConditions?: readonly MatchCondition[];
  readonly variables?: readonly Variable[];
}

function validatingErrors(
  { metadata, spec }: ValidatingAdmissionPolicy,
  previous: PolicySpec | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  checkMatching(spec, errors);
  checkConditionsAndVariables(spec, previous, errors);
  const { validations = [], auditAnnotations = [] } = spec;
  const validationsAt = SPEC.child('validations');
  const annotationsAt = SPEC.child('auditAnnotations');
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const why = 'validations or auditAnnotations must contain at least one item';
    errors.push(fieldError.required(validationsAt, why), fieldError.required(annotationsAt, why));
  }
  for (const [index, validation] of validations.entries()) {
    checkValidation(validation, validationsAt.index(index), errors);
  }
  checkAuditAnnotations(metadata.name, auditAnnotations, annotationsAt, errors);
  return errors;
}

function mutatingErrors({ spec }: MutatingAdmissionPolicy, previous: PolicySpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  checkMatching(spec, errors);
  if (spec.matchConstraints) checkMutatingOperations(spec.matchConstraints, MATCH, errors);
  checkConditionsAndVariables(spec, previous, errors);
  const { mutations = [], reinvocationPolicy = '' } = spec;
  const mutationsAt = SPEC.child('mutations');
  if (mutations.length === 0) {
    errors.push(fieldError.required(mutationsAt, 'mutations must contain at least one item'));
  }
  for (const [index, mutation] of mutations.entries()) checkMutation(mutation, mutationsAt.index(index), errors);
  checkRequired(reinvocationPolicy, SPEC.child('reinvocationPolicy'), errors);
  return errors;
}

function checkMatching(spec: PolicySpec, errors: FieldError[]): void {
  const { paramKind, matchConstraints } = spec;
  if (paramKind) checkParamKind(paramKind, SPEC.child('paramKind'), errors);
  if (!matchConstraints) {
    errors.push(fieldError.required(MATCH));
    return;
  }
  checkMatchResources(matchConstraints, MATCH, errors);
  if (!matchConstraints.resourceRules?.length) errors.push(fieldError.required(MATCH.child('resourceRules')));
}

/** Conditions that are as they were have been fine once. */
function checkConditionsAndVariables(spec: PolicySpec, previous: PolicySpec | undefined, errors: FieldError[]): void {
  const { paramKind, matchConditions = [], variables = [] } = spec;
  const isUnchanged =
    previous !== undefined &&
    deepEqual(paramKind, previous.paramKind) &&
    deepEqual(matchConditions, previous.matchConditions);
  if (!isUnchanged) checkMatchConditions(matchConditions, SPEC.child('matchConditions'), errors);
  checkVariables(variables, SPEC.child('variables'), errors);
}

function checkValidation(validation: Validation, at: Path, errors: FieldError[]): void {
  const { expression, message = '', messageExpression = '', reason } = validation;
  if (expression.trim() === '') {
    errors.push(fieldError.required(at.child('expression'), 'expression is not specified'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(fieldError.invalid(at.child('messageExpression'), messageExpression, 'must be non-empty if specified'));
  }
  const text = message.trim();
  if (message !== '' && text === '') {
    errors.push(fieldError.invalid(at.child('message'), message, 'must be non-empty if specified'));
  } else if (/[\r\n]/.test(text)) {
    errors.push(fieldError.invalid(at.child('message'), message, 'must not contain line breaks'));
  }
  if (reason !== undefined) checkOneOf(reason, REASONS, at.child('reason'), errors);
}

/** Keys become names below the policy's own, so that policies do not get in each other's way. */
function checkAuditAnnotations(
  policyName: string,
  annotations: readonly AuditAnnotation[],
  at: Path,
  errors: FieldError[],
): void {
  if (annotations.length > MAX_AUDIT_ANNOTATIONS) {
    const why = `must not have more than ${MAX_AUDIT_ANNOTATIONS} auditAnnotations`;
    // Upstream shows them as Go has them.
    const shown = annotations.map(({ key, valueExpression }) => ({ Key: key, ValueExpression: valueExpression }));
    errors.push(fieldError.invalid(at, shown, why));
  }
  const keys = new Set<string>();
  for (const [index, { key, valueExpression }] of annotations.entries()) {
    const keyAt = at.index(index).child('key');
    const valueAt = at.index(index).child('valueExpression');
    checkQualifiedName(`${policyName}/${key}`, keyAt, errors);
    const expression = valueExpression.trim();
    if (expression === '') errors.push(fieldError.required(valueAt, 'valueExpression is not specified'));
    else if (utf8Length(expression) > MAX_VALUE_EXPRESSION_BYTES) {
      errors.push(fieldError.required(valueAt, `must not exceed ${MAX_VALUE_EXPRESSION_BYTES} bytes in length`));
    }
    if (keys.has(key)) errors.push(fieldError.duplicate(keyAt, key));
    keys.add(key);
  }
}

function checkMutation({ patchType, applyConfiguration, jsonPatch }: Mutation, at: Path, errors: FieldError[]): void {
  switch (patchType) {
    case 'JSONPatch':
      checkPatch('jsonPatch', jsonPatch, patchType, at, errors);
      refusePatch('applyConfiguration', applyConfiguration, patchType, at, errors);
      break;
    case 'ApplyConfiguration':
      checkPatch('applyConfiguration', applyConfiguration, patchType, at, errors);
      refusePatch('jsonPatch', jsonPatch, patchType, at, errors);
      break;
    default:
      patchType satisfies never; // Required and enumerated: any other has been refused.
  }
}

interface Patch {
  readonly expression?: string;
}

function checkPatch(field: string, patch: Patch | undefined, type: PatchType, at: Path, errors: FieldError[]): void {
  if (!patch) errors.push(fieldError.required(at.child(field), `must be specified when patchType is ${type}`));
  else checkRequired(patch.expression?.trim(), at.child(field, 'expression'), errors);
}

function refusePatch(field: string, patch: Patch | undefined, type: PatchType, at: Path, errors: FieldError[]): void {
  if (!patch) return;
  const why = `must not be specified when patchType is ${type}`;
  errors.push(fieldError.invalid(at.child(field), `{${field}}`, why));
}
