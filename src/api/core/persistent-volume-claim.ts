// PersistentVolumeClaim.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn, orUnset } from '../printing.ts';
import { list, map, message, type Read, string, struct, time } from '../schema.ts';
import { VolumeResourceRequirements } from './container-resources.ts';
import { PersistentVolumeAccessMode, PersistentVolumeMode } from './persistent-volume.ts';
import { claimWarnings, prepareClaimForCreate, prepareClaimForUpdate } from './persistent-volume-claim-strategy.ts';
import { validateClaimStatusUpdate, validateClaimUpdate } from './persistent-volume-claim-update-validation.ts';
import { validateClaim } from './persistent-volume-claim-validation.ts';
import { TypedLocalObjectReference, TypedObjectReference } from './references.ts';
import { BETA_STORAGE_CLASS } from './storage-class-annotation.ts';
import { formatAccessModes } from './volume-columns.ts';

export const PersistentVolumeClaimSpec = struct('core/v1.PersistentVolumeClaimSpec', {
  accessModes: list(1, 'string', { enum: PersistentVolumeAccessMode, list: 'atomic' }),
  selector: message(4, LabelSelector, { optional: true }),
  resources: message(2, VolumeResourceRequirements),
  volumeName: string(3),
  storageClassName: string(5, { optional: true }),
  volumeMode: string(6, { optional: true, defaultsTo: 'Filesystem', enum: PersistentVolumeMode }),
  dataSource: message(7, TypedLocalObjectReference, { optional: true }),
  dataSourceRef: message(8, TypedObjectReference, { optional: true }),
  volumeAttributesClassName: string(9, { optional: true }),
});
export type PersistentVolumeClaimSpec = Read<typeof PersistentVolumeClaimSpec>;

export const PersistentVolumeClaimModifyVolumeStatus = ['Pending', 'InProgress', 'Infeasible'] as const;
export type PersistentVolumeClaimModifyVolumeStatus = (typeof PersistentVolumeClaimModifyVolumeStatus)[number];

export const ModifyVolumeStatus = struct('core/v1.ModifyVolumeStatus', {
  targetVolumeAttributesClassName: string(1),
  status: string(2, { required: true, enum: PersistentVolumeClaimModifyVolumeStatus }),
});
export type ModifyVolumeStatus = Read<typeof ModifyVolumeStatus>;

export const PersistentVolumeClaimCondition = struct('core/v1.PersistentVolumeClaimCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastProbeTime: time(3),
  lastTransitionTime: time(4),
  reason: string(5),
  message: string(6),
});
export type PersistentVolumeClaimCondition = Read<typeof PersistentVolumeClaimCondition>;

export const PersistentVolumeClaimPhase = ['Pending', 'Bound', 'Lost'] as const;
export type PersistentVolumeClaimPhase = (typeof PersistentVolumeClaimPhase)[number];

export const ClaimResourceStatus = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
] as const;
export type ClaimResourceStatus = (typeof ClaimResourceStatus)[number];

export const PersistentVolumeClaimStatus = struct('core/v1.PersistentVolumeClaimStatus', {
  phase: string(1, { defaultsTo: 'Pending', enum: PersistentVolumeClaimPhase }),
  accessModes: list(2, 'string', { enum: PersistentVolumeAccessMode, list: 'atomic' }),
  capacity: map(3, 'quantity'),
  conditions: list(4, PersistentVolumeClaimCondition, { list: { keys: ['type'] }, merge: 'type' }),
  allocatedResources: map(5, 'quantity'),
  allocatedResourceStatuses: map(7, 'string', { enum: ClaimResourceStatus, granular: true }),
  currentVolumeAttributesClassName: string(8, { optional: true }),
  modifyVolumeStatus: message(9, ModifyVolumeStatus, { optional: true }),
});
export type PersistentVolumeClaimStatus = Read<typeof PersistentVolumeClaimStatus>;

const schema = struct('core/v1.PersistentVolumeClaim', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PersistentVolumeClaimSpec),
  status: message(3, PersistentVolumeClaimStatus),
});
export type PersistentVolumeClaim = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const PersistentVolumeClaim = kind({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  scope: 'Namespaced',
  returnsDeleted: true,
  shortNames: ['pvc'],
  schema,
  subresources: {
    status: { type: 'status' },
  },
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'Whether the claim is bound.',
      value: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? '')),
    },
    {
      name: 'Volume',
      type: 'string',
      description: 'The volume that the claim is bound to.',
      value: ({ spec }) => spec.volumeName ?? '',
    },
    {
      name: 'Capacity',
      type: 'string',
      description: 'Size of the volume.',
      value: ({ spec, status }) => (spec.volumeName ? (status.capacity?.['storage'] ?? '0') : ''),
    },
    {
      name: 'Access Modes',
      type: 'string',
      description: 'How the volume can be mounted.',
      value: ({ spec, status }) => (spec.volumeName ? formatAccessModes(status.accessModes) : ''),
    },
    {
      name: 'StorageClass',
      type: 'string',
      description: 'The class of the volume that is asked for.',
      value: ({ metadata, spec }) => metadata.annotations?.[BETA_STORAGE_CLASS] ?? spec.storageClassName ?? '',
    },
    {
      name: 'VolumeAttributesClass',
      type: 'string',
      description: 'The class of attributes that is asked for.',
      value: ({ spec }) => orUnset(spec.volumeAttributesClassName),
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
  prepareForCreate: prepareClaimForCreate,
  prepareForUpdate: prepareClaimForUpdate,
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatusUpdate,
  warnings: claimWarnings,
});
