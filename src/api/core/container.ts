// Container.

import { bool, inline, int32, list, message, type Read, string, struct } from '../schema.ts';
import { EnvFromSource, EnvVar } from './container-env.ts';
import { ResourceRequirements } from './container-resources.ts';
import { Lifecycle, Probe } from './probe.ts';
import { SecurityContext } from './security-context.ts';

export const Protocol = ['TCP', 'UDP', 'SCTP'] as const;
export type Protocol = (typeof Protocol)[number];

export const ContainerPort = struct('core/v1.ContainerPort', {
  name: string(1),
  hostPort: int32(2),
  containerPort: int32(3, { required: true }),
  protocol: string(4, { default: 'TCP', enum: Protocol }),
  hostIP: string(5),
});
export type ContainerPort = Read<typeof ContainerPort>;

export const MountPropagationMode = ['None', 'HostToContainer', 'Bidirectional'] as const;
export type MountPropagationMode = (typeof MountPropagationMode)[number];

export const VolumeMount = struct('core/v1.VolumeMount', {
  name: string(1, { required: true }),
  readOnly: bool(2),
  recursiveReadOnly: string(7, { optional: true }),
  mountPath: string(3, { required: true }),
  subPath: string(4),
  /** Upstream names the list of mounts where it is wrong. */
  mountPropagation: string(5, { optional: true, enum: MountPropagationMode, ownRules: true }),
  subPathExpr: string(6),
});
export type VolumeMount = Read<typeof VolumeMount>;

export const VolumeDevice = struct('core/v1.VolumeDevice', {
  name: string(1, { required: true }),
  devicePath: string(2, { required: true }),
});
export type VolumeDevice = Read<typeof VolumeDevice>;

export const ContainerResizePolicy = struct('core/v1.ContainerResizePolicy', {
  resourceName: string(1, { required: true }),
  restartPolicy: string(2, { required: true }),
});
export type ContainerResizePolicy = Read<typeof ContainerResizePolicy>;

export const ContainerRestartRuleOnExitCodes = struct('core/v1.ContainerRestartRuleOnExitCodes', {
  operator: string(1, { required: true, omit: 'empty' }),
  values: list(2, 'int32', { list: 'set' }),
});
export type ContainerRestartRuleOnExitCodes = Read<typeof ContainerRestartRuleOnExitCodes>;

export const ContainerRestartRule = struct('core/v1.ContainerRestartRule', {
  action: string(1, { required: true, omit: 'empty' }),
  exitCodes: message(2, ContainerRestartRuleOnExitCodes, { optional: true }),
});
export type ContainerRestartRule = Read<typeof ContainerRestartRule>;

export const TerminationMessagePolicy = ['File', 'FallbackToLogsOnError'] as const;
export type TerminationMessagePolicy = (typeof TerminationMessagePolicy)[number];

export const PullPolicy = ['Always', 'Never', 'IfNotPresent'] as const;
export type PullPolicy = (typeof PullPolicy)[number];

export const Container = struct('core/v1.Container', {
  name: string(1, { required: true }),
  image: string(2),
  command: list(3, 'string', { list: 'atomic' }),
  args: list(4, 'string', { list: 'atomic' }),
  workingDir: string(5),
  ports: list(6, ContainerPort, { list: { keys: ['containerPort', 'protocol'] }, merge: 'containerPort' }),
  envFrom: list(19, EnvFromSource, { list: 'atomic' }),
  env: list(7, EnvVar, { list: { keys: ['name'] }, merge: 'name' }),
  resources: message(8, ResourceRequirements),
  resizePolicy: list(23, ContainerResizePolicy, { list: 'atomic' }),
  restartPolicy: string(24, { optional: true }),
  restartPolicyRules: list(25, ContainerRestartRule, { list: 'atomic' }),
  volumeMounts: list(9, VolumeMount, { list: { keys: ['mountPath'] }, merge: 'mountPath' }),
  volumeDevices: list(21, VolumeDevice, { list: { keys: ['devicePath'] }, merge: 'devicePath' }),
  livenessProbe: message(10, Probe, { optional: true }),
  readinessProbe: message(11, Probe, { optional: true }),
  startupProbe: message(22, Probe, { optional: true }),
  lifecycle: message(12, Lifecycle, { optional: true }),
  terminationMessagePath: string(13, { defaultsTo: '/dev/termination-log' }),
  terminationMessagePolicy: string(20, { defaultsTo: 'File', enum: TerminationMessagePolicy }),
  imagePullPolicy: string(14, { enum: PullPolicy }),
  securityContext: message(15, SecurityContext, { optional: true }),
  stdin: bool(16),
  stdinOnce: bool(17),
  tty: bool(18),
});
export type Container = Read<typeof Container>;

export const EphemeralContainerCommon = struct('core/v1.EphemeralContainerCommon', {
  name: string(1, { required: true }),
  image: string(2),
  command: list(3, 'string', { list: 'atomic' }),
  args: list(4, 'string', { list: 'atomic' }),
  workingDir: string(5),
  ports: list(6, ContainerPort, { list: { keys: ['containerPort', 'protocol'] }, merge: 'containerPort' }),
  envFrom: list(19, EnvFromSource, { list: 'atomic' }),
  env: list(7, EnvVar, { list: { keys: ['name'] }, merge: 'name' }),
  resources: message(8, ResourceRequirements),
  resizePolicy: list(23, ContainerResizePolicy, { list: 'atomic' }),
  restartPolicy: string(24, { optional: true }),
  restartPolicyRules: list(25, ContainerRestartRule, { list: 'atomic' }),
  volumeMounts: list(9, VolumeMount, { list: { keys: ['mountPath'] }, merge: 'mountPath' }),
  volumeDevices: list(21, VolumeDevice, { list: { keys: ['devicePath'] }, merge: 'devicePath' }),
  livenessProbe: message(10, Probe, { optional: true }),
  readinessProbe: message(11, Probe, { optional: true }),
  startupProbe: message(22, Probe, { optional: true }),
  lifecycle: message(12, Lifecycle, { optional: true }),
  terminationMessagePath: string(13, { defaultsTo: '/dev/termination-log' }),
  terminationMessagePolicy: string(20, { defaultsTo: 'File', enum: TerminationMessagePolicy }),
  imagePullPolicy: string(14, { enum: PullPolicy }),
  securityContext: message(15, SecurityContext, { optional: true }),
  stdin: bool(16),
  stdinOnce: bool(17),
  tty: bool(18),
});
export type EphemeralContainerCommon = Read<typeof EphemeralContainerCommon>;

export const EphemeralContainer = struct('core/v1.EphemeralContainer', {
  ephemeralContainerCommon: inline(1, EphemeralContainerCommon, { omit: 'never' }),
  targetContainerName: string(2),
});
export type EphemeralContainer = Read<typeof EphemeralContainer>;
