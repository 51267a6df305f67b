// Object meta.

import { bool, fieldsV1, int64, list, map, type Read, string, struct, time } from '../schema.ts';

export const OwnerReference = struct(
  'meta/v1.OwnerReference',
  {
    apiVersion: string(5, { required: true }),
    kind: string(1, { required: true }),
    name: string(3, { required: true }),
    uid: string(4, { required: true }),
    controller: bool(6, { optional: true }),
    blockOwnerDeletion: bool(7, { optional: true }),
  },
  { atomic: true },
);
export type OwnerReference = Read<typeof OwnerReference>;

export const ManagedFieldsEntry = struct('meta/v1.ManagedFieldsEntry', {
  manager: string(1),
  operation: string(2),
  apiVersion: string(3),
  time: time(4, { optional: true }),
  fieldsType: string(6),
  fieldsV1: fieldsV1(7, { optional: true }),
  subresource: string(8),
});
export type ManagedFieldsEntry = Read<typeof ManagedFieldsEntry>;

export const ObjectMeta = struct('meta/v1.ObjectMeta', {
  name: string(1),
  generateName: string(2),
  namespace: string(3),
  selfLink: string(4, { deprecated: true }),
  uid: string(5),
  resourceVersion: string(6),
  generation: int64(7),
  creationTimestamp: time(8, { omit: 'zero' }),
  deletionTimestamp: time(9, { optional: true }),
  deletionGracePeriodSeconds: int64(10, { optional: true }),
  labels: map(11, 'string'),
  annotations: map(12, 'string'),
  ownerReferences: list(13, OwnerReference, { list: { keys: ['uid'] }, merge: 'uid' }),
  finalizers: list(14, 'string', { list: 'set', merge: true }),
  // An empty list is told from none: it has the managers forgotten.
  managedFields: list(17, ManagedFieldsEntry, { list: 'atomic', optional: true }),
});
export type ObjectMeta = Read<typeof ObjectMeta>;
