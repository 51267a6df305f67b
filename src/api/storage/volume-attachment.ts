// VolumeAttachment.

import { PersistentVolumeSpec } from '../core/persistent-volume.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { restoreMetadata } from '../metadata-restore.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { bool, int32, map, message, type Read, string, struct, time } from '../schema.ts';
import {
  validateVolumeAttachment,
  validateVolumeAttachmentCreate,
  validateVolumeAttachmentStatusUpdate,
  validateVolumeAttachmentUpdate,
} from './volume-attachment-validation.ts';

export const VolumeAttachmentSource = struct('storage.k8s.io/v1.VolumeAttachmentSource', {
  persistentVolumeName: string(1, { optional: true }),
  inlineVolumeSpec: message(2, PersistentVolumeSpec, { optional: true }),
});
export type VolumeAttachmentSource = Read<typeof VolumeAttachmentSource>;

export const VolumeAttachmentSpec = struct('storage.k8s.io/v1.VolumeAttachmentSpec', {
  attacher: string(1, { required: true }),
  source: message(2, VolumeAttachmentSource, { required: true }),
  nodeName: string(3, { required: true }),
});
export type VolumeAttachmentSpec = Read<typeof VolumeAttachmentSpec>;

export const VolumeError = struct('storage.k8s.io/v1.VolumeError', {
  time: time(1),
  message: string(2),
  errorCode: int32(3, { optional: true }),
});
export type VolumeError = Read<typeof VolumeError>;

export const VolumeAttachmentStatus = struct('storage.k8s.io/v1.VolumeAttachmentStatus', {
  attached: bool(1, { required: true }),
  attachmentMetadata: map(2, 'string'),
  attachError: message(3, VolumeError, { optional: true }),
  detachError: message(4, VolumeError, { optional: true }),
});
export type VolumeAttachmentStatus = Read<typeof VolumeAttachmentStatus>;

const schema = struct('storage.k8s.io/v1.VolumeAttachment', {
  metadata: message(1, ObjectMeta),
  spec: message(2, VolumeAttachmentSpec, { required: true }),
  status: message(3, VolumeAttachmentStatus),
});
export type VolumeAttachment = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const VolumeAttachment = kind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  scope: 'Cluster',
  returnsDeleted: true,
  updateNeedsVersion: true,
  schema,
  subresources: {
    status: { type: 'status', resets: [['metadata']] },
  },
  columns: [
    nameColumn,
    {
      name: 'Attacher',
      type: 'string',
      format: 'name',
      description: 'Who attaches the volume.',
      value: ({ spec }) => spec.attacher,
    },
    {
      name: 'PV',
      type: 'string',
      description: 'The volume.',
      value: ({ spec }) => spec.source.persistentVolumeName ?? '',
    },
    {
      name: 'Node',
      type: 'string',
      description: 'The node that it is attached to.',
      value: ({ spec }) => spec.nodeName,
    },
    {
      name: 'Attached',
      type: 'boolean',
      description: 'Whether it is attached.',
      value: ({ status }) => status.attached,
    },
    ageColumn,
  ],
  prepareForStatusUpdate: ({ metadata }, previous) => restoreMetadata(metadata, previous.metadata),
  validate: validateVolumeAttachment,
  validateCreate: validateVolumeAttachmentCreate,
  validateUpdate: validateVolumeAttachmentUpdate,
  validateStatusUpdate: validateVolumeAttachmentStatusUpdate,
});
