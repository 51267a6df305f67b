// ReplicaSet.

import { PodTemplateSpec } from '../core/pod-spec.ts';
import { kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { int32, int64, list, message, type Read, string, struct, time } from '../schema.ts';

export const ReplicaSetSpec = struct('apps/v1.ReplicaSetSpec', {
  replicas: int32(1, { optional: true }),
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

export const ReplicaSet = kind({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  scope: 'Namespaced',
  shortNames: ['rs'],
  categories: ['all'],
  schema: struct('apps/v1.ReplicaSet', {
    metadata: message(1, ObjectMeta),
    spec: message(2, ReplicaSetSpec),
    status: message(3, ReplicaSetStatus),
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
export type ReplicaSet = ObjectOf<typeof ReplicaSet>;
