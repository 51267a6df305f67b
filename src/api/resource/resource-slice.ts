// ResourceSlice.

import { NodeSelector } from '../core/affinity.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { bool, int64, list, map, message, quantity, type Read, string, struct, time } from '../schema.ts';
import { resourceSliceWarnings, stampTaints } from './resource-slice-strategy.ts';
import { validateResourceSlice, validateResourceSliceUpdate } from './resource-slice-validation.ts';

export const ResourcePool = struct('resource.k8s.io/v1.ResourcePool', {
  name: string(1, { required: true }),
  generation: int64(2, { required: true }),
  resourceSliceCount: int64(3, { required: true }),
});
export type ResourcePool = Read<typeof ResourcePool>;

export const DeviceAttribute = struct('resource.k8s.io/v1.DeviceAttribute', {
  int: int64(2, { optional: true }),
  bool: bool(3, { optional: true }),
  string: string(4, { optional: true }),
  version: string(5, { optional: true }),
  ints: list(6, 'int64', { list: 'atomic', disabledBy: 'DRAListTypeAttributes' }),
  bools: list(7, 'bool', { list: 'atomic', disabledBy: 'DRAListTypeAttributes' }),
  strings: list(8, 'string', { list: 'atomic', disabledBy: 'DRAListTypeAttributes' }),
  versions: list(9, 'string', { list: 'atomic', disabledBy: 'DRAListTypeAttributes' }),
});
export type DeviceAttribute = Read<typeof DeviceAttribute>;

export const CapacityRequestPolicyRange = struct('resource.k8s.io/v1.CapacityRequestPolicyRange', {
  min: quantity(1, { required: true, optional: true, omit: 'empty' }),
  max: quantity(2, { optional: true }),
  step: quantity(3, { optional: true }),
});
export type CapacityRequestPolicyRange = Read<typeof CapacityRequestPolicyRange>;

export const CapacityRequestPolicy = struct('resource.k8s.io/v1.CapacityRequestPolicy', {
  default: quantity(1, { optional: true, omit: 'never' }),
  validValues: list(3, 'quantity', { list: 'atomic' }),
  validRange: message(4, CapacityRequestPolicyRange, { optional: true }),
});
export type CapacityRequestPolicy = Read<typeof CapacityRequestPolicy>;

export const DeviceCapacity = struct('resource.k8s.io/v1.DeviceCapacity', {
  value: quantity(1, { required: true }),
  requestPolicy: message(2, CapacityRequestPolicy, { optional: true }),
});
export type DeviceCapacity = Read<typeof DeviceCapacity>;

export const Counter = struct('resource.k8s.io/v1.Counter', {
  value: quantity(1, { required: true }),
});
export type Counter = Read<typeof Counter>;

export const DeviceCounterConsumption = struct('resource.k8s.io/v1.DeviceCounterConsumption', {
  counterSet: string(1, { required: true }),
  counters: map(2, Counter, { required: true, omit: 'empty' }),
});
export type DeviceCounterConsumption = Read<typeof DeviceCounterConsumption>;

export const DeviceTaintEffect = ['None', 'NoSchedule', 'NoExecute'] as const;
export type DeviceTaintEffect = (typeof DeviceTaintEffect)[number];

export const DeviceTaint = struct('resource.k8s.io/v1.DeviceTaint', {
  key: string(1, { required: true }),
  value: string(2),
  effect: string(3, { required: true, enum: DeviceTaintEffect }),
  timeAdded: time(4, { optional: true }),
});
export type DeviceTaint = Read<typeof DeviceTaint>;

export const NodeAllocatableResourceMapping = struct('resource.k8s.io/v1.NodeAllocatableResourceMapping', {
  capacityKey: string(1, { optional: true }),
  allocationMultiplier: quantity(2, { optional: true }),
});
export type NodeAllocatableResourceMapping = Read<typeof NodeAllocatableResourceMapping>;

export const Device = struct('resource.k8s.io/v1.Device', {
  name: string(1, { required: true }),
  attributes: map(2, DeviceAttribute),
  capacity: map(3, DeviceCapacity),
  consumesCounters: list(4, DeviceCounterConsumption, { list: 'atomic' }),
  nodeName: string(5, { optional: true }),
  nodeSelector: message(6, NodeSelector, { optional: true }),
  allNodes: bool(7, { optional: true }),
  taints: list(8, DeviceTaint, { list: 'atomic' }),
  bindsToNode: bool(9, { optional: true }),
  bindingConditions: list(10, 'string', { list: 'atomic' }),
  bindingFailureConditions: list(11, 'string', { list: 'atomic' }),
  allowMultipleAllocations: bool(12, { optional: true }),
  nodeAllocatableResourceMappings: map(13, NodeAllocatableResourceMapping, {
    disabledBy: 'DRANodeAllocatableResources',
  }),
});
export type Device = Read<typeof Device>;

export const CounterSet = struct('resource.k8s.io/v1.CounterSet', {
  name: string(1, { required: true }),
  counters: map(2, Counter, { required: true, omit: 'empty' }),
});
export type CounterSet = Read<typeof CounterSet>;

export const ResourceSliceSpec = struct('resource.k8s.io/v1.ResourceSliceSpec', {
  driver: string(1, { required: true }),
  pool: message(2, ResourcePool, { required: true }),
  nodeName: string(3, { optional: true }),
  nodeSelector: message(4, NodeSelector, { optional: true }),
  allNodes: bool(5, { optional: true }),
  devices: list(6, Device, { list: 'atomic' }),
  perDeviceNodeSelection: bool(7, { optional: true }),
  sharedCounters: list(8, CounterSet, { list: 'atomic' }),
});
export type ResourceSliceSpec = Read<typeof ResourceSliceSpec>;

const schema = struct('resource.k8s.io/v1.ResourceSlice', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ResourceSliceSpec, { required: true }),
});
export type ResourceSlice = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const ResourceSlice = kind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  returnsDeleted: true,
  scope: 'Cluster',
  schema,
  generation: [['spec']],
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.driver': ({ spec }) => spec.driver,
  },
  columns: [
    nameColumn,
    {
      name: 'Node',
      type: 'string',
      description: 'The node that has the devices.',
      value: ({ spec }) => spec.nodeName ?? '',
    },
    {
      name: 'Driver',
      type: 'string',
      description: 'The driver of the devices.',
      value: ({ spec }) => spec.driver,
    },
    {
      name: 'Pool',
      type: 'string',
      description: 'The pool that the devices belong to.',
      value: ({ spec }) => spec.pool.name,
    },
    ageColumn,
  ],
  stamp: stampTaints,
  validate: validateResourceSlice,
  validateUpdate: validateResourceSliceUpdate,
  warnings: resourceSliceWarnings,
});
