// HorizontalPodAutoscaler.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { int32, int64, message, type Read, string, struct, time } from '../schema.ts';

export const CrossVersionObjectReference = struct(
  'autoscaling/v1.CrossVersionObjectReference',
  {
    kind: string(1, { required: true }),
    name: string(2, { required: true }),
    apiVersion: string(3),
  },
  { atomic: true },
);
export type CrossVersionObjectReference = Read<typeof CrossVersionObjectReference>;

export const HorizontalPodAutoscalerSpec = struct('autoscaling/v1.HorizontalPodAutoscalerSpec', {
  scaleTargetRef: message(1, CrossVersionObjectReference, { required: true }),
  minReplicas: int32(2, { optional: true }),
  maxReplicas: int32(3, { required: true }),
  targetCPUUtilizationPercentage: int32(4, { optional: true }),
});
export type HorizontalPodAutoscalerSpec = Read<typeof HorizontalPodAutoscalerSpec>;

export const HorizontalPodAutoscalerStatus = struct('autoscaling/v1.HorizontalPodAutoscalerStatus', {
  observedGeneration: int64(1, { optional: true }),
  lastScaleTime: time(2, { optional: true }),
  currentReplicas: int32(3, { required: true }),
  desiredReplicas: int32(4, { required: true }),
  currentCPUUtilizationPercentage: int32(5, { optional: true }),
});
export type HorizontalPodAutoscalerStatus = Read<typeof HorizontalPodAutoscalerStatus>;

export const HorizontalPodAutoscaler = kind({
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
  shortNames: ['hpa'],
  categories: ['all'],
  schema: struct('autoscaling/v1.HorizontalPodAutoscaler', {
    metadata: message(1, ObjectMeta),
    spec: message(2, HorizontalPodAutoscalerSpec, { required: true, omit: 'empty' }),
    status: message(3, HorizontalPodAutoscalerStatus),
  }),
  subresources: {
    status: { type: 'status' },
  },
});
export type HorizontalPodAutoscaler = ObjectOf<typeof HorizontalPodAutoscaler>;
