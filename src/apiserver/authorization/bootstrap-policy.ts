// The roles and bindings that every cluster starts with, as objects. What is in them is in bootstrap/; bringing them to
// the API is reconcile-bootstrap-policy.ts. Upstream: k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy.

import type { InputOf } from '../../api/kind.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { RoleRef, Subject } from '../../api/rbac/policy-rule.ts';
import { Role } from '../../api/rbac/role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import { ADDED_BINDINGS, ADDED_NAMESPACED_ROLES, ADDED_ROLES } from './bootstrap/cluster-additions.ts';
import { COMPONENT_ROLES } from './bootstrap/component-roles.ts';
import { CONTROLLER_RULES } from './bootstrap/controller-roles.ts';
import { group, NAMESPACED_ROLES, serviceAccount, user } from './bootstrap/namespace-roles.ts';
import { type RoleData, USER_ROLES } from './bootstrap/user-roles.ts';

/** On an object of the default policy: whether the server repairs it at start. */
export const AUTOUPDATE_ANNOTATION = 'rbac.authorization.kubernetes.io/autoupdate';

export interface BootstrapPolicy {
  readonly clusterRoles: readonly InputOf<typeof ClusterRole>[];
  readonly clusterRoleBindings: readonly InputOf<typeof ClusterRoleBinding>[];
  readonly roles: readonly InputOf<typeof Role>[];
  readonly roleBindings: readonly InputOf<typeof RoleBinding>[];
}

const GROUP = 'rbac.authorization.k8s.io';
const AUTHENTICATED = group('system:authenticated');
const UNAUTHENTICATED = group('system:unauthenticated');

/** Who the cluster roles of people and components are bound to. */
const BINDINGS: Readonly<Record<string, readonly Subject[]>> = {
  'cluster-admin': [group('system:masters')],
  'system:monitoring': [group('system:monitoring')],
  'system:discovery': [AUTHENTICATED],
  'system:basic-user': [AUTHENTICATED],
  'system:public-info-viewer': [AUTHENTICATED, UNAUTHENTICATED],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-dns': [serviceAccount('kube-dns')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:volume-scheduler': [user('system:kube-scheduler')],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
  // The node authorizer decides for nodes; the binding stands empty so that nobody is bound by an older default.
  'system:node': [],
};

/** All default roles and bindings, each under a name of its own. */
export function bootstrapPolicy(): BootstrapPolicy {
  const namespacedRoles = [...NAMESPACED_ROLES, ...ADDED_NAMESPACED_ROLES];
  const controllers = Object.entries(CONTROLLER_RULES).map(([controller, rules]) => ({
    controller,
    role: { name: `system:controller:${controller}`, rules },
  }));
  return {
    clusterRoles: [...USER_ROLES, ...COMPONENT_ROLES, ...ADDED_ROLES, ...controllers.map(({ role }) => role)].map(
      clusterRole,
    ),
    clusterRoleBindings: [
      ...Object.entries(BINDINGS).map(([name, subjects]) => clusterRoleBinding(name, name, subjects)),
      ...controllers.map(({ controller, role }) =>
        clusterRoleBinding(role.name, role.name, [serviceAccount(controller)]),
      ),
      ...ADDED_BINDINGS.map(({ name, role, subjects }) => clusterRoleBinding(name, role, subjects)),
    ],
    roles: namespacedRoles.map(({ namespace, name, rules }) => ({
      ...typeOf(Role),
      metadata: metadata(name, { namespace }),
      rules,
    })),
    roleBindings: namespacedRoles.flatMap(({ namespace, name, binding }) =>
      binding
        ? [
            {
              ...typeOf(RoleBinding),
              metadata: metadata(binding.name, { namespace }),
              subjects: binding.subjects,
              roleRef: roleRef('Role', name),
            },
          ]
        : [],
    ),
  };
}

function clusterRole({ name, rules, aggregateTo, aggregates }: RoleData): InputOf<typeof ClusterRole> {
  return {
    ...typeOf(ClusterRole),
    metadata: metadata(name, { labels: aggregateTo ? aggregationLabels(aggregateTo) : {} }),
    ...(aggregates
      ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregationLabels(aggregates) }] } }
      : { rules }),
  };
}

function clusterRoleBinding(
  name: string,
  role: string,
  subjects: readonly Subject[],
): InputOf<typeof ClusterRoleBinding> {
  return {
    ...typeOf(ClusterRoleBinding),
    metadata: metadata(name),
    roleRef: roleRef('ClusterRole', role),
    ...(subjects.length > 0 ? { subjects } : {}),
  };
}

function metadata(
  name: string,
  { namespace, labels = {} }: { namespace?: string; labels?: Record<string, string> } = {},
) {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    annotations: { [AUTOUPDATE_ANNOTATION]: 'true' },
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  };
}

function aggregationLabels(roles: string): Record<string, string> {
  return Object.fromEntries(roles.split(' ').map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, 'true']));
}

function roleRef(kind: string, name: string): RoleRef {
  return { apiGroup: GROUP, kind, name };
}

function typeOf(kind: { readonly apiVersion: string; readonly kind: string }): { apiVersion: string; kind: string } {
  return { apiVersion: kind.apiVersion, kind: kind.kind };
}
