// Container resources.

import { list, map, type Read, string, struct } from '../schema.ts';

export const ResourceClaim = struct('core/v1.ResourceClaim', {
  name: string(1, { required: true }),
  request: string(2),
});
export type ResourceClaim = Read<typeof ResourceClaim>;

export const ResourceRequirements = struct('core/v1.ResourceRequirements', {
  limits: map(1, 'quantity'),
  requests: map(2, 'quantity'),
  claims: list(3, ResourceClaim, { list: { keys: ['name'] } }),
});
export type ResourceRequirements = Read<typeof ResourceRequirements>;

export const VolumeResourceRequirements = struct('core/v1.VolumeResourceRequirements', {
  limits: map(1, 'quantity'),
  requests: map(2, 'quantity'),
});
export type VolumeResourceRequirements = Read<typeof VolumeResourceRequirements>;
