// ClusterRole.

import { kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { createdAtColumn, nameColumn } from '../printing.ts';
import { list, message, type Read, struct } from '../schema.ts';
import { PolicyRule } from './policy-rule.ts';
import { validateClusterRole } from './role-validation.ts';

export const AggregationRule = struct('rbac.authorization.k8s.io/v1.AggregationRule', {
  clusterRoleSelectors: list(1, LabelSelector, { list: 'atomic' }),
});
export type AggregationRule = Read<typeof AggregationRule>;

export const ClusterRole = kind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  createOnUpdate: true,
  schema: struct('rbac.authorization.k8s.io/v1.ClusterRole', {
    metadata: message(1, ObjectMeta),
    rules: list(2, PolicyRule, { omit: 'never', list: 'atomic' }),
    aggregationRule: message(3, AggregationRule, { optional: true }),
  }),
  nameRule: 'pathSegment',
  columns: [nameColumn, createdAtColumn],
  validate: validateClusterRole,
});
export type ClusterRole = ObjectOf<typeof ClusterRole>;
