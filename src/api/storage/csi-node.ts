// CSINode.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { int32, list, message, type Read, string, struct } from '../schema.ts';
import { validateCSINode, validateCSINodeUpdate } from './csi-node-validation.ts';

export const VolumeNodeResources = struct('storage.k8s.io/v1.VolumeNodeResources', {
  count: int32(1, { optional: true }),
});
export type VolumeNodeResources = Read<typeof VolumeNodeResources>;

export const CSINodeDriver = struct('storage.k8s.io/v1.CSINodeDriver', {
  name: string(1, { required: true }),
  nodeID: string(2, { required: true }),
  topologyKeys: list(3, 'string', { omit: 'never', list: 'atomic' }),
  allocatable: message(4, VolumeNodeResources, { optional: true }),
});
export type CSINodeDriver = Read<typeof CSINodeDriver>;

export const CSINodeSpec = struct('storage.k8s.io/v1.CSINodeSpec', {
  drivers: list(1, CSINodeDriver, { required: true, list: { keys: ['name'] }, merge: 'name' }),
});
export type CSINodeSpec = Read<typeof CSINodeSpec>;

const schema = struct('storage.k8s.io/v1.CSINode', {
  metadata: message(1, ObjectMeta),
  spec: message(2, CSINodeSpec, { required: true }),
});
export type CSINode = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const CSINode = kind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  scope: 'Cluster',
  returnsDeleted: true,
  updateNeedsVersion: true,
  schema,
  columns: [
    nameColumn,
    {
      name: 'Drivers',
      type: 'integer',
      description: 'Number of drivers on the node.',
      value: ({ spec }) => spec.drivers?.length ?? 0,
    },
    ageColumn,
  ],
  validate: validateCSINode,
  validateUpdate: validateCSINodeUpdate,
});
