// Which objects a quota is for. Upstream: Matches of k8s.io/apiserver/pkg/quota/v1/generic and
// ScopedResourceSelectorRequirementsAsSelector.

import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../core/resource-quota.ts';
import type { AnyObject } from '../kind.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';

/** Whether the object is in every scope of the quota. */
export function isInScopes(evaluator: QuotaEvaluator, spec: ResourceQuotaSpec, object: AnyObject): boolean {
  return requirementsOf(spec).every((requirement) => evaluator.isInScope(requirement, object));
}

/** Whether the class that an object names, if any, is one that the requirement asks for. */
export function selectsClass(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  name: string | undefined,
): boolean {
  switch (operator) {
    case 'Exists':
      return name !== undefined;
    case 'DoesNotExist':
      return name === undefined;
    case 'In':
      return name !== undefined && values.includes(name);
    case 'NotIn':
      return name === undefined || !values.includes(name);
    default:
      return operator satisfies never;
  }
}

function requirementsOf({ scopes = [], scopeSelector }: ResourceQuotaSpec): ScopedResourceSelectorRequirement[] {
  const plain = scopes.map((scopeName) => ({ scopeName, operator: 'Exists' as const }));
  return [...plain, ...(scopeSelector?.matchExpressions ?? [])];
}
