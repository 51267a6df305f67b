// CSIDriver.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, int64, list, message, type Read, string, struct } from '../schema.ts';

export const TokenRequest = struct('storage.k8s.io/v1.TokenRequest', {
  audience: string(1, { required: true }),
  expirationSeconds: int64(2, { optional: true }),
});
export type TokenRequest = Read<typeof TokenRequest>;

export const CSIDriverSpec = struct('storage.k8s.io/v1.CSIDriverSpec', {
  attachRequired: bool(1, { optional: true }),
  podInfoOnMount: bool(2, { optional: true }),
  volumeLifecycleModes: list(3, 'string', { list: 'set' }),
  storageCapacity: bool(4, { optional: true }),
  fsGroupPolicy: string(5, { optional: true }),
  tokenRequests: list(6, TokenRequest, { list: 'atomic' }),
  requiresRepublish: bool(7, { optional: true }),
  seLinuxMount: bool(8, { optional: true }),
  nodeAllocatableUpdatePeriodSeconds: int64(9, { optional: true }),
  serviceAccountTokenInSecrets: bool(10, { optional: true }),
  preventPodSchedulingIfMissing: bool(11, { optional: true }),
});
export type CSIDriverSpec = Read<typeof CSIDriverSpec>;

export const CSIDriver = kind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  scope: 'Cluster',
  returnsDeleted: true,
  updateNeedsVersion: true,
  schema: struct('storage.k8s.io/v1.CSIDriver', {
    metadata: message(1, ObjectMeta),
    spec: message(2, CSIDriverSpec, { required: true }),
  }),
});
export type CSIDriver = ObjectOf<typeof CSIDriver>;
