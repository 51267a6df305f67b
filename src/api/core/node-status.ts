// Node status.

import { bool, int32, int64, list, map, message, type Read, string, struct, time } from '../schema.ts';

export const ConfigMapNodeConfigSource = struct('core/v1.ConfigMapNodeConfigSource', {
  namespace: string(1, { required: true }),
  name: string(2, { required: true }),
  uid: string(3),
  resourceVersion: string(4),
  kubeletConfigKey: string(5, { required: true }),
});
export type ConfigMapNodeConfigSource = Read<typeof ConfigMapNodeConfigSource>;

export const NodeConfigSource = struct('core/v1.NodeConfigSource', {
  configMap: message(2, ConfigMapNodeConfigSource, { optional: true }),
});
export type NodeConfigSource = Read<typeof NodeConfigSource>;

export const DaemonEndpoint = struct('core/v1.DaemonEndpoint', {
  Port: int32(1, { required: true }),
});
export type DaemonEndpoint = Read<typeof DaemonEndpoint>;

export const NodeDaemonEndpoints = struct('core/v1.NodeDaemonEndpoints', {
  kubeletEndpoint: message(1, DaemonEndpoint),
});
export type NodeDaemonEndpoints = Read<typeof NodeDaemonEndpoints>;

export const NodeRuntimeHandlerFeatures = struct('core/v1.NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: bool(1, { optional: true }),
  userNamespaces: bool(2, { optional: true }),
});
export type NodeRuntimeHandlerFeatures = Read<typeof NodeRuntimeHandlerFeatures>;

export const NodeRuntimeHandler = struct('core/v1.NodeRuntimeHandler', {
  name: string(1, { omit: 'never' }),
  features: message(2, NodeRuntimeHandlerFeatures, { optional: true }),
});
export type NodeRuntimeHandler = Read<typeof NodeRuntimeHandler>;

export const NodeFeatures = struct('core/v1.NodeFeatures', {
  supplementalGroupsPolicy: bool(1, { optional: true }),
});
export type NodeFeatures = Read<typeof NodeFeatures>;

export const NodeSwapStatus = struct('core/v1.NodeSwapStatus', {
  capacity: int64(1, { optional: true }),
});
export type NodeSwapStatus = Read<typeof NodeSwapStatus>;

export const NodeSystemInfo = struct('core/v1.NodeSystemInfo', {
  machineID: string(1, { required: true }),
  systemUUID: string(2, { required: true }),
  bootID: string(3, { required: true }),
  kernelVersion: string(4, { required: true }),
  osImage: string(5, { required: true }),
  containerRuntimeVersion: string(6, { required: true }),
  kubeletVersion: string(7, { required: true }),
  kubeProxyVersion: string(8, { required: true, deprecated: true }),
  operatingSystem: string(9, { required: true }),
  architecture: string(10, { required: true }),
  swap: message(11, NodeSwapStatus, { optional: true }),
});
export type NodeSystemInfo = Read<typeof NodeSystemInfo>;

export const NodeConfigStatus = struct('core/v1.NodeConfigStatus', {
  assigned: message(1, NodeConfigSource, { optional: true }),
  active: message(2, NodeConfigSource, { optional: true }),
  lastKnownGood: message(3, NodeConfigSource, { optional: true }),
  error: string(4),
});
export type NodeConfigStatus = Read<typeof NodeConfigStatus>;

export const NodeCondition = struct('core/v1.NodeCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastHeartbeatTime: time(3),
  lastTransitionTime: time(4),
  reason: string(5),
  message: string(6),
});
export type NodeCondition = Read<typeof NodeCondition>;

export const NodeAddress = struct('core/v1.NodeAddress', {
  type: string(1, { required: true }),
  address: string(2, { required: true }),
});
export type NodeAddress = Read<typeof NodeAddress>;

export const ContainerImage = struct('core/v1.ContainerImage', {
  names: list(1, 'string', { omit: 'never', list: 'atomic' }),
  sizeBytes: int64(2),
});
export type ContainerImage = Read<typeof ContainerImage>;

export const AttachedVolume = struct('core/v1.AttachedVolume', {
  name: string(1, { required: true }),
  devicePath: string(2, { required: true }),
});
export type AttachedVolume = Read<typeof AttachedVolume>;

export const NodePhase = ['Pending', 'Running', 'Terminated'] as const;
export type NodePhase = (typeof NodePhase)[number];

export const NodeStatus = struct('core/v1.NodeStatus', {
  capacity: map(1, 'quantity'),
  allocatable: map(2, 'quantity'),
  phase: string(3, { enum: NodePhase }),
  conditions: list(4, NodeCondition, { list: { keys: ['type'] }, merge: 'type' }),
  addresses: list(5, NodeAddress, { list: { keys: ['type'] }, merge: 'type' }),
  daemonEndpoints: message(6, NodeDaemonEndpoints),
  nodeInfo: message(7, NodeSystemInfo),
  images: list(8, ContainerImage, { list: 'atomic' }),
  volumesInUse: list(9, 'string', { list: 'atomic' }),
  volumesAttached: list(10, AttachedVolume, { list: 'atomic' }),
  config: message(11, NodeConfigStatus, { optional: true }),
  runtimeHandlers: list(12, NodeRuntimeHandler, { list: 'atomic' }),
  features: message(13, NodeFeatures, { optional: true }),
  declaredFeatures: list(14, 'string', { list: 'atomic' }),
});
export type NodeStatus = Read<typeof NodeStatus>;
