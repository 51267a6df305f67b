// Fills cluster roles that are put together from others (admin, edit, view) with the rules of those that their selectors
// match. Upstream: pkg/controller/clusterroleaggregation.

import { aggregatedRules } from '../../api/rbac/aggregated-rules.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';

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
