// StorageClass.

import { TopologySelectorTerm } from '../core/affinity.ts';
import { PersistentVolumeReclaimPolicy } from '../core/persistent-volume.ts';
import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, list, map, message, string, struct } from '../schema.ts';

export const VolumeBindingMode = ['Immediate', 'WaitForFirstConsumer'] as const;
export type VolumeBindingMode = (typeof VolumeBindingMode)[number];

export const StorageClass = kind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  scope: 'Cluster',
  returnsDeleted: true,
  shortNames: ['sc'],
  schema: struct('storage.k8s.io/v1.StorageClass', {
    metadata: message(1, ObjectMeta),
    provisioner: string(2, { required: true }),
    parameters: map(3, 'string'),
    reclaimPolicy: string(4, { optional: true, enum: PersistentVolumeReclaimPolicy }),
    mountOptions: list(5, 'string', { list: 'atomic' }),
    allowVolumeExpansion: bool(6, { optional: true }),
    volumeBindingMode: string(7, { optional: true, enum: VolumeBindingMode }),
    allowedTopologies: list(8, TopologySelectorTerm, { list: 'atomic' }),
  }),
});
export type StorageClass = ObjectOf<typeof StorageClass>;
