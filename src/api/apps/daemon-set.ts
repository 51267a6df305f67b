// DaemonSet.

import { PodTemplateSpec } from '../core/pod-spec.ts';
import { kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { int32, int64, intOrString, list, message, type Read, string, struct, time } from '../schema.ts';

export const RollingUpdateDaemonSet = struct('apps/v1.RollingUpdateDaemonSet', {
  maxUnavailable: intOrString(1, { optional: true }),
  maxSurge: intOrString(2, { optional: true }),
});
export type RollingUpdateDaemonSet = Read<typeof RollingUpdateDaemonSet>;

export const DaemonSetUpdateStrategyType = ['RollingUpdate', 'OnDelete'] as const;
export type DaemonSetUpdateStrategyType = (typeof DaemonSetUpdateStrategyType)[number];

export const DaemonSetUpdateStrategy = struct('apps/v1.DaemonSetUpdateStrategy', {
  type: string(1, { enum: DaemonSetUpdateStrategyType }),
  rollingUpdate: message(2, RollingUpdateDaemonSet, { optional: true }),
});
export type DaemonSetUpdateStrategy = Read<typeof DaemonSetUpdateStrategy>;

export const DaemonSetSpec = struct('apps/v1.DaemonSetSpec', {
  selector: message(1, LabelSelector, { required: true, optional: true }),
  template: message(2, PodTemplateSpec, { required: true }),
  updateStrategy: message(3, DaemonSetUpdateStrategy),
  minReadySeconds: int32(4),
  revisionHistoryLimit: int32(6, { optional: true }),
});
export type DaemonSetSpec = Read<typeof DaemonSetSpec>;

export const DaemonSetCondition = struct('apps/v1.DaemonSetCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastTransitionTime: time(3),
  reason: string(4),
  message: string(5),
});
export type DaemonSetCondition = Read<typeof DaemonSetCondition>;

export const DaemonSetStatus = struct('apps/v1.DaemonSetStatus', {
  currentNumberScheduled: int32(1, { required: true }),
  numberMisscheduled: int32(2, { required: true }),
  desiredNumberScheduled: int32(3, { required: true }),
  numberReady: int32(4, { required: true }),
  observedGeneration: int64(5),
  updatedNumberScheduled: int32(6),
  numberAvailable: int32(7),
  numberUnavailable: int32(8),
  collisionCount: int32(9, { optional: true }),
  conditions: list(10, DaemonSetCondition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type DaemonSetStatus = Read<typeof DaemonSetStatus>;

export const DaemonSet = kind({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  scope: 'Namespaced',
  shortNames: ['ds'],
  categories: ['all'],
  schema: struct('apps/v1.DaemonSet', {
    metadata: message(1, ObjectMeta),
    spec: message(2, DaemonSetSpec),
    status: message(3, DaemonSetStatus),
  }),
  subresources: {
    status: { type: 'status' },
  },
});
export type DaemonSet = ObjectOf<typeof DaemonSet>;
