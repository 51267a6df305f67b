// PersistentVolume.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { inline, list, map, message, type Read, string, struct, time } from '../schema.ts';
import { NodeSelector } from './affinity.ts';
import { PersistentVolumeSource } from './persistent-volume-source.ts';
import { ObjectReference } from './references.ts';

export const VolumeNodeAffinity = struct('core/v1.VolumeNodeAffinity', {
  required: message(1, NodeSelector, { optional: true }),
});
export type VolumeNodeAffinity = Read<typeof VolumeNodeAffinity>;

export const PersistentVolumeAccessMode = [
  'ReadWriteOnce',
  'ReadOnlyMany',
  'ReadWriteMany',
  'ReadWriteOncePod',
] as const;
export type PersistentVolumeAccessMode = (typeof PersistentVolumeAccessMode)[number];

export const PersistentVolumeReclaimPolicy = ['Recycle', 'Delete', 'Retain'] as const;
export type PersistentVolumeReclaimPolicy = (typeof PersistentVolumeReclaimPolicy)[number];

export const PersistentVolumeMode = ['Block', 'Filesystem'] as const;
export type PersistentVolumeMode = (typeof PersistentVolumeMode)[number];

export const PersistentVolumeSpec = struct('core/v1.PersistentVolumeSpec', {
  capacity: map(1, 'quantity'),
  persistentVolumeSource: inline(2, PersistentVolumeSource, { omit: 'never' }),
  accessModes: list(3, 'string', { enum: PersistentVolumeAccessMode, list: 'atomic' }),
  claimRef: message(4, ObjectReference, { optional: true }),
  persistentVolumeReclaimPolicy: string(5, { defaultsTo: 'Retain', enum: PersistentVolumeReclaimPolicy }),
  storageClassName: string(6),
  mountOptions: list(7, 'string', { list: 'atomic' }),
  volumeMode: string(8, { optional: true, defaultsTo: 'Filesystem', enum: PersistentVolumeMode }),
  nodeAffinity: message(9, VolumeNodeAffinity, { optional: true }),
  volumeAttributesClassName: string(10, { optional: true }),
});
export type PersistentVolumeSpec = Read<typeof PersistentVolumeSpec>;

export const PersistentVolumePhase = ['Pending', 'Available', 'Bound', 'Released', 'Failed'] as const;
export type PersistentVolumePhase = (typeof PersistentVolumePhase)[number];

export const PersistentVolumeStatus = struct('core/v1.PersistentVolumeStatus', {
  phase: string(1, { defaultsTo: 'Pending', enum: PersistentVolumePhase }),
  message: string(2),
  reason: string(3),
  lastPhaseTransitionTime: time(4, { optional: true }),
});
export type PersistentVolumeStatus = Read<typeof PersistentVolumeStatus>;

export const PersistentVolume = kind({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  scope: 'Cluster',
  returnsDeleted: true,
  shortNames: ['pv'],
  schema: struct('core/v1.PersistentVolume', {
    metadata: message(1, ObjectMeta),
    spec: message(2, PersistentVolumeSpec),
    status: message(3, PersistentVolumeStatus),
  }),
  subresources: {
    status: { type: 'status' },
  },
});
export type PersistentVolume = ObjectOf<typeof PersistentVolume>;
