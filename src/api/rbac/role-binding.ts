// RoleBinding.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { list, message, struct } from '../schema.ts';
import { bindingColumns } from './binding-columns.ts';
import { defaultBinding } from './binding-defaults.ts';
import { validateBindingUpdate, validateRoleBinding } from './binding-validation.ts';
import { RoleRef, Subject } from './policy-rule.ts';

export const RoleBinding = kind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  scope: 'Namespaced',
  createOnUpdate: true,
  schema: struct('rbac.authorization.k8s.io/v1.RoleBinding', {
    metadata: message(1, ObjectMeta),
    subjects: list(2, Subject, { list: 'atomic' }),
    roleRef: message(3, RoleRef, { required: true }),
  }),
  nameRule: 'pathSegment',
  columns: bindingColumns,
  defaults: defaultBinding,
  validate: validateRoleBinding,
  validateUpdate: validateBindingUpdate,
});
export type RoleBinding = ObjectOf<typeof RoleBinding>;
