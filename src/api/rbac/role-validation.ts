// The rules of roles. Upstream: ValidateRole and ValidateClusterRole in pkg/apis/rbac/validation.

import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { AggregationRule } from './cluster-role.ts';
import type { PolicyRule } from './policy-rule.ts';

interface RoleLike {
  readonly rules?: readonly PolicyRule[] | null;
}

export function validateRole(role: RoleLike): readonly FieldError[] {
  return checkRules(role, { namespaced: true });
}

/** Selectors of an aggregated role are checked as all selectors are. */
export function validateClusterRole(
  role: RoleLike & { readonly aggregationRule?: AggregationRule },
): readonly FieldError[] {
  const errors = checkRules(role, { namespaced: false });
  if (role.aggregationRule && !role.aggregationRule.clusterRoleSelectors?.length) {
    const why = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
    errors.push(fieldError.required(Path.of('aggregationRule', 'clusterRoleSelectors'), why));
  }
  return errors;
}

function checkRules({ rules }: RoleLike, options: { readonly namespaced: boolean }): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => ruleErrors(rule, Path.of('rules').index(index), options));
}

/** A rule is about resources or about paths, never about both; paths are of the whole cluster. */
function ruleErrors(rule: PolicyRule, at: Path, { namespaced }: { readonly namespaced: boolean }): FieldError[] {
  const errors: FieldError[] = [];
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  if (!rule.verbs?.length) errors.push(fieldError.required(at.child('verbs'), 'verbs must contain at least one value'));
  if (nonResourceURLs.length > 0) {
    const path = at.child('nonResourceURLs');
    if (namespaced) {
      errors.push(fieldError.invalid(path, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    }
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0) {
      const why = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(fieldError.invalid(path, nonResourceURLs, why));
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(fieldError.required(at.child('apiGroups'), 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(fieldError.required(at.child('resources'), 'resource rules must supply at least one resource'));
  }
  return errors;
}
