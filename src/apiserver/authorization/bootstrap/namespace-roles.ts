// Roles inside of kube-system and kube-public: what a component needs of a few named objects there.

import type { PolicyRule, Subject } from '../../../api/rbac/policy-rule.ts';
import { EVENTS, READ, rule } from './rule.ts';

export interface NamespacedRoleData {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** Who it is bound to. Absent: a role that stands ready to be bound. */
  readonly binding?: { readonly name: string; readonly subjects: readonly Subject[] };
}

export const user = (name: string): Subject => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name });
export const group = (name: string): Subject => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name });
export const serviceAccount = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

/** A role for a controller, bound to its service account. */
export const controllerRole = (namespace: string, name: string, rules: readonly PolicyRule[]): NamespacedRoleData => ({
  namespace,
  name: `system:controller:${name}`,
  rules,
  binding: { name: `system:controller:${name}`, subjects: [serviceAccount(name)] },
});

/** A role for taking turns by a ConfigMap, as older components do. */
const leaderLocking = (component: string): NamespacedRoleData => ({
  namespace: 'kube-system',
  name: `system::leader-locking-${component}`,
  rules: [rule('watch', '', 'configmaps'), rule('get update', '', 'configmaps', [component])],
  binding: {
    name: `system::leader-locking-${component}`,
    subjects: [user(`system:${component}`), serviceAccount(component)],
  },
});

export const NAMESPACED_ROLES: readonly NamespacedRoleData[] = [
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    rules: [rule(READ, '', 'configmaps', ['extension-apiserver-authentication'])],
    binding: {
      name: 'system::extension-apiserver-authentication-reader',
      subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
    },
  },
  leaderLocking('kube-controller-manager'),
  leaderLocking('kube-scheduler'),
  controllerRole('kube-system', 'bootstrap-signer', [rule(READ, '', 'secrets')]),
  controllerRole('kube-system', 'cloud-provider', [rule(`create ${READ}`, '', 'configmaps')]),
  controllerRole('kube-system', 'token-cleaner', [rule(`${READ} delete`, '', 'secrets'), EVENTS]),
  controllerRole('kube-public', 'bootstrap-signer', [
    rule(READ, '', 'configmaps'),
    rule('update', '', 'configmaps', ['cluster-info']),
    EVENTS,
  ]),
];
