// Fills cluster roles that are put together from others (admin, edit, view) with the rules of those that their selectors
// match. Upstream: pkg/controller/clusterroleaggregation.

import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import type { PolicyRule } from '../../api/rbac/policy-rule.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { matchesSelector } from '../selector-match.ts';

export function clusterRoleAggregation({ client, informers }: ControllerDeps): Controller {
  const roles = informers.informer(ClusterRole);
  return {
    name: 'clusterrole-aggregation-controller',
    reads: [roles],
    watch: (enqueue) => [
      // Any role may be part of any aggregate, or have been.
      roles.subscribe(() => {
        for (const role of roles.list()) if (role.aggregationRule) enqueue(role.metadata.name);
      }),
    ],
    async reconcile(name, { signal }) {
      const role = roles.get(name);
      if (!role?.aggregationRule) return;
      const rules = aggregatedRules(role, roles.list());
      if (!deepEqual(rules, role.rules ?? [])) await client.update(ClusterRole, { ...role, rules }, { signal });
    },
  };
}

/** The rules of all roles that match, selector by selector, in the order of the roles' names, each rule once. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const others = all.filter(({ metadata }) => metadata.name !== role.metadata.name);
  others.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const selectors = role.aggregationRule?.clusterRoleSelectors ?? [];
  const parts = selectors.flatMap((selector) =>
    others.filter(({ metadata }) => matchesSelector(selector, metadata.labels)),
  );
  const rules: PolicyRule[] = [];
  for (const rule of parts.flatMap((part) => part.rules ?? [])) {
    if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
  }
  return rules;
}
