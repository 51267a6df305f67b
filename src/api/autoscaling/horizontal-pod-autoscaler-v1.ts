// HorizontalPodAutoscaler.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn, orUnset } from '../printing.ts';
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
  minReplicas: int32(2, { optional: true, defaultsTo: 1 }),
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
  storedAs: { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
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
  columns: [
    nameColumn,
    {
      name: 'Reference',
      type: 'string',
      description: 'What is scaled.',
      value: ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}`,
    },
    {
      name: 'Targets',
      type: 'string',
      description: 'CPU that is used, with what it should be.',
      value: ({ spec, status }) => formatCpu(spec, status),
    },
    {
      name: 'MinPods',
      type: 'string',
      description: 'Pods that there are at least.',
      value: ({ spec }) => orUnset(spec.minReplicas?.toString()),
    },
    {
      name: 'MaxPods',
      type: 'string',
      description: 'Pods that there are at most.',
      value: ({ spec }) => spec.maxReplicas,
    },
    {
      name: 'Replicas',
      type: 'string',
      description: 'Pods that there are.',
      value: ({ status }) => status.currentReplicas,
    },
    ageColumn,
  ],
});
export type HorizontalPodAutoscaler = ObjectOf<typeof HorizontalPodAutoscaler>;

function formatCpu(spec: HorizontalPodAutoscalerSpec, status: HorizontalPodAutoscalerStatus): string {
  if (spec.targetCPUUtilizationPercentage === undefined) return '<none>';
  const current = status.currentCPUUtilizationPercentage;
  return `cpu: ${current === undefined ? '<unknown>' : `${current}%`}/${spec.targetCPUUtilizationPercentage}%`;
}
