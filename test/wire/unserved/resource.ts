// Types of resource that v1.36 knows and serves nothing as unless it is told to.

import { NodeSelector } from '../../../src/api/core/affinity.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { Condition } from '../../../src/api/meta/condition.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { ServiceCIDRStatus } from '../../../src/api/networking/service-cidr.ts';
import { DeviceSelector } from '../../../src/api/resource/device-selector.ts';
import { ResourceClaimStatus } from '../../../src/api/resource/resource-claim.ts';
import {
  CapacityRequirements,
  DeviceClaimConfiguration,
  DeviceConstraint,
  DeviceToleration,
} from '../../../src/api/resource/resource-claim-spec.ts';
import {
  CounterSet,
  DeviceAttribute,
  DeviceCapacity,
  DeviceCounterConsumption,
  DeviceTaint,
  NodeAllocatableResourceMapping,
  ResourcePool,
} from '../../../src/api/resource/resource-slice.ts';
import { bool, int32, int64, list, map, message, string, struct } from '../../../src/api/schema.ts';

const DeviceTaintSelector = struct('resource.k8s.io/v1alpha3.DeviceTaintSelector', {
  driver: string(2, { optional: true }),
  pool: string(3, { optional: true }),
  device: string(4, { optional: true }),
});

const DeviceTaintRuleSpec = struct('resource.k8s.io/v1alpha3.DeviceTaintRuleSpec', {
  deviceSelector: message(1, DeviceTaintSelector, { optional: true }),
  taint: message(2, DeviceTaint),
});

const DeviceTaintRule = struct('resource.k8s.io/v1alpha3.DeviceTaintRule', {
  metadata: message(1, ObjectMeta),
  spec: message(2, DeviceTaintRuleSpec),
  status: message(3, ServiceCIDRStatus),
});

const ResourcePoolStatusRequestSpec = struct('resource.k8s.io/v1alpha3.ResourcePoolStatusRequestSpec', {
  driver: string(1, { required: true }),
  poolName: string(2, { optional: true }),
  limit: int32(3, { optional: true }),
});

const PoolStatus = struct('resource.k8s.io/v1alpha3.PoolStatus', {
  driver: string(1),
  poolName: string(2),
  generation: int64(9, { required: true }),
  resourceSliceCount: int32(8, { optional: true }),
  totalDevices: int32(4, { optional: true }),
  allocatedDevices: int32(5, { optional: true }),
  availableDevices: int32(6, { optional: true }),
  unavailableDevices: int32(7, { optional: true }),
  nodeName: string(3, { optional: true }),
  validationError: string(10, { optional: true }),
});

const ResourcePoolStatusRequestStatus = struct('resource.k8s.io/v1alpha3.ResourcePoolStatusRequestStatus', {
  poolCount: int32(6, { optional: true }),
  pools: list(2, PoolStatus),
  conditions: list(3, Condition),
});

const ResourcePoolStatusRequest = struct('resource.k8s.io/v1alpha3.ResourcePoolStatusRequest', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ResourcePoolStatusRequestSpec),
  status: message(3, ResourcePoolStatusRequestStatus, { optional: true }),
});

const DeviceSubRequest = struct('resource.k8s.io/v1beta1.DeviceSubRequest', {
  name: string(1, { required: true }),
  deviceClassName: string(2, { required: true }),
  selectors: list(3, DeviceSelector),
  allocationMode: string(4),
  count: int64(5),
  tolerations: list(7, DeviceToleration),
  capacity: message(8, CapacityRequirements, { optional: true }),
});

const DeviceRequest = struct('resource.k8s.io/v1beta1.DeviceRequest', {
  name: string(1, { required: true }),
  deviceClassName: string(2, { omit: 'never' }),
  selectors: list(3, DeviceSelector),
  allocationMode: string(4),
  count: int64(5),
  adminAccess: bool(6, { optional: true }),
  firstAvailable: list(7, DeviceSubRequest),
  tolerations: list(8, DeviceToleration),
  capacity: message(9, CapacityRequirements, { optional: true }),
});

const DeviceClaim = struct('resource.k8s.io/v1beta1.DeviceClaim', {
  requests: list(1, DeviceRequest, { omit: 'never' }),
  constraints: list(2, DeviceConstraint),
  config: list(3, DeviceClaimConfiguration),
});

const ResourceClaimSpec = struct('resource.k8s.io/v1beta1.ResourceClaimSpec', {
  devices: message(1, DeviceClaim),
});

const ResourceClaim = struct('resource.k8s.io/v1beta1.ResourceClaim', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ResourceClaimSpec),
  status: message(3, ResourceClaimStatus),
});

const ResourceClaimTemplateSpec = struct('resource.k8s.io/v1beta1.ResourceClaimTemplateSpec', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ResourceClaimSpec),
});

const ResourceClaimTemplate = struct('resource.k8s.io/v1beta1.ResourceClaimTemplate', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ResourceClaimTemplateSpec),
});

const BasicDevice = struct('resource.k8s.io/v1beta1.BasicDevice', {
  attributes: map(1, DeviceAttribute),
  capacity: map(2, DeviceCapacity),
  consumesCounters: list(3, DeviceCounterConsumption),
  nodeName: string(4, { optional: true }),
  nodeSelector: message(5, NodeSelector, { optional: true }),
  allNodes: bool(6, { optional: true }),
  taints: list(7, DeviceTaint),
  bindsToNode: bool(8, { optional: true }),
  bindingConditions: list(9, 'string'),
  bindingFailureConditions: list(10, 'string'),
  allowMultipleAllocations: bool(11, { optional: true }),
  nodeAllocatableResourceMappings: map(12, NodeAllocatableResourceMapping),
});

const Device = struct('resource.k8s.io/v1beta1.Device', {
  name: string(1, { required: true }),
  basic: message(2, BasicDevice, { optional: true }),
});

const ResourceSliceSpec = struct('resource.k8s.io/v1beta1.ResourceSliceSpec', {
  driver: string(1, { required: true }),
  pool: message(2, ResourcePool),
  nodeName: string(3),
  nodeSelector: message(4, NodeSelector, { optional: true }),
  allNodes: bool(5),
  devices: list(6, Device),
  perDeviceNodeSelection: bool(7, { optional: true }),
  sharedCounters: list(8, CounterSet),
});

const ResourceSlice = struct('resource.k8s.io/v1beta1.ResourceSlice', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ResourceSliceSpec),
});

export const RESOURCE_TYPES: readonly ObjectType[] = [
  { group: 'resource.k8s.io', version: 'v1alpha3', kind: 'DeviceTaintRule', schema: DeviceTaintRule },
  {
    group: 'resource.k8s.io',
    version: 'v1alpha3',
    kind: 'ResourcePoolStatusRequest',
    schema: ResourcePoolStatusRequest,
  },
  { group: 'resource.k8s.io', version: 'v1beta1', kind: 'ResourceClaim', schema: ResourceClaim },
  { group: 'resource.k8s.io', version: 'v1beta1', kind: 'ResourceClaimTemplate', schema: ResourceClaimTemplate },
  { group: 'resource.k8s.io', version: 'v1beta1', kind: 'ResourceSlice', schema: ResourceSlice },
  { group: 'resource.k8s.io', version: 'v1beta2', kind: 'DeviceTaintRule', schema: DeviceTaintRule },
];
