// Deployment.

import { PodTemplateSpec } from '../core/pod-spec.ts';
import { replicatedWarnings } from '../core/pod-warnings.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { restoreMetadata } from '../metadata-restore.ts';
import { ageColumn, formatLabelSelector, nameColumn, templateColumns } from '../printing.ts';
import { bool, int32, int64, intOrString, list, message, type Read, string, struct, time } from '../schema.ts';
import {
  validateDeployment,
  validateDeploymentStatusUpdate,
  validateDeploymentUpdate,
} from './deployment-validation.ts';
import { defaultDeployment } from './workload-defaults.ts';

export const RollingUpdateDeployment = struct('apps/v1.RollingUpdateDeployment', {
  maxUnavailable: intOrString(1, { optional: true }),
  maxSurge: intOrString(2, { optional: true }),
});
export type RollingUpdateDeployment = Read<typeof RollingUpdateDeployment>;

export const DeploymentStrategyType = ['Recreate', 'RollingUpdate'] as const;
export type DeploymentStrategyType = (typeof DeploymentStrategyType)[number];

export const DeploymentStrategy = struct('apps/v1.DeploymentStrategy', {
  type: string(1, { defaultsTo: 'RollingUpdate', enum: DeploymentStrategyType, ownRules: true }),
  rollingUpdate: message(2, RollingUpdateDeployment, { optional: true }),
});
export type DeploymentStrategy = Read<typeof DeploymentStrategy>;

export const DeploymentSpec = struct('apps/v1.DeploymentSpec', {
  replicas: int32(1, { optional: true, defaultsTo: 1 }),
  selector: message(2, LabelSelector, { required: true, optional: true }),
  template: message(3, PodTemplateSpec, { required: true }),
  strategy: message(4, DeploymentStrategy, { retainKeys: true }),
  minReadySeconds: int32(5),
  revisionHistoryLimit: int32(6, { optional: true, defaultsTo: 10 }),
  paused: bool(7),
  progressDeadlineSeconds: int32(9, { optional: true, defaultsTo: 600 }),
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

const schema = struct('apps/v1.Deployment', {
  metadata: message(1, ObjectMeta),
  spec: message(2, DeploymentSpec),
  status: message(3, DeploymentStatus),
});
export type Deployment = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const Deployment = kind({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  scope: 'Namespaced',
  shortNames: ['deploy'],
  categories: ['all'],
  schema,
  subresources: {
    scale: {
      type: 'scale',
      replicas: ['spec', 'replicas'],
      statusReplicas: ['status', 'replicas'],
      selector: ['spec', 'selector'],
    },
    status: { type: 'status', resets: [['metadata', 'labels']] },
  },
  generation: [['spec'], ['metadata', 'annotations']],
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      description: 'Pods that are ready, of those that are wanted.',
      value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    {
      name: 'Up-to-date',
      type: 'string',
      description: 'Pods that are made from the newest template.',
      value: ({ status }) => status.updatedReplicas ?? 0,
    },
    {
      name: 'Available',
      type: 'string',
      description: 'Pods that have been ready for long enough.',
      value: ({ status }) => status.availableReplicas ?? 0,
    },
    ageColumn,
    ...templateColumns<Deployment>(({ spec }) => spec.template.spec.containers),
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      description: 'Labels of the pods that belong to the deployment.',
      value: ({ spec }) => formatLabelSelector(spec.selector),
    },
  ],
  defaults: defaultDeployment,
  prepareForStatusUpdate(deployment, previous) {
    restoreMetadata(deployment.metadata, previous.metadata, ['labels']);
  },
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  validateStatusUpdate: validateDeploymentStatusUpdate,
  warnings: replicatedWarnings,
});
