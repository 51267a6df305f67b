// The rules of access reviews. Upstream: pkg/apis/authorization/validation.

import { type FieldError, fieldError, Path } from '../field-error.ts';
import { isStructOperator, operandErrors, validateLabelRequirement } from '../label-selector.ts';
import type { FieldSelectorRequirement } from '../meta/label-selector.ts';
import type { NonResourceAttributes, ResourceAttributes } from './access-attributes.ts';
import type { LocalSubjectAccessReview } from './local-subject-access-review.ts';
import type { SelfSubjectAccessReview } from './self-subject-access-review.ts';
import type { SubjectAccessReview } from './subject-access-review.ts';

const SPEC = Path.of('spec');
const RESOURCE = SPEC.child('resourceAttributes');
const NON_RESOURCE = SPEC.child('nonResourceAttributes');

export function validateSubjectAccessReview({ metadata, spec }: SubjectAccessReview): readonly FieldError[] {
  return [...subjectErrors(spec), ...metadataErrors(metadata)];
}

export function validateSelfSubjectAccessReview({ metadata, spec }: SelfSubjectAccessReview): readonly FieldError[] {
  return [...questionErrors(spec), ...selectorsErrors(spec), ...metadataErrors(metadata)];
}

/** Has a namespace, which is what it asks about. */
export function validateLocalSubjectAccessReview({ metadata, spec }: LocalSubjectAccessReview): readonly FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const errors = [...subjectErrors(spec), ...metadataErrors(metadata, 'namespace')];
  const namespace = resourceAttributes?.namespace ?? '';
  if (resourceAttributes && namespace !== metadata.namespace) {
    errors.push(fieldError.invalid(RESOURCE.child('namespace'), namespace, 'must match metadata.namespace'));
  }
  if (nonResourceAttributes) {
    errors.push(fieldError.invalid(NON_RESOURCE, nonResourceAttributes, 'disallowed on this kind of request'));
  }
  return errors;
}

interface Question {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
}

/** The question and whom it is about. */
function subjectErrors(spec: SubjectAccessReview['spec']): FieldError[] {
  const { user = '', groups = [] } = spec;
  const isNobody = user === '' && groups.length === 0;
  return [
    ...questionErrors(spec),
    ...(isNobody
      ? [fieldError.invalid(SPEC.child('user'), user, 'at least one of user or group must be specified')]
      : []),
    ...selectorsErrors(spec),
  ];
}

function questionErrors({ resourceAttributes, nonResourceAttributes }: Question): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    const why = 'cannot be specified in combination with resourceAttributes';
    return [fieldError.invalid(NON_RESOURCE, nonResourceAttributes, why)];
  }
  if (resourceAttributes || nonResourceAttributes) return [];
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [fieldError.invalid(RESOURCE, null, why)];
}

function selectorsErrors({ resourceAttributes }: Question): FieldError[] {
  const { fieldSelector, labelSelector } = resourceAttributes ?? {};
  return [
    ...(fieldSelector ? selectorErrors(fieldSelector, RESOURCE.child('fieldSelector'), fieldRequirementErrors) : []),
    ...(labelSelector ? selectorErrors(labelSelector, RESOURCE.child('labelSelector'), labelRequirementErrors) : []),
  ];
}

function selectorErrors<Requirement>(
  { rawSelector = '', requirements = [] }: Selector<Requirement>,
  at: Path,
  errorsOf: (requirement: Requirement, at: Path) => FieldError[],
): FieldError[] {
  const errors: FieldError[] = [];
  if (rawSelector !== '' && requirements.length > 0) {
    const why = 'may not specified at the same time as requirements';
    errors.push(fieldError.invalid(at.child('rawSelector'), rawSelector, why));
  } else if (rawSelector === '' && requirements.length === 0) {
    const why = `when ${at} is specified, requirements or rawSelector is required`;
    errors.push(fieldError.required(at.child('requirements'), why));
  }
  return [
    ...errors,
    ...requirements.flatMap((requirement, index) => errorsOf(requirement, at.child('requirements').index(index))),
  ];
}

interface Selector<Requirement> {
  readonly rawSelector?: string;
  readonly requirements?: readonly Requirement[];
}

function fieldRequirementErrors({ key, operator, values = [] }: FieldSelectorRequirement, at: Path): FieldError[] {
  const missing = key === '' ? [fieldError.required(at.child('key'), 'must be specified')] : [];
  return [...missing, ...operandErrors(operator, values, at)];
}

/** Newer clients may know of more operators; what they do not narrow down is asked about as a whole. */
function labelRequirementErrors(requirement: FieldSelectorRequirement, at: Path): FieldError[] {
  const operatorAt = String(at.child('operator'));
  const errors = validateLabelRequirement(requirement, at);
  return isStructOperator(requirement.operator) ? errors : errors.filter(({ field }) => field !== operatorAt);
}

/** A review is a question, not an object. */
function metadataErrors(metadata: object, allowed?: 'namespace'): FieldError[] {
  const isEmpty = Object.entries(metadata).every(
    ([field, value]) => field === 'managedFields' || field === allowed || isUnset(value),
  );
  if (isEmpty) return [];
  return [fieldError.invalid('metadata', metadata, `must be empty${allowed ? ` except for ${allowed}` : ''}`)];
}

function isUnset(value: unknown): boolean {
  return !value || (typeof value === 'object' && Object.keys(value).length === 0);
}
