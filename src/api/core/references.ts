// References.

import { type Read, string, struct } from '../schema.ts';

export const TypedObjectReference = struct('core/v1.TypedObjectReference', {
  apiGroup: string(1, { optional: true, omit: 'never' }),
  kind: string(2, { required: true }),
  name: string(3, { required: true }),
  namespace: string(4, { optional: true }),
});
export type TypedObjectReference = Read<typeof TypedObjectReference>;

export const SecretReference = struct(
  'core/v1.SecretReference',
  {
    name: string(1),
    namespace: string(2),
  },
  { atomic: true },
);
export type SecretReference = Read<typeof SecretReference>;

export const ObjectReference = struct(
  'core/v1.ObjectReference',
  {
    kind: string(1),
    namespace: string(2),
    name: string(3),
    uid: string(4),
    apiVersion: string(5),
    resourceVersion: string(6),
    fieldPath: string(7),
  },
  { atomic: true },
);
export type ObjectReference = Read<typeof ObjectReference>;

export const LocalObjectReference = struct(
  'core/v1.LocalObjectReference',
  {
    name: string(1, { default: '' }),
  },
  { atomic: true },
);
export type LocalObjectReference = Read<typeof LocalObjectReference>;

export const TypedLocalObjectReference = struct(
  'core/v1.TypedLocalObjectReference',
  {
    apiGroup: string(1, { optional: true, omit: 'never' }),
    kind: string(2, { required: true }),
    name: string(3, { required: true }),
  },
  { atomic: true },
);
export type TypedLocalObjectReference = Read<typeof TypedLocalObjectReference>;
