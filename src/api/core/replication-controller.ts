// ReplicationController.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, formatLabels, nameColumn, templateColumns } from '../printing.ts';
import { int32, int64, list, map, message, type Read, string, struct, time } from '../schema.ts';
import { PodTemplateSpec } from './pod-spec.ts';
import { replicatedWarnings } from './pod-warnings.ts';
import { defaultReplicationController } from './replication-controller-defaults.ts';
import {
  validateReplicationController,
  validateReplicationControllerStatusUpdate,
} from './replication-controller-validation.ts';

export const ReplicationControllerSpec = struct('core/v1.ReplicationControllerSpec', {
  replicas: int32(1, { optional: true, default: 1 }),
  minReadySeconds: int32(4, { default: 0 }),
  selector: map(2, 'string', { atomic: true }),
  template: message(3, PodTemplateSpec, { optional: true }),
});
export type ReplicationControllerSpec = Read<typeof ReplicationControllerSpec>;

export const ReplicationControllerCondition = struct('core/v1.ReplicationControllerCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastTransitionTime: time(3),
  reason: string(4),
  message: string(5),
});
export type ReplicationControllerCondition = Read<typeof ReplicationControllerCondition>;

export const ReplicationControllerStatus = struct('core/v1.ReplicationControllerStatus', {
  replicas: int32(1, { required: true }),
  fullyLabeledReplicas: int32(2),
  readyReplicas: int32(4),
  availableReplicas: int32(5),
  observedGeneration: int64(3),
  conditions: list(6, ReplicationControllerCondition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type ReplicationControllerStatus = Read<typeof ReplicationControllerStatus>;

const schema = struct('core/v1.ReplicationController', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ReplicationControllerSpec),
  status: message(3, ReplicationControllerStatus),
});
export type ReplicationController = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const ReplicationController = kind({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  scope: 'Namespaced',
  shortNames: ['rc'],
  categories: ['all'],
  schema,
  subresources: {
    scale: {
      type: 'scale',
      replicas: ['spec', 'replicas'],
      statusReplicas: ['status', 'replicas'],
      selector: ['spec', 'selector'],
    },
    status: { type: 'status' },
  },
  generation: [['spec']],
  selectableFields: { 'status.replicas': ({ status }) => String(status.replicas) },
  columns: [
    nameColumn,
    {
      name: 'Desired',
      type: 'integer',
      description: 'Number of pods that are wanted.',
      value: ({ spec }) => spec.replicas ?? 0,
    },
    {
      name: 'Current',
      type: 'integer',
      description: 'Number of pods that exist.',
      value: ({ status }) => status.replicas,
    },
    {
      name: 'Ready',
      type: 'integer',
      description: 'Number of pods that are ready.',
      value: ({ status }) => status.readyReplicas ?? 0,
    },
    ageColumn,
    ...templateColumns<ReplicationController>(({ spec }) => spec.template?.spec.containers),
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      description: 'Labels of the pods that belong to the controller.',
      value: ({ spec }) => formatLabels(spec.selector),
    },
  ],
  defaults: defaultReplicationController,
  validate: validateReplicationController,
  validateStatusUpdate: validateReplicationControllerStatusUpdate,
  warnings: replicatedWarnings,
});
