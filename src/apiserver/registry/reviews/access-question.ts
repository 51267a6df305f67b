// What an access review asks, as a request that an authorizer can be asked about. Upstream:
// k8s.io/kubernetes/pkg/registry/authorization/util.

import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  NonResourceAttributes,
  ResourceAttributes,
} from '../../../api/authorization/access-attributes.ts';
import { formatFieldSelector } from '../../../api/field-selector.ts';
import { compileLabelSelector, formatLabelMatcher, isStructOperator } from '../../../api/label-selector.ts';
import type { RequestInfo } from '../../request-info.ts';

export interface AccessQuestion {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
}

/** The request that is asked about. The question has exactly one of the two. */
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

/** What is not understood does not narrow the question down. */
function labelSelectorText({ rawSelector, requirements = [] }: LabelSelectorAttributes): string {
  if (rawSelector) return rawSelector;
  const matchExpressions = requirements.filter(({ operator }) => isStructOperator(operator));
  return formatLabelMatcher(compileLabelSelector({ matchExpressions }));
}
