// Role.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { createdAtColumn, nameColumn } from '../printing.ts';
import { list, message, struct } from '../schema.ts';
import { PolicyRule } from './policy-rule.ts';
import { validateRole } from './role-validation.ts';

export const Role = kind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  createOnUpdate: true,
  schema: struct('rbac.authorization.k8s.io/v1.Role', {
    metadata: message(1, ObjectMeta),
    rules: list(2, PolicyRule, { omit: 'never', list: 'atomic' }),
  }),
  nameRule: 'pathSegment',
  columns: [nameColumn, createdAtColumn],
  validate: validateRole,
});
export type Role = ObjectOf<typeof Role>;
