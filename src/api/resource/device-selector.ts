// Device selector.

import { message, type Read, rawExtension, string, struct } from '../schema.ts';

export const CELDeviceSelector = struct('resource.k8s.io/v1.CELDeviceSelector', {
  expression: string(1, { required: true }),
});
export type CELDeviceSelector = Read<typeof CELDeviceSelector>;

export const DeviceSelector = struct('resource.k8s.io/v1.DeviceSelector', {
  cel: message(1, CELDeviceSelector, { optional: true }),
});
export type DeviceSelector = Read<typeof DeviceSelector>;

export const OpaqueDeviceConfiguration = struct('resource.k8s.io/v1.OpaqueDeviceConfiguration', {
  driver: string(1, { required: true }),
  parameters: rawExtension(2, { required: true }),
});
export type OpaqueDeviceConfiguration = Read<typeof OpaqueDeviceConfiguration>;

export const DeviceConfiguration = struct('resource.k8s.io/v1.DeviceConfiguration', {
  opaque: message(1, OpaqueDeviceConfiguration, { optional: true }),
});
export type DeviceConfiguration = Read<typeof DeviceConfiguration>;
