// HorizontalPodAutoscaler.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { int32, int64, list, message, type Read, string, struct, time } from '../schema.ts';
import { autoscalerColumns } from './autoscaler-columns.ts';
import { defaultAutoscaler } from './autoscaler-defaults.ts';
import {
  validateAutoscaler,
  validateAutoscalerCreate,
  validateAutoscalerStatusUpdate,
  validateAutoscalerUpdate,
} from './autoscaler-validation.ts';
import {
  CrossVersionObjectReference,
  HorizontalPodAutoscalerBehavior,
  MetricSpec,
  MetricStatus,
} from './metrics-v2.ts';

export const HorizontalPodAutoscalerSpec = struct('autoscaling/v2.HorizontalPodAutoscalerSpec', {
  scaleTargetRef: message(1, CrossVersionObjectReference, { required: true }),
  minReplicas: int32(2, { optional: true, defaultsTo: 1 }),
  maxReplicas: int32(3, { required: true }),
  metrics: list(4, MetricSpec, { list: 'atomic' }),
  behavior: message(5, HorizontalPodAutoscalerBehavior, { optional: true }),
});
export type HorizontalPodAutoscalerSpec = Read<typeof HorizontalPodAutoscalerSpec>;

export const HorizontalPodAutoscalerCondition = struct('autoscaling/v2.HorizontalPodAutoscalerCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastTransitionTime: time(3),
  reason: string(4),
  message: string(5),
});
export type HorizontalPodAutoscalerCondition = Read<typeof HorizontalPodAutoscalerCondition>;

export const HorizontalPodAutoscalerStatus = struct('autoscaling/v2.HorizontalPodAutoscalerStatus', {
  observedGeneration: int64(1, { optional: true }),
  lastScaleTime: time(2, { optional: true }),
  currentReplicas: int32(3),
  desiredReplicas: int32(4, { required: true }),
  currentMetrics: list(5, MetricStatus, { omit: 'never', list: 'atomic' }),
  conditions: list(6, HorizontalPodAutoscalerCondition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type HorizontalPodAutoscalerStatus = Read<typeof HorizontalPodAutoscalerStatus>;

const schema = struct('autoscaling/v2.HorizontalPodAutoscaler', {
  metadata: message(1, ObjectMeta),
  spec: message(2, HorizontalPodAutoscalerSpec, { required: true, omit: 'empty' }),
  status: message(3, HorizontalPodAutoscalerStatus),
});
export type HorizontalPodAutoscaler = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const HorizontalPodAutoscaler = kind({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
  shortNames: ['hpa'],
  categories: ['all'],
  schema,
  subresources: {
    status: { type: 'status' },
  },
  columns: autoscalerColumns,
  defaults: defaultAutoscaler,
  validate: validateAutoscaler,
  validateCreate: validateAutoscalerCreate,
  validateUpdate: validateAutoscalerUpdate,
  validateStatusUpdate: validateAutoscalerStatusUpdate,
});
