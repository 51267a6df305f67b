// What an access review asks, as a request that an authorizer can be asked about; and what is wrong with the asking.
// Upstream: k8s.io/kubernetes/pkg/apis/authorization/validation and pkg/registry/authorization/util.

import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  NonResourceAttributes,
  ResourceAttributes,
} from '../../../api/authorization/access-attributes.ts';
import { type FieldError, fieldError, Path } from '../../../api/field-error.ts';
import { formatFieldSelector } from '../../../api/field-selector.ts';
import type { AnyObject } from '../../../api/kind.ts';
import { compileLabelSelector, formatLabelMatcher } from '../../../api/label-selector.ts';
import type { RequestInfo } from '../../request-info.ts';

export interface AccessQuestion {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
}

const SPEC = Path.of('spec');

/** The request that is asked about. The question has exactly one of the two (`questionErrors`). */
export function requestOf({ resourceAttributes, nonResourceAttributes }: AccessQuestion): RequestInfo {
  const { verb = '', group = '', version = '', resource = '', subresource = '' } = resourceAttributes ?? {};
  const { namespace = '', name = '', fieldSelector, labelSelector } = resourceAttributes ?? {};
  const fields = fieldSelector && fieldSelectorText(fieldSelector);
  const labels = labelSelector && labelSelectorText(labelSelector);
  return {
    path: nonResourceAttributes?.path ?? '',
    verb: nonResourceAttributes?.verb ?? verb,
    isResource: resourceAttributes !== undefined,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    suffix: '',
    ...(fields ? { fieldSelector: fields } : {}),
    ...(labels ? { labelSelector: labels } : {}),
  };
}

export function questionErrors({ resourceAttributes, nonResourceAttributes }: AccessQuestion): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    const why = 'cannot be specified in combination with resourceAttributes';
    return [fieldError.invalid(SPEC.child('nonResourceAttributes'), nonResourceAttributes, why)];
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return [fieldError.invalid(SPEC.child('resourceAttributes'), null, why)];
  }
  const at = SPEC.child('resourceAttributes');
  return [
    ...selectorErrors(resourceAttributes?.fieldSelector, at.child('fieldSelector')),
    ...selectorErrors(resourceAttributes?.labelSelector, at.child('labelSelector')),
  ];
}

export function subjectErrors({ user, groups }: { user?: string; groups?: readonly string[] }): FieldError[] {
  if (user || groups?.length) return [];
  return [fieldError.invalid(SPEC.child('user'), user ?? '', 'at least one of user or group must be specified')];
}

/** A review is a question, not an object: it has no metadata, but for those in `allowed`. */
export function metadataErrors({ metadata }: AnyObject, allowed: readonly string[] = []): FieldError[] {
  const given = Object.entries(metadata).filter(
    ([key, value]) => value && key !== 'managedFields' && !allowed.includes(key),
  );
  if (given.length === 0) return [];
  const except = allowed.length > 0 ? ` except for ${allowed.join(', ')}` : '';
  return [fieldError.invalid('metadata', metadata, `must be empty${except}`)];
}

function selectorErrors(
  selector: { readonly rawSelector?: string; readonly requirements?: readonly unknown[] } | undefined,
  at: Path,
): FieldError[] {
  if (!selector) return [];
  const { rawSelector, requirements } = selector;
  if (rawSelector && requirements?.length) {
    return [
      fieldError.invalid(at.child('rawSelector'), rawSelector, 'may not specified at the same time as requirements'),
    ];
  }
  if (rawSelector || requirements?.length) return [];
  const why = `when ${at} is specified, requirements or rawSelector is required`;
  return [fieldError.required(at.child('requirements'), why)];
}

/** Fields can only be equal to one value or not. */
function fieldSelectorText({ rawSelector, requirements }: FieldSelectorAttributes): string {
  if (rawSelector) return rawSelector;
  return formatFieldSelector(
    (requirements ?? []).flatMap(({ key, operator, values }) =>
      values?.length === 1 && (operator === 'In' || operator === 'NotIn')
        ? [{ field: key, operator: operator === 'In' ? ('=' as const) : ('!=' as const), value: values[0]! }]
        : [],
    ),
  );
}

function labelSelectorText({ rawSelector, requirements }: LabelSelectorAttributes): string {
  if (rawSelector) return rawSelector;
  return formatLabelMatcher(compileLabelSelector({ matchExpressions: requirements ?? [] }));
}
