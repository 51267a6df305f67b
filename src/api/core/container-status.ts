// Container status.

import { bool, int32, int64, list, map, message, type Read, string, struct, time } from '../schema.ts';
import { ResourceRequirements } from './container-resources.ts';
import { Signal } from './probe.ts';

export const ContainerStateWaiting = struct('core/v1.ContainerStateWaiting', {
  reason: string(1),
  message: string(2),
});
export type ContainerStateWaiting = Read<typeof ContainerStateWaiting>;

export const ContainerStateRunning = struct('core/v1.ContainerStateRunning', {
  startedAt: time(1),
});
export type ContainerStateRunning = Read<typeof ContainerStateRunning>;

export const ContainerStateTerminated = struct('core/v1.ContainerStateTerminated', {
  exitCode: int32(1, { required: true }),
  signal: int32(2),
  reason: string(3),
  message: string(4),
  startedAt: time(5),
  finishedAt: time(6),
  containerID: string(7),
});
export type ContainerStateTerminated = Read<typeof ContainerStateTerminated>;

export const ContainerState = struct('core/v1.ContainerState', {
  waiting: message(1, ContainerStateWaiting, { optional: true }),
  running: message(2, ContainerStateRunning, { optional: true }),
  terminated: message(3, ContainerStateTerminated, { optional: true }),
});
export type ContainerState = Read<typeof ContainerState>;

export const ImageVolumeStatus = struct('core/v1.ImageVolumeStatus', {
  imageRef: string(1, { required: true, omit: 'empty' }),
});
export type ImageVolumeStatus = Read<typeof ImageVolumeStatus>;

export const VolumeStatus = struct('core/v1.VolumeStatus', {
  image: message(1, ImageVolumeStatus, { optional: true, disabledBy: 'ImageVolumeWithDigest' }),
});
export type VolumeStatus = Read<typeof VolumeStatus>;

export const VolumeMountStatus = struct('core/v1.VolumeMountStatus', {
  name: string(1, { required: true }),
  mountPath: string(2, { required: true }),
  readOnly: bool(3),
  recursiveReadOnly: string(4, { optional: true }),
  volumeStatus: message(5, VolumeStatus, { optional: true }),
});
export type VolumeMountStatus = Read<typeof VolumeMountStatus>;

export const LinuxContainerUser = struct('core/v1.LinuxContainerUser', {
  uid: int64(1, { required: true }),
  gid: int64(2, { required: true }),
  supplementalGroups: list(3, 'int64', { list: 'atomic' }),
});
export type LinuxContainerUser = Read<typeof LinuxContainerUser>;

export const ContainerUser = struct('core/v1.ContainerUser', {
  linux: message(1, LinuxContainerUser, { optional: true }),
});
export type ContainerUser = Read<typeof ContainerUser>;

export const ResourceHealth = struct('core/v1.ResourceHealth', {
  resourceID: string(1, { required: true }),
  health: string(2),
  message: string(6, { optional: true }),
});
export type ResourceHealth = Read<typeof ResourceHealth>;

export const ResourceStatus = struct('core/v1.ResourceStatus', {
  name: string(1, { required: true }),
  resources: list(2, ResourceHealth, { list: { keys: ['resourceID'] } }),
});
export type ResourceStatus = Read<typeof ResourceStatus>;

export const ContainerStatus = struct('core/v1.ContainerStatus', {
  name: string(1, { required: true }),
  state: message(2, ContainerState),
  lastState: message(3, ContainerState),
  ready: bool(4, { required: true }),
  restartCount: int32(5, { required: true }),
  image: string(6, { required: true }),
  imageID: string(7, { required: true }),
  containerID: string(8),
  started: bool(9, { optional: true }),
  allocatedResources: map(10, 'quantity'),
  resources: message(11, ResourceRequirements, { optional: true }),
  volumeMounts: list(12, VolumeMountStatus, { list: { keys: ['mountPath'] }, merge: 'mountPath' }),
  user: message(13, ContainerUser, { optional: true }),
  allocatedResourcesStatus: list(14, ResourceStatus, { list: { keys: ['name'] }, merge: 'name' }),
  stopSignal: string(15, { optional: true, enum: Signal }),
});
export type ContainerStatus = Read<typeof ContainerStatus>;
