// Types of internal that v1.36 knows and serves nothing as unless it is told to.

import { CustomResourceSubresourceStatus } from '../../../src/api/apiextensions/custom-resource-definition.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { int64, list, message, string, struct, time } from '../../../src/api/schema.ts';

const ServerStorageVersion = struct('internal.apiserver.k8s.io/v1alpha1.ServerStorageVersion', {
  apiServerID: string(1),
  encodingVersion: string(2),
  decodableVersions: list(3, 'string'),
  servedVersions: list(4, 'string'),
});

const StorageVersionCondition = struct('internal.apiserver.k8s.io/v1alpha1.StorageVersionCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  observedGeneration: int64(3),
  lastTransitionTime: time(4),
  reason: string(5, { required: true }),
  message: string(6),
});

const StorageVersionStatus = struct('internal.apiserver.k8s.io/v1alpha1.StorageVersionStatus', {
  storageVersions: list(1, ServerStorageVersion),
  commonEncodingVersion: string(2, { optional: true }),
  conditions: list(3, StorageVersionCondition),
});

const StorageVersion = struct('internal.apiserver.k8s.io/v1alpha1.StorageVersion', {
  metadata: message(1, ObjectMeta),
  spec: message(2, CustomResourceSubresourceStatus),
  status: message(3, StorageVersionStatus),
});

export const INTERNAL_TYPES: readonly ObjectType[] = [
  { group: 'internal.apiserver.k8s.io', version: 'v1alpha1', kind: 'StorageVersion', schema: StorageVersion },
];
