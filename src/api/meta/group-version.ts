// Group version.

import { type Read, string, struct } from '../schema.ts';

export const GroupResource = struct('meta/v1.GroupResource', {
  group: string(1, { required: true }),
  resource: string(2, { required: true }),
});
export type GroupResource = Read<typeof GroupResource>;

export const GroupVersionResource = struct('meta/v1.GroupVersionResource', {
  group: string(1, { required: true }),
  version: string(2, { required: true }),
  resource: string(3, { required: true }),
});
export type GroupVersionResource = Read<typeof GroupVersionResource>;

export const GroupKind = struct('meta/v1.GroupKind', {
  group: string(1, { required: true }),
  kind: string(2, { required: true }),
});
export type GroupKind = Read<typeof GroupKind>;

export const GroupVersionKind = struct('meta/v1.GroupVersionKind', {
  group: string(1, { required: true }),
  version: string(2, { required: true }),
  kind: string(3, { required: true }),
});
export type GroupVersionKind = Read<typeof GroupVersionKind>;

export const GroupVersion = struct('meta/v1.GroupVersion', {
  group: string(1, { required: true }),
  version: string(2, { required: true }),
});
export type GroupVersion = Read<typeof GroupVersion>;
