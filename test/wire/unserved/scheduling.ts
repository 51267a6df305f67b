// Types of scheduling that v1.36 knows and serves nothing as unless it is told to.

import { CustomResourceSubresourceStatus } from '../../../src/api/apiextensions/custom-resource-definition.ts';
import { PodResourceClaimStatus } from '../../../src/api/core/pod-status.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { Condition } from '../../../src/api/meta/condition.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { int32, list, message, string, struct } from '../../../src/api/schema.ts';

const WorkloadPodGroupTemplateReference = struct('scheduling.k8s.io/v1alpha2.WorkloadPodGroupTemplateReference', {
  workloadName: string(1, { required: true }),
  podGroupTemplateName: string(2, { required: true }),
});

const PodGroupTemplateReference = struct('scheduling.k8s.io/v1alpha2.PodGroupTemplateReference', {
  workload: message(1, WorkloadPodGroupTemplateReference, { optional: true, omit: 'never' }),
});

const GangSchedulingPolicy = struct('scheduling.k8s.io/v1alpha2.GangSchedulingPolicy', {
  minCount: int32(1, { required: true }),
});

const PodGroupSchedulingPolicy = struct('scheduling.k8s.io/v1alpha2.PodGroupSchedulingPolicy', {
  basic: message(1, CustomResourceSubresourceStatus, { optional: true }),
  gang: message(2, GangSchedulingPolicy, { optional: true }),
});

const TopologyConstraint = struct('scheduling.k8s.io/v1alpha2.TopologyConstraint', {
  key: string(1, { required: true }),
});

const PodGroupSchedulingConstraints = struct('scheduling.k8s.io/v1alpha2.PodGroupSchedulingConstraints', {
  topology: list(1, TopologyConstraint),
});

const PodGroupResourceClaim = struct('scheduling.k8s.io/v1alpha2.PodGroupResourceClaim', {
  name: string(1, { required: true }),
  resourceClaimName: string(2, { optional: true }),
  resourceClaimTemplateName: string(3, { optional: true }),
});

const PodGroupSpec = struct('scheduling.k8s.io/v1alpha2.PodGroupSpec', {
  podGroupTemplateRef: message(1, PodGroupTemplateReference, { optional: true, omit: 'never' }),
  schedulingPolicy: message(2, PodGroupSchedulingPolicy),
  schedulingConstraints: message(3, PodGroupSchedulingConstraints, { optional: true }),
  resourceClaims: list(4, PodGroupResourceClaim),
  disruptionMode: string(5, { optional: true }),
  priorityClassName: string(6),
  priority: int32(7, { optional: true }),
});

const PodGroupStatus = struct('scheduling.k8s.io/v1alpha2.PodGroupStatus', {
  conditions: list(1, Condition),
  resourceClaimStatuses: list(2, PodResourceClaimStatus),
});

const PodGroup = struct('scheduling.k8s.io/v1alpha2.PodGroup', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PodGroupSpec),
  status: message(3, PodGroupStatus),
});

const TypedLocalObjectReference = struct('scheduling.k8s.io/v1alpha2.TypedLocalObjectReference', {
  apiGroup: string(1),
  kind: string(2, { required: true }),
  name: string(3, { required: true }),
});

const PodGroupTemplate = struct('scheduling.k8s.io/v1alpha2.PodGroupTemplate', {
  name: string(1, { required: true }),
  schedulingPolicy: message(2, PodGroupSchedulingPolicy),
  schedulingConstraints: message(3, PodGroupSchedulingConstraints, { optional: true, omit: 'never' }),
  resourceClaims: list(4, PodGroupResourceClaim),
  disruptionMode: string(5, { optional: true }),
  priorityClassName: string(6),
  priority: int32(7, { optional: true }),
});

const WorkloadSpec = struct('scheduling.k8s.io/v1alpha2.WorkloadSpec', {
  controllerRef: message(1, TypedLocalObjectReference, { optional: true }),
  podGroupTemplates: list(2, PodGroupTemplate, { required: true }),
});

const Workload = struct('scheduling.k8s.io/v1alpha2.Workload', {
  metadata: message(1, ObjectMeta),
  spec: message(2, WorkloadSpec),
});

export const SCHEDULING_TYPES: readonly ObjectType[] = [
  { group: 'scheduling.k8s.io', version: 'v1alpha2', kind: 'PodGroup', schema: PodGroup },
  { group: 'scheduling.k8s.io', version: 'v1alpha2', kind: 'Workload', schema: Workload },
];
