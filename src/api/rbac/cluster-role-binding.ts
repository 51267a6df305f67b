// ClusterRoleBinding.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { list, message, struct } from '../schema.ts';
import { bindingColumns } from './binding-columns.ts';
import { defaultBinding } from './binding-defaults.ts';
import { validateBindingUpdate, validateClusterRoleBinding } from './binding-validation.ts';
import { RoleRef, Subject } from './policy-rule.ts';

export const ClusterRoleBinding = kind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  scope: 'Cluster',
  createOnUpdate: true,
  schema: struct('rbac.authorization.k8s.io/v1.ClusterRoleBinding', {
    metadata: message(1, ObjectMeta),
    subjects: list(2, Subject, { list: 'atomic' }),
    roleRef: message(3, RoleRef, { required: true }),
  }),
  nameRule: 'pathSegment',
  columns: bindingColumns,
  defaults: defaultBinding,
  validate: validateClusterRoleBinding,
  validateUpdate: validateBindingUpdate,
});
export type ClusterRoleBinding = ObjectOf<typeof ClusterRoleBinding>;
