// ResourceClaim.

import { NodeSelector } from '../core/affinity.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { Condition } from '../meta/condition.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { bool, inline, list, map, message, type Read, rawExtension, string, struct, time } from '../schema.ts';
import { defaultDeviceRequests } from './device-request-defaults.ts';
import { DeviceConfiguration } from './device-selector.ts';
import { DeviceToleration, ResourceClaimSpec } from './resource-claim-spec.ts';
import { prepareClaimForStatusUpdate } from './resource-claim-strategy.ts';
import {
  validateResourceClaim,
  validateResourceClaimStatusUpdate,
  validateResourceClaimUpdate,
} from './resource-claim-validation.ts';

export const DeviceRequestAllocationResult = struct('resource.k8s.io/v1.DeviceRequestAllocationResult', {
  request: string(1, { required: true }),
  driver: string(2, { required: true }),
  pool: string(3, { required: true }),
  device: string(4, { required: true }),
  adminAccess: bool(5, { optional: true }),
  tolerations: list(6, DeviceToleration, { list: 'atomic' }),
  bindingConditions: list(7, 'string', { list: 'atomic' }),
  bindingFailureConditions: list(8, 'string', { list: 'atomic' }),
  shareID: string(9, { optional: true }),
  consumedCapacity: map(10, 'quantity'),
});
export type DeviceRequestAllocationResult = Read<typeof DeviceRequestAllocationResult>;

export const AllocationConfigSource = ['FromClass', 'FromClaim'] as const;
export type AllocationConfigSource = (typeof AllocationConfigSource)[number];

export const DeviceAllocationConfiguration = struct('resource.k8s.io/v1.DeviceAllocationConfiguration', {
  source: string(1, { required: true, enum: AllocationConfigSource }),
  requests: list(2, 'string', { list: 'atomic' }),
  deviceConfiguration: inline(3, DeviceConfiguration, { omit: 'never' }),
});
export type DeviceAllocationConfiguration = Read<typeof DeviceAllocationConfiguration>;

export const DeviceAllocationResult = struct('resource.k8s.io/v1.DeviceAllocationResult', {
  results: list(1, DeviceRequestAllocationResult, { list: 'atomic' }),
  config: list(2, DeviceAllocationConfiguration, { list: 'atomic' }),
});
export type DeviceAllocationResult = Read<typeof DeviceAllocationResult>;

export const AllocationResult = struct('resource.k8s.io/v1.AllocationResult', {
  devices: message(1, DeviceAllocationResult),
  nodeSelector: message(3, NodeSelector, { optional: true }),
  allocationTimestamp: time(5, { optional: true }),
});
export type AllocationResult = Read<typeof AllocationResult>;

export const ResourceClaimConsumerReference = struct('resource.k8s.io/v1.ResourceClaimConsumerReference', {
  apiGroup: string(1),
  resource: string(3, { required: true }),
  name: string(4, { required: true }),
  uid: string(5, { required: true }),
});
export type ResourceClaimConsumerReference = Read<typeof ResourceClaimConsumerReference>;

export const NetworkDeviceData = struct('resource.k8s.io/v1.NetworkDeviceData', {
  interfaceName: string(1),
  ips: list(2, 'string', { list: 'atomic' }),
  hardwareAddress: string(3),
});
export type NetworkDeviceData = Read<typeof NetworkDeviceData>;

export const AllocatedDeviceStatus = struct('resource.k8s.io/v1.AllocatedDeviceStatus', {
  driver: string(1, { required: true }),
  pool: string(2, { required: true }),
  device: string(3, { required: true }),
  shareID: string(7, { optional: true }),
  conditions: list(4, Condition, { omit: 'never', list: { keys: ['type'] } }),
  data: rawExtension(5, { optional: true }),
  networkData: message(6, NetworkDeviceData, { optional: true }),
});
export type AllocatedDeviceStatus = Read<typeof AllocatedDeviceStatus>;

export const ResourceClaimStatus = struct('resource.k8s.io/v1.ResourceClaimStatus', {
  allocation: message(1, AllocationResult, { optional: true }),
  reservedFor: list(2, ResourceClaimConsumerReference, { list: { keys: ['uid'] }, merge: 'uid' }),
  devices: list(4, AllocatedDeviceStatus, { list: { keys: ['driver', 'device', 'pool', 'shareID'] } }),
});
export type ResourceClaimStatus = Read<typeof ResourceClaimStatus>;

const schema = struct('resource.k8s.io/v1.ResourceClaim', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ResourceClaimSpec, { required: true }),
  status: message(3, ResourceClaimStatus),
});
export type ResourceClaim = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const ResourceClaim = kind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  returnsDeleted: true,
  scope: 'Namespaced',
  schema,
  subresources: {
    status: { type: 'status', resets: [['metadata']] },
  },
  columns: [
    nameColumn,
    {
      name: 'State',
      type: 'string',
      description: 'How far the claim has come.',
      value: ({ metadata, status }) => formatState(metadata.deletionTimestamp !== undefined, status),
    },
    ageColumn,
  ],
  defaults({ spec }) {
    defaultDeviceRequests(spec);
  },
  prepareForStatusUpdate: prepareClaimForStatusUpdate,
  validateCreate: validateResourceClaim,
  validateUpdate: validateResourceClaimUpdate,
  validateStatusUpdate: validateResourceClaimStatusUpdate,
});

function formatState(isDeleted: boolean, { allocation, reservedFor }: ResourceClaimStatus): string {
  const words = isDeleted ? ['deleted'] : [];
  if (allocation) words.push('allocated', ...(reservedFor?.length ? ['reserved'] : []));
  else if (!isDeleted) words.push('pending');
  return words.join(',');
}
