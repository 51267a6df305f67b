// Node.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, list, message, type Read, string, struct } from '../schema.ts';
import { nodeColumns } from './node-columns.ts';
import { NodeConfigSource, NodeStatus } from './node-status.ts';
import {
  nodeWarnings,
  prepareNodeForCreate,
  prepareNodeForStatusUpdate,
  prepareNodeForUpdate,
} from './node-strategy.ts';
import { validateNode, validateNodeStatusUpdate, validateNodeUpdate } from './node-validation.ts';
import { Taint } from './toleration.ts';

export const NodeSpec = struct('core/v1.NodeSpec', {
  podCIDR: string(1),
  podCIDRs: list(7, 'string', { list: 'set', merge: true }),
  providerID: string(3),
  unschedulable: bool(4),
  taints: list(5, Taint, { list: 'atomic' }),
  configSource: message(6, NodeConfigSource, { optional: true, deprecated: true }),
  externalID: string(2, { deprecated: true }),
});
export type NodeSpec = Read<typeof NodeSpec>;

export const NodeProxyOptions = struct('core/v1.NodeProxyOptions', {
  path: string(1),
});
export type NodeProxyOptions = Read<typeof NodeProxyOptions>;

const schema = struct('core/v1.Node', {
  metadata: message(1, ObjectMeta),
  spec: message(2, NodeSpec),
  status: message(3, NodeStatus),
});
export type Node = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const Node = kind({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  scope: 'Cluster',
  keepsStatusOnCreate: true,
  shortNames: ['no'],
  schema,
  subresources: {
    proxy: {
      type: 'connect',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      options: NodeProxyOptions,
      kind: 'NodeProxyOptions',
      pathSuffix: true,
      nameSaysPort: true,
    },
    status: { type: 'status' },
  },
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec.unschedulable ?? false) },
  columns: nodeColumns,
  defaults({ spec, status }) {
    if (status.capacity) status.allocatable ??= { ...status.capacity };
    // Clients that know of one network only; where both are given and differ, these are older and to be obeyed.
    if (spec.podCIDR && spec.podCIDR !== spec.podCIDRs?.[0]) spec.podCIDRs = [spec.podCIDR];
    if (spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0];
  },
  prepareForCreate: prepareNodeForCreate,
  prepareForUpdate: prepareNodeForUpdate,
  prepareForStatusUpdate: prepareNodeForStatusUpdate,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validateStatusUpdate: validateNodeStatusUpdate,
  warnings: nodeWarnings,
});
