// StatefulSet.

import { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts';
import { PodTemplateSpec } from '../core/pod-spec.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn, templateColumns } from '../printing.ts';
import { int32, int64, intOrString, list, message, type Read, string, struct, time } from '../schema.ts';
import {
  validateStatefulSet,
  validateStatefulSetCreate,
  validateStatefulSetStatusUpdate,
  validateStatefulSetUpdate,
} from './stateful-set-validation.ts';
import { statefulSetWarnings } from './stateful-set-warnings.ts';
import { defaultStatefulSet } from './workload-defaults.ts';

export const RollingUpdateStatefulSetStrategy = struct('apps/v1.RollingUpdateStatefulSetStrategy', {
  partition: int32(1, { optional: true }),
  maxUnavailable: intOrString(2, { optional: true, disabledBy: 'MaxUnavailableStatefulSet' }),
});
export type RollingUpdateStatefulSetStrategy = Read<typeof RollingUpdateStatefulSetStrategy>;

export const StatefulSetUpdateStrategyType = ['RollingUpdate', 'OnDelete'] as const;
export type StatefulSetUpdateStrategyType = (typeof StatefulSetUpdateStrategyType)[number];

export const StatefulSetUpdateStrategy = struct('apps/v1.StatefulSetUpdateStrategy', {
  type: string(1, { enum: StatefulSetUpdateStrategyType, ownRules: true }),
  rollingUpdate: message(2, RollingUpdateStatefulSetStrategy, { optional: true }),
});
export type StatefulSetUpdateStrategy = Read<typeof StatefulSetUpdateStrategy>;

export const StatefulSetPersistentVolumeClaimRetentionPolicy = struct(
  'apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy',
  {
    whenDeleted: string(1, { defaultsTo: 'Retain' }),
    whenScaled: string(2, { defaultsTo: 'Retain' }),
  },
);
export type StatefulSetPersistentVolumeClaimRetentionPolicy = Read<
  typeof StatefulSetPersistentVolumeClaimRetentionPolicy
>;

export const StatefulSetOrdinals = struct('apps/v1.StatefulSetOrdinals', {
  start: int32(1, { omit: 'never' }),
});
export type StatefulSetOrdinals = Read<typeof StatefulSetOrdinals>;

export const PodManagementPolicyType = ['OrderedReady', 'Parallel'] as const;
export type PodManagementPolicyType = (typeof PodManagementPolicyType)[number];

/** A claim inside another object says what it is, which protobuf leaves out. */
const VolumeClaimTemplate = struct('core/v1.PersistentVolumeClaim', {
  kind: string(0, { defaultsTo: 'PersistentVolumeClaim' }),
  apiVersion: string(0, { defaultsTo: 'v1' }),
  ...PersistentVolumeClaim.schema.fields,
});

export const StatefulSetSpec = struct('apps/v1.StatefulSetSpec', {
  replicas: int32(1, { optional: true, defaultsTo: 1 }),
  selector: message(2, LabelSelector, { required: true, optional: true }),
  template: message(3, PodTemplateSpec, { required: true }),
  volumeClaimTemplates: list(4, VolumeClaimTemplate, { list: 'atomic' }),
  serviceName: string(5, { omit: 'never' }),
  podManagementPolicy: string(6, { defaultsTo: 'OrderedReady', enum: PodManagementPolicyType }),
  updateStrategy: message(7, StatefulSetUpdateStrategy),
  revisionHistoryLimit: int32(8, { optional: true, defaultsTo: 10 }),
  minReadySeconds: int32(9),
  persistentVolumeClaimRetentionPolicy: message(10, StatefulSetPersistentVolumeClaimRetentionPolicy, {
    optional: true,
    defaultsTo: {},
  }),
  ordinals: message(11, StatefulSetOrdinals, { optional: true }),
});
export type StatefulSetSpec = Read<typeof StatefulSetSpec>;

export const StatefulSetCondition = struct('apps/v1.StatefulSetCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastTransitionTime: time(3),
  reason: string(4),
  message: string(5),
});
export type StatefulSetCondition = Read<typeof StatefulSetCondition>;

export const StatefulSetStatus = struct('apps/v1.StatefulSetStatus', {
  observedGeneration: int64(1),
  replicas: int32(2, { required: true }),
  readyReplicas: int32(3),
  currentReplicas: int32(4),
  updatedReplicas: int32(5),
  currentRevision: string(6),
  updateRevision: string(7),
  collisionCount: int32(9, { optional: true }),
  conditions: list(10, StatefulSetCondition, { list: { keys: ['type'] }, merge: 'type' }),
  availableReplicas: int32(11, { omit: 'never' }),
});
export type StatefulSetStatus = Read<typeof StatefulSetStatus>;

const schema = struct('apps/v1.StatefulSet', {
  metadata: message(1, ObjectMeta),
  spec: message(2, StatefulSetSpec),
  status: message(3, StatefulSetStatus),
});
export type StatefulSet = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const StatefulSet = kind({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  scope: 'Namespaced',
  shortNames: ['sts'],
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
  nameRule: 'dns1123Label',
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      description: 'Pods that are ready, of those that are wanted.',
      value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    ageColumn,
    ...templateColumns<StatefulSet>(({ spec }) => spec.template.spec.containers),
  ],
  defaults: defaultStatefulSet,
  validate: validateStatefulSet,
  validateCreate: validateStatefulSetCreate,
  validateUpdate: validateStatefulSetUpdate,
  validateStatusUpdate: validateStatefulSetStatusUpdate,
  warnings: statefulSetWarnings,
});
