// Deployment.

import { PodTemplateSpec } from '../core/pod-spec.ts';
import { kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, int32, int64, intOrString, list, message, type Read, string, struct, time } from '../schema.ts';

export const RollingUpdateDeployment = struct('apps/v1.RollingUpdateDeployment', {
  maxUnavailable: intOrString(1, { optional: true }),
  maxSurge: intOrString(2, { optional: true }),
});
export type RollingUpdateDeployment = Read<typeof RollingUpdateDeployment>;

export const DeploymentStrategyType = ['Recreate', 'RollingUpdate'] as const;
export type DeploymentStrategyType = (typeof DeploymentStrategyType)[number];

export const DeploymentStrategy = struct('apps/v1.DeploymentStrategy', {
  type: string(1, { enum: DeploymentStrategyType }),
  rollingUpdate: message(2, RollingUpdateDeployment, { optional: true }),
});
export type DeploymentStrategy = Read<typeof DeploymentStrategy>;

export const DeploymentSpec = struct('apps/v1.DeploymentSpec', {
  replicas: int32(1, { optional: true }),
  selector: message(2, LabelSelector, { required: true, optional: true }),
  template: message(3, PodTemplateSpec, { required: true }),
  strategy: message(4, DeploymentStrategy, { retainKeys: true }),
  minReadySeconds: int32(5),
  revisionHistoryLimit: int32(6, { optional: true }),
  paused: bool(7),
  progressDeadlineSeconds: int32(9, { optional: true }),
});
export type DeploymentSpec = Read<typeof DeploymentSpec>;

export const DeploymentCondition = struct('apps/v1.DeploymentCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastUpdateTime: time(6),
  lastTransitionTime: time(7),
  reason: string(4),
  message: string(5),
});
export type DeploymentCondition = Read<typeof DeploymentCondition>;

export const DeploymentStatus = struct('apps/v1.DeploymentStatus', {
  observedGeneration: int64(1),
  replicas: int32(2),
  updatedReplicas: int32(3),
  readyReplicas: int32(7),
  availableReplicas: int32(4),
  unavailableReplicas: int32(5),
  terminatingReplicas: int32(9, { optional: true }),
  conditions: list(6, DeploymentCondition, { list: { keys: ['type'] }, merge: 'type' }),
  collisionCount: int32(8, { optional: true }),
});
export type DeploymentStatus = Read<typeof DeploymentStatus>;

export const Deployment = kind({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  scope: 'Namespaced',
  shortNames: ['deploy'],
  categories: ['all'],
  schema: struct('apps/v1.Deployment', {
    metadata: message(1, ObjectMeta),
    spec: message(2, DeploymentSpec),
    status: message(3, DeploymentStatus),
  }),
  subresources: {
    scale: {
      type: 'scale',
      replicas: ['spec', 'replicas'],
      statusReplicas: ['status', 'replicas'],
      selector: ['spec', 'selector'],
    },
    status: { type: 'status' },
  },
});
export type Deployment = ObjectOf<typeof Deployment>;
