// Pod spec.

import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, int32, int64, list, map, message, type Read, string, struct } from '../schema.ts';
import { Affinity } from './affinity.ts';
import { Container, EphemeralContainer } from './container.ts';
import { ResourceRequirements } from './container-resources.ts';
import { LocalObjectReference } from './references.ts';
import { PodSecurityContext } from './security-context.ts';
import { Toleration } from './toleration.ts';
import { Volume } from './volume.ts';

export const PodReadinessGate = struct('core/v1.PodReadinessGate', {
  conditionType: string(1, { required: true }),
});
export type PodReadinessGate = Read<typeof PodReadinessGate>;

export const HostAlias = struct('core/v1.HostAlias', {
  ip: string(1, { required: true }),
  hostnames: list(2, 'string', { list: 'atomic' }),
});
export type HostAlias = Read<typeof HostAlias>;

export const PodDNSConfigOption = struct('core/v1.PodDNSConfigOption', {
  name: string(1),
  value: string(2, { optional: true }),
});
export type PodDNSConfigOption = Read<typeof PodDNSConfigOption>;

export const PodDNSConfig = struct('core/v1.PodDNSConfig', {
  nameservers: list(1, 'string', { list: 'atomic' }),
  searches: list(2, 'string', { list: 'atomic' }),
  options: list(3, PodDNSConfigOption, { list: 'atomic' }),
});
export type PodDNSConfig = Read<typeof PodDNSConfig>;

export const UnsatisfiableConstraintAction = ['DoNotSchedule', 'ScheduleAnyway'] as const;
export type UnsatisfiableConstraintAction = (typeof UnsatisfiableConstraintAction)[number];

export const NodeInclusionPolicy = ['Ignore', 'Honor'] as const;
export type NodeInclusionPolicy = (typeof NodeInclusionPolicy)[number];

export const TopologySpreadConstraint = struct('core/v1.TopologySpreadConstraint', {
  maxSkew: int32(1, { required: true }),
  topologyKey: string(2, { required: true }),
  whenUnsatisfiable: string(3, { required: true, enum: UnsatisfiableConstraintAction }),
  labelSelector: message(4, LabelSelector, { optional: true }),
  minDomains: int32(5, { optional: true }),
  nodeAffinityPolicy: string(6, { optional: true, enum: NodeInclusionPolicy }),
  nodeTaintsPolicy: string(7, { optional: true, enum: NodeInclusionPolicy }),
  matchLabelKeys: list(8, 'string', { list: 'atomic' }),
});
export type TopologySpreadConstraint = Read<typeof TopologySpreadConstraint>;

export const PodOS = struct('core/v1.PodOS', {
  name: string(1, { required: true }),
});
export type PodOS = Read<typeof PodOS>;

export const PodSchedulingGate = struct('core/v1.PodSchedulingGate', {
  name: string(1, { required: true }),
});
export type PodSchedulingGate = Read<typeof PodSchedulingGate>;

export const PodResourceClaim = struct('core/v1.PodResourceClaim', {
  name: string(1, { required: true }),
  resourceClaimName: string(3, { optional: true }),
  resourceClaimTemplateName: string(4, { optional: true }),
});
export type PodResourceClaim = Read<typeof PodResourceClaim>;

export const PodSchedulingGroup = struct(
  'core/v1.PodSchedulingGroup',
  {
    podGroupName: string(1, { optional: true }),
  },
  { unions: [{ members: { podGroupName: 'PodGroupName' } }] },
);
export type PodSchedulingGroup = Read<typeof PodSchedulingGroup>;

export const RestartPolicy = ['Always', 'OnFailure', 'Never'] as const;
export type RestartPolicy = (typeof RestartPolicy)[number];

export const DNSPolicy = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'] as const;
export type DNSPolicy = (typeof DNSPolicy)[number];

export const PreemptionPolicy = ['PreemptLowerPriority', 'Never'] as const;
export type PreemptionPolicy = (typeof PreemptionPolicy)[number];

export const PodSpec = struct('core/v1.PodSpec', {
  volumes: list(1, Volume, { list: { keys: ['name'] }, merge: 'name', retainKeys: true }),
  initContainers: list(20, Container, { list: { keys: ['name'] }, merge: 'name' }),
  containers: list(2, Container, { required: true, list: { keys: ['name'] }, merge: 'name' }),
  ephemeralContainers: list(34, EphemeralContainer, { list: { keys: ['name'] }, merge: 'name' }),
  restartPolicy: string(3, { defaultsTo: 'Always', enum: RestartPolicy }),
  terminationGracePeriodSeconds: int64(4, { optional: true, defaultsTo: 30 }),
  activeDeadlineSeconds: int64(5, { optional: true }),
  dnsPolicy: string(6, { defaultsTo: 'ClusterFirst', enum: DNSPolicy }),
  nodeSelector: map(7, 'string', { atomic: true }),
  serviceAccountName: string(8),
  serviceAccount: string(9, { deprecated: true }),
  automountServiceAccountToken: bool(21, { optional: true }),
  nodeName: string(10),
  hostNetwork: bool(11),
  hostPID: bool(12),
  hostIPC: bool(13),
  shareProcessNamespace: bool(27, { optional: true }),
  securityContext: message(14, PodSecurityContext, { optional: true, defaultsTo: {} }),
  imagePullSecrets: list(15, LocalObjectReference, { list: { keys: ['name'] }, merge: 'name' }),
  hostname: string(16),
  subdomain: string(17),
  affinity: message(18, Affinity, { optional: true }),
  schedulerName: string(19, { defaultsTo: 'default-scheduler' }),
  tolerations: list(22, Toleration, { list: 'atomic' }),
  hostAliases: list(23, HostAlias, { list: { keys: ['ip'] }, merge: 'ip' }),
  priorityClassName: string(24),
  priority: int32(25, { optional: true }),
  dnsConfig: message(26, PodDNSConfig, { optional: true }),
  readinessGates: list(28, PodReadinessGate, { list: 'atomic' }),
  runtimeClassName: string(29, { optional: true }),
  enableServiceLinks: bool(30, { optional: true }),
  preemptionPolicy: string(31, { optional: true, enum: PreemptionPolicy }),
  overhead: map(32, 'quantity'),
  topologySpreadConstraints: list(33, TopologySpreadConstraint, {
    list: { keys: ['topologyKey', 'whenUnsatisfiable'] },
    merge: 'topologyKey',
  }),
  setHostnameAsFQDN: bool(35, { optional: true }),
  os: message(36, PodOS, { optional: true }),
  hostUsers: bool(37, { optional: true }),
  schedulingGates: list(38, PodSchedulingGate, { list: { keys: ['name'] }, merge: 'name' }),
  resourceClaims: list(39, PodResourceClaim, { list: { keys: ['name'] }, merge: 'name', retainKeys: true }),
  resources: message(40, ResourceRequirements, { optional: true }),
  hostnameOverride: string(41, { optional: true }),
  schedulingGroup: message(43, PodSchedulingGroup, { optional: true, disabledBy: 'GenericWorkload' }),
});
export type PodSpec = Read<typeof PodSpec>;

export const PodTemplateSpec = struct('core/v1.PodTemplateSpec', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PodSpec),
});
export type PodTemplateSpec = Read<typeof PodTemplateSpec>;
