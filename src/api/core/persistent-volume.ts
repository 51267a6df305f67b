// PersistentVolume.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn, orUnset } from '../printing.ts';
import { inline, list, map, message, type Read, string, struct, time } from '../schema.ts';
import { NodeSelector } from './affinity.ts';
import { PersistentVolumeSource } from './persistent-volume-source.ts';
import {
  defaultPersistentVolume,
  persistentVolumeWarnings,
  preparePersistentVolumeForCreate,
  stampPhase,
} from './persistent-volume-strategy.ts';
import { validatePersistentVolumeUpdate } from './persistent-volume-update-validation.ts';
import { validatePersistentVolume } from './persistent-volume-validation.ts';
import { ObjectReference } from './references.ts';
import { BETA_STORAGE_CLASS } from './storage-class-annotation.ts';
import { formatAccessModes } from './volume-columns.ts';

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
  claimRef: message(4, ObjectReference, { optional: true, granular: true }),
  persistentVolumeReclaimPolicy: string(5, { enum: PersistentVolumeReclaimPolicy }),
  storageClassName: string(6),
  mountOptions: list(7, 'string', { list: 'atomic' }),
  volumeMode: string(8, { optional: true, enum: PersistentVolumeMode }),
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

const schema = struct('core/v1.PersistentVolume', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PersistentVolumeSpec),
  status: message(3, PersistentVolumeStatus),
});
export type PersistentVolume = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const PersistentVolume = kind({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  scope: 'Cluster',
  returnsDeleted: true,
  shortNames: ['pv'],
  schema,
  subresources: {
    status: { type: 'status' },
  },
  columns: [
    nameColumn,
    {
      name: 'Capacity',
      type: 'string',
      description: 'Size of the volume.',
      value: ({ spec }) => spec.capacity?.['storage'] ?? '0',
    },
    {
      name: 'Access Modes',
      type: 'string',
      description: 'How the volume can be mounted.',
      value: ({ spec }) => formatAccessModes(spec.accessModes),
    },
    {
      name: 'Reclaim Policy',
      type: 'string',
      description: 'What becomes of the volume after its claim.',
      value: ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '',
    },
    {
      name: 'Status',
      type: 'string',
      description: 'Whether the volume is bound.',
      value: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? '')),
    },
    {
      name: 'Claim',
      type: 'string',
      description: 'The claim that the volume is bound to.',
      value: ({ spec }) => (spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : ''),
    },
    {
      name: 'StorageClass',
      type: 'string',
      description: 'The class of the volume.',
      value: ({ metadata, spec }) => metadata.annotations?.[BETA_STORAGE_CLASS] ?? spec.storageClassName ?? '',
    },
    {
      name: 'VolumeAttributesClass',
      type: 'string',
      description: 'The class of attributes of the volume.',
      value: ({ spec }) => orUnset(spec.volumeAttributesClassName),
    },
    {
      name: 'Reason',
      type: 'string',
      description: 'Why the volume is in its state.',
      value: ({ status }) => status.reason ?? '',
    },
    ageColumn,
    {
      name: 'VolumeMode',
      type: 'string',
      priority: 1,
      description: 'Whether the volume has a file system.',
      value: ({ spec }) => orUnset(spec.volumeMode),
    },
  ],
  defaults: defaultPersistentVolume,
  prepareForCreate: preparePersistentVolumeForCreate,
  stamp: stampPhase,
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  warnings: persistentVolumeWarnings,
});
