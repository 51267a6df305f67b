// CSIDriver.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn, orNone, orUnset } from '../printing.ts';
import { bool, int64, list, message, type Read, string, struct } from '../schema.ts';
import { validateCSIDriver, validateCSIDriverUpdate } from './csi-driver-validation.ts';

export const TokenRequest = struct('storage.k8s.io/v1.TokenRequest', {
  audience: string(1, { required: true, mayBeEmpty: true }),
  expirationSeconds: int64(2, { optional: true }),
});
export type TokenRequest = Read<typeof TokenRequest>;

export const CSIDriverSpec = struct('storage.k8s.io/v1.CSIDriverSpec', {
  attachRequired: bool(1, { optional: true, defaultsTo: true }),
  podInfoOnMount: bool(2, { optional: true, defaultsTo: false }),
  volumeLifecycleModes: list(3, 'string', { list: 'set', defaultsTo: ['Persistent'] }),
  storageCapacity: bool(4, { optional: true, defaultsTo: false }),
  fsGroupPolicy: string(5, { optional: true, defaultsTo: 'ReadWriteOnceWithFSType' }),
  tokenRequests: list(6, TokenRequest, { list: 'atomic' }),
  requiresRepublish: bool(7, { optional: true, defaultsTo: false }),
  seLinuxMount: bool(8, { optional: true, defaultsTo: false }),
  nodeAllocatableUpdatePeriodSeconds: int64(9, { optional: true }),
  serviceAccountTokenInSecrets: bool(10, { optional: true }),
  preventPodSchedulingIfMissing: bool(11, { optional: true, disabledBy: 'VolumeLimitScaling' }),
});
export type CSIDriverSpec = Read<typeof CSIDriverSpec>;

const schema = struct('storage.k8s.io/v1.CSIDriver', {
  metadata: message(1, ObjectMeta),
  spec: message(2, CSIDriverSpec, { required: true }),
});
export type CSIDriver = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const CSIDriver = kind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  scope: 'Cluster',
  returnsDeleted: true,
  updateNeedsVersion: true,
  schema,
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'AttachRequired',
      type: 'boolean',
      description: 'Whether volumes are attached before they are mounted.',
      value: ({ spec }) => spec.attachRequired ?? true,
    },
    {
      name: 'PodInfoOnMount',
      type: 'boolean',
      description: 'Whether the driver is told of the pod.',
      value: ({ spec }) => spec.podInfoOnMount ?? false,
    },
    {
      name: 'StorageCapacity',
      type: 'boolean',
      description: 'Whether pods are placed by what the driver has left.',
      value: ({ spec }) => spec.storageCapacity ?? false,
    },
    {
      name: 'TokenRequests',
      type: 'string',
      description: 'Audiences of the tokens that the driver gets.',
      value: ({ spec }) => orUnset(spec.tokenRequests?.map(({ audience }) => audience).join(',')),
    },
    {
      name: 'RequiresRepublish',
      type: 'boolean',
      description: 'Whether the driver is asked to mount again and again.',
      value: ({ spec }) => spec.requiresRepublish ?? false,
    },
    {
      name: 'Modes',
      type: 'string',
      description: 'Kinds of volumes that the driver makes.',
      value: ({ spec }) => orNone(spec.volumeLifecycleModes?.join(',')),
    },
    ageColumn,
  ],
  validate: validateCSIDriver,
  validateUpdate: validateCSIDriverUpdate,
});
