// Types of rbac that v1.36 knows and serves nothing as unless it is told to.

import type { ObjectType } from '../../../src/api/decode-object.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { AggregationRule } from '../../../src/api/rbac/cluster-role.ts';
import { RoleRef } from '../../../src/api/rbac/policy-rule.ts';
import { list, message, string, struct } from '../../../src/api/schema.ts';

const PolicyRule = struct('rbac.authorization.k8s.io/v1alpha1.PolicyRule', {
  verbs: list(1, 'string', { required: true }),
  apiGroups: list(3, 'string'),
  resources: list(4, 'string'),
  resourceNames: list(5, 'string'),
  nonResourceURLs: list(6, 'string'),
});

const ClusterRole = struct('rbac.authorization.k8s.io/v1alpha1.ClusterRole', {
  metadata: message(1, ObjectMeta),
  rules: list(2, PolicyRule, { omit: 'never' }),
  aggregationRule: message(3, AggregationRule, { optional: true }),
});

const Subject = struct('rbac.authorization.k8s.io/v1alpha1.Subject', {
  kind: string(1, { required: true }),
  apiVersion: string(2),
  name: string(3, { required: true }),
  namespace: string(4),
});

const ClusterRoleBinding = struct('rbac.authorization.k8s.io/v1alpha1.ClusterRoleBinding', {
  metadata: message(1, ObjectMeta),
  subjects: list(2, Subject),
  roleRef: message(3, RoleRef),
});

const Role = struct('rbac.authorization.k8s.io/v1alpha1.Role', {
  metadata: message(1, ObjectMeta),
  rules: list(2, PolicyRule, { omit: 'never' }),
});

export const RBAC_TYPES: readonly ObjectType[] = [
  { group: 'rbac.authorization.k8s.io', version: 'v1alpha1', kind: 'ClusterRole', schema: ClusterRole },
  { group: 'rbac.authorization.k8s.io', version: 'v1alpha1', kind: 'ClusterRoleBinding', schema: ClusterRoleBinding },
  { group: 'rbac.authorization.k8s.io', version: 'v1alpha1', kind: 'Role', schema: Role },
  { group: 'rbac.authorization.k8s.io', version: 'v1alpha1', kind: 'RoleBinding', schema: ClusterRoleBinding },
];
