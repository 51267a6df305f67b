// ReplicaSet.

import { defaultPodSpec } from '../core/pod-defaults.ts';
import { PodTemplateSpec } from '../core/pod-spec.ts';
import { replicatedWarnings } from '../core/pod-warnings.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, formatLabelSelector, nameColumn, templateColumns } from '../printing.ts';
import { int32, int64, list, message, type Read, string, struct, time } from '../schema.ts';
import {
  validateReplicaSet,
  validateReplicaSetStatusUpdate,
  validateReplicaSetUpdate,
} from './replica-set-validation.ts';

export const ReplicaSetSpec = struct('apps/v1.ReplicaSetSpec', {
  replicas: int32(1, { optional: true, defaultsTo: 1 }),
  minReadySeconds: int32(4),
  selector: message(2, LabelSelector, { required: true, optional: true }),
  template: message(3, PodTemplateSpec),
});
export type ReplicaSetSpec = Read<typeof ReplicaSetSpec>;

export const ReplicaSetCondition = struct('apps/v1.ReplicaSetCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastTransitionTime: time(3),
  reason: string(4),
  message: string(5),
});
export type ReplicaSetCondition = Read<typeof ReplicaSetCondition>;

export const ReplicaSetStatus = struct('apps/v1.ReplicaSetStatus', {
  replicas: int32(1, { required: true }),
  fullyLabeledReplicas: int32(2),
  readyReplicas: int32(4),
  availableReplicas: int32(5),
  terminatingReplicas: int32(7, { optional: true }),
  observedGeneration: int64(3),
  conditions: list(6, ReplicaSetCondition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type ReplicaSetStatus = Read<typeof ReplicaSetStatus>;

const schema = struct('apps/v1.ReplicaSet', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ReplicaSetSpec),
  status: message(3, ReplicaSetStatus),
});
export type ReplicaSet = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const ReplicaSet = kind({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  scope: 'Namespaced',
  shortNames: ['rs'],
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
    ...templateColumns<ReplicaSet>(({ spec }) => spec.template.spec.containers),
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      description: 'Labels of the pods that belong to the replica set.',
      value: ({ spec }) => formatLabelSelector(spec.selector),
    },
  ],
  defaults({ spec }) {
    defaultPodSpec(spec.template.spec);
  },
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  validateStatusUpdate: validateReplicaSetStatusUpdate,
  warnings: replicatedWarnings,
});
