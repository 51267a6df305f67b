// NodeMetrics: what a node uses. Made up when asked for, from the figures of the node's agent.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { duration, map, message, struct, time } from '../schema.ts';
import { type Measured, type Usage, usageColumns } from './container-metrics.ts';

export const NodeMetrics = kind({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'NodeMetrics',
  plural: 'nodes',
  singular: '',
  scope: 'Cluster',
  verbs: ['get', 'list'],
  virtual: true,
  schema: struct('metrics.k8s.io/v1beta1.NodeMetrics', {
    metadata: message(1, ObjectMeta),
    timestamp: time(2, { required: true }),
    window: duration(3, { required: true }),
    usage: map(4, 'quantity', { required: true }),
  }),
  columns: usageColumns(({ usage }: Measured & { readonly usage: Usage }) => usage),
});
export type NodeMetrics = ObjectOf<typeof NodeMetrics>;
