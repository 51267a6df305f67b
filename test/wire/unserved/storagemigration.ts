// Types of storagemigration that v1.36 knows and serves nothing as unless it is told to.

import type { ObjectType } from '../../../src/api/decode-object.ts';
import { Condition } from '../../../src/api/meta/condition.ts';
import { GroupResource } from '../../../src/api/meta/group-version.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { list, message, string, struct } from '../../../src/api/schema.ts';

const StorageVersionMigrationSpec = struct('storagemigration.k8s.io/v1beta1.StorageVersionMigrationSpec', {
  resource: message(1, GroupResource),
});

const StorageVersionMigrationStatus = struct('storagemigration.k8s.io/v1beta1.StorageVersionMigrationStatus', {
  conditions: list(1, Condition),
  resourceVersion: string(2),
});

const StorageVersionMigration = struct('storagemigration.k8s.io/v1beta1.StorageVersionMigration', {
  metadata: message(1, ObjectMeta),
  spec: message(2, StorageVersionMigrationSpec),
  status: message(3, StorageVersionMigrationStatus),
});

export const STORAGEMIGRATION_TYPES: readonly ObjectType[] = [
  {
    group: 'storagemigration.k8s.io',
    version: 'v1beta1',
    kind: 'StorageVersionMigration',
    schema: StorageVersionMigration,
  },
];
