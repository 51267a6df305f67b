// The rules of a cluster role that is put together from others (admin, edit, view): pure. Upstream:
// pkg/controller/clusterroleaggregation.

import { deepEqual } from '../../base/deep-equal.ts';
import type { InputOf } from '../kind.ts';
import { compileLabelSelector } from '../label-selector.ts';
import type { ClusterRole } from './cluster-role.ts';
import type { PolicyRule } from './policy-rule.ts';

type Role = InputOf<typeof ClusterRole>;

/** The rules of all roles that match, selector by selector, in the order of the roles' names, each rule once. */
export function aggregatedRules(role: Role, all: readonly Role[]): readonly PolicyRule[] {
  const others = all.filter((other) => nameOf(other) !== nameOf(role));
  others.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const selector of (role.aggregationRule?.clusterRoleSelectors ?? []).map(compileLabelSelector)) {
    for (const rule of others.flatMap((other) =>
      selector.matches(other.metadata?.labels) ? (other.rules ?? []) : [],
    )) {
      if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}

function nameOf({ metadata }: Role): string {
  return metadata?.name ?? '';
}
