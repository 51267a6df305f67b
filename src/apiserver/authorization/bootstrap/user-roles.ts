// Roles for people: administrators of the cluster, and administrators, editors and viewers of a namespace. The latter
// three gather the rules of every role with their label.

import type { PolicyRule } from '../../../api/rbac/policy-rule.ts';
import { READ, READ_WRITE, rule, urlRule, WRITE } from './rule.ts';

export interface RoleData {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** The roles whose rules this one's are part of, separated by spaces: `admin`, `edit`, `view`. */
  readonly aggregateTo?: string;
  /** This role's rules are those of all roles that aggregate to it. */
  readonly aggregates?: string;
}

const INSENSITIVE_PATHS = '/livez /readyz /healthz /version /version/';

export const USER_ROLES: readonly RoleData[] = [
  { name: 'cluster-admin', rules: [rule('*', '*', '*'), urlRule('*', '*')] },
  {
    name: 'system:discovery',
    rules: [urlRule('get', `${INSENSITIVE_PATHS} /openapi /openapi/* /api /api/* /apis /apis/*`)],
  },
  { name: 'system:public-info-viewer', rules: [urlRule('get', INSENSITIVE_PATHS)] },
  {
    name: 'system:monitoring',
    rules: [
      urlRule('get', '/metrics /metrics/slis /livez /livez/* /readyz /readyz/* /healthz /healthz/*'),
      urlRule('get', '/flagz'),
      urlRule('get', '/statusz'),
    ],
  },
  {
    name: 'system:basic-user',
    rules: [
      rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
      rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
    ],
  },
  { name: 'admin', rules: [], aggregates: 'admin' },
  { name: 'edit', rules: [], aggregates: 'edit', aggregateTo: 'admin' },
  { name: 'view', rules: [], aggregates: 'view', aggregateTo: 'edit' },
  {
    name: 'system:aggregate-to-admin',
    aggregateTo: 'admin',
    rules: [
      rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
      rule(READ_WRITE, 'rbac.authorization.k8s.io', 'roles rolebindings'),
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    aggregateTo: 'edit',
    rules: [
      // Reading these is as good as acting for somebody else, which is why `view` may not.
      rule(READ, '', 'pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy'),
      rule('impersonate', '', 'serviceaccounts'),
      rule(WRITE, '', 'pods pods/attach pods/proxy pods/exec pods/portforward'),
      rule('create', '', 'pods/eviction'),
      rule(
        WRITE,
        '',
        `replicationcontrollers replicationcontrollers/scale serviceaccounts services services/proxy
         persistentvolumeclaims configmaps secrets events`,
      ),
      rule('create', '', 'serviceaccounts/token'),
      rule(
        WRITE,
        'apps',
        `statefulsets statefulsets/scale daemonsets deployments deployments/scale deployments/rollback
         replicasets replicasets/scale`,
      ),
      rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
      rule(WRITE, 'batch', 'jobs cronjobs'),
      rule(
        WRITE,
        'extensions',
        `daemonsets deployments deployments/scale deployments/rollback ingresses networkpolicies
         replicasets replicasets/scale replicationcontrollers/scale`,
      ),
      rule(WRITE, 'policy', 'poddisruptionbudgets'),
      rule(WRITE, 'networking.k8s.io', 'networkpolicies ingresses'),
      rule(READ_WRITE, 'coordination.k8s.io', 'leases'),
      rule(WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
    ],
  },
  {
    name: 'system:aggregate-to-view',
    aggregateTo: 'view',
    rules: [
      rule(
        READ,
        '',
        `pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status endpoints
         persistentvolumeclaims persistentvolumeclaims/status configmaps`,
      ),
      rule(
        READ,
        '',
        `limitranges resourcequotas bindings events pods/status resourcequotas/status namespaces/status
         replicationcontrollers/status pods/log`,
      ),
      // In a namespace, this one: that it may be read shows who has access to it.
      rule(READ, '', 'namespaces'),
      rule(READ, 'discovery.k8s.io', 'endpointslices'),
      rule(
        READ,
        'apps',
        `controllerrevisions statefulsets statefulsets/status statefulsets/scale daemonsets daemonsets/status
         deployments deployments/status deployments/scale replicasets replicasets/status replicasets/scale`,
      ),
      rule(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
      rule(READ, 'batch', 'jobs jobs/status cronjobs cronjobs/status'),
      rule(
        READ,
        'extensions',
        `daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status
         networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale`,
      ),
      rule(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
      rule(READ, 'networking.k8s.io', 'networkpolicies ingresses ingresses/status'),
      rule(READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
    ],
  },
];
