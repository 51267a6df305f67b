// Pod status.

import { int64, list, map, message, type Read, string, struct, time } from '../schema.ts';
import { ResourceRequirements } from './container-resources.ts';
import { ContainerStatus } from './container-status.ts';

export const PodCondition = struct('core/v1.PodCondition', {
  type: string(1, { required: true }),
  observedGeneration: int64(7),
  status: string(2, { required: true }),
  lastProbeTime: time(3),
  lastTransitionTime: time(4),
  reason: string(5),
  message: string(6),
});
export type PodCondition = Read<typeof PodCondition>;

export const PodResourceClaimStatus = struct('core/v1.PodResourceClaimStatus', {
  name: string(1, { required: true }),
  resourceClaimName: string(2, { optional: true }),
});
export type PodResourceClaimStatus = Read<typeof PodResourceClaimStatus>;

export const ContainerExtendedResourceRequest = struct('core/v1.ContainerExtendedResourceRequest', {
  containerName: string(1, { required: true }),
  resourceName: string(2, { required: true }),
  requestName: string(3, { required: true }),
});
export type ContainerExtendedResourceRequest = Read<typeof ContainerExtendedResourceRequest>;

export const PodExtendedResourceClaimStatus = struct('core/v1.PodExtendedResourceClaimStatus', {
  requestMappings: list(1, ContainerExtendedResourceRequest, { required: true, list: 'atomic' }),
  resourceClaimName: string(2, { required: true }),
});
export type PodExtendedResourceClaimStatus = Read<typeof PodExtendedResourceClaimStatus>;

export const PodIP = struct('core/v1.PodIP', {
  ip: string(1, { required: true }),
});
export type PodIP = Read<typeof PodIP>;

export const HostIP = struct('core/v1.HostIP', {
  ip: string(1, { required: true }),
});
export type HostIP = Read<typeof HostIP>;

export const NodeAllocatableResourceClaimStatus = struct('core/v1.NodeAllocatableResourceClaimStatus', {
  resourceClaimName: string(1, { required: true }),
  containers: list(2, 'string', { list: 'set' }),
  resources: map(3, 'quantity', { required: true }),
});
export type NodeAllocatableResourceClaimStatus = Read<typeof NodeAllocatableResourceClaimStatus>;

export const PodPhase = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const;
export type PodPhase = (typeof PodPhase)[number];

export const PodQOSClass = ['Guaranteed', 'Burstable', 'BestEffort'] as const;
export type PodQOSClass = (typeof PodQOSClass)[number];

export const PodStatus = struct('core/v1.PodStatus', {
  observedGeneration: int64(17),
  phase: string(1, { enum: PodPhase }),
  conditions: list(2, PodCondition, { list: { keys: ['type'] }, merge: 'type' }),
  message: string(3),
  reason: string(4),
  nominatedNodeName: string(11),
  hostIP: string(5),
  hostIPs: list(16, HostIP, { list: 'atomic', merge: 'ip' }),
  podIP: string(6),
  podIPs: list(12, PodIP, { list: { keys: ['ip'] }, merge: 'ip' }),
  startTime: time(7, { optional: true }),
  initContainerStatuses: list(10, ContainerStatus, { list: 'atomic' }),
  containerStatuses: list(8, ContainerStatus, { list: 'atomic' }),
  qosClass: string(9, { enum: PodQOSClass }),
  ephemeralContainerStatuses: list(13, ContainerStatus, { list: 'atomic' }),
  resize: string(14, { deprecated: true }),
  resourceClaimStatuses: list(15, PodResourceClaimStatus, {
    list: { keys: ['name'] },
    merge: 'name',
    retainKeys: true,
  }),
  extendedResourceClaimStatus: message(18, PodExtendedResourceClaimStatus, { optional: true }),
  allocatedResources: map(19, 'quantity'),
  resources: message(20, ResourceRequirements, { optional: true }),
  nodeAllocatableResourceClaimStatuses: list(21, NodeAllocatableResourceClaimStatus, {
    list: 'atomic',
    disabledBy: 'DRANodeAllocatableResources',
  }),
});
export type PodStatus = Read<typeof PodStatus>;
