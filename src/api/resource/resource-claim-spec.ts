// Resource claim spec.

import { bool, inline, int64, list, map, message, type Read, string, struct } from '../schema.ts';
import { DeviceConfiguration, DeviceSelector } from './device-selector.ts';
import { DeviceTaintEffect } from './resource-slice.ts';

export const DeviceTolerationOperator = ['Exists', 'Equal'] as const;
export type DeviceTolerationOperator = (typeof DeviceTolerationOperator)[number];

export const DeviceToleration = struct('resource.k8s.io/v1.DeviceToleration', {
  key: string(1),
  operator: string(2, { default: 'Equal', enum: DeviceTolerationOperator }),
  value: string(3),
  effect: string(4, { enum: DeviceTaintEffect }),
  tolerationSeconds: int64(5, { optional: true }),
});
export type DeviceToleration = Read<typeof DeviceToleration>;

export const CapacityRequirements = struct('resource.k8s.io/v1.CapacityRequirements', {
  requests: map(1, 'quantity'),
});
export type CapacityRequirements = Read<typeof CapacityRequirements>;

export const DeviceAllocationMode = ['ExactCount', 'All'] as const;
export type DeviceAllocationMode = (typeof DeviceAllocationMode)[number];

export const ExactDeviceRequest = struct('resource.k8s.io/v1.ExactDeviceRequest', {
  deviceClassName: string(1, { required: true }),
  selectors: list(2, DeviceSelector, { list: 'atomic' }),
  allocationMode: string(3, { enum: DeviceAllocationMode }),
  count: int64(4),
  adminAccess: bool(5, { optional: true }),
  tolerations: list(6, DeviceToleration, { list: 'atomic' }),
  capacity: message(7, CapacityRequirements, { optional: true }),
});
export type ExactDeviceRequest = Read<typeof ExactDeviceRequest>;

export const DeviceSubRequest = struct('resource.k8s.io/v1.DeviceSubRequest', {
  name: string(1, { required: true }),
  deviceClassName: string(2, { required: true }),
  selectors: list(3, DeviceSelector, { list: 'atomic' }),
  allocationMode: string(4, { enum: DeviceAllocationMode }),
  count: int64(5),
  tolerations: list(6, DeviceToleration, { list: 'atomic' }),
  capacity: message(7, CapacityRequirements, { optional: true }),
});
export type DeviceSubRequest = Read<typeof DeviceSubRequest>;

export const DeviceRequest = struct('resource.k8s.io/v1.DeviceRequest', {
  name: string(1, { required: true }),
  exactly: message(2, ExactDeviceRequest, { optional: true }),
  firstAvailable: list(3, DeviceSubRequest, { list: 'atomic' }),
});
export type DeviceRequest = Read<typeof DeviceRequest>;

export const DeviceConstraint = struct('resource.k8s.io/v1.DeviceConstraint', {
  requests: list(1, 'string', { list: 'atomic' }),
  matchAttribute: string(2, { optional: true }),
  distinctAttribute: string(3, { optional: true }),
});
export type DeviceConstraint = Read<typeof DeviceConstraint>;

export const DeviceClaimConfiguration = struct('resource.k8s.io/v1.DeviceClaimConfiguration', {
  requests: list(1, 'string', { list: 'atomic' }),
  deviceConfiguration: inline(2, DeviceConfiguration, { omit: 'never' }),
});
export type DeviceClaimConfiguration = Read<typeof DeviceClaimConfiguration>;

export const DeviceClaim = struct('resource.k8s.io/v1.DeviceClaim', {
  requests: list(1, DeviceRequest, { omit: 'never', list: 'atomic' }),
  constraints: list(2, DeviceConstraint, { list: 'atomic' }),
  config: list(3, DeviceClaimConfiguration, { list: 'atomic' }),
});
export type DeviceClaim = Read<typeof DeviceClaim>;

export const ResourceClaimSpec = struct('resource.k8s.io/v1.ResourceClaimSpec', {
  devices: message(1, DeviceClaim, { omit: 'never' }),
});
export type ResourceClaimSpec = Read<typeof ResourceClaimSpec>;
