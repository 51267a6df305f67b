// Metrics v2.

import { LabelSelector } from '../meta/label-selector.ts';
import { int32, list, message, quantity, type Read, string, struct } from '../schema.ts';

export const CrossVersionObjectReference = struct('autoscaling/v2.CrossVersionObjectReference', {
  kind: string(1, { required: true }),
  name: string(2, { required: true }),
  apiVersion: string(3),
});
export type CrossVersionObjectReference = Read<typeof CrossVersionObjectReference>;

export const MetricTarget = struct('autoscaling/v2.MetricTarget', {
  type: string(1, { required: true }),
  value: quantity(2, { optional: true }),
  averageValue: quantity(3, { optional: true }),
  averageUtilization: int32(4, { optional: true }),
});
export type MetricTarget = Read<typeof MetricTarget>;

export const MetricIdentifier = struct('autoscaling/v2.MetricIdentifier', {
  name: string(1, { required: true }),
  selector: message(2, LabelSelector, { optional: true }),
});
export type MetricIdentifier = Read<typeof MetricIdentifier>;

export const ObjectMetricSource = struct('autoscaling/v2.ObjectMetricSource', {
  describedObject: message(1, CrossVersionObjectReference, { required: true }),
  target: message(2, MetricTarget, { required: true }),
  metric: message(3, MetricIdentifier, { required: true }),
});
export type ObjectMetricSource = Read<typeof ObjectMetricSource>;

export const PodsMetricSource = struct('autoscaling/v2.PodsMetricSource', {
  metric: message(1, MetricIdentifier, { required: true }),
  target: message(2, MetricTarget, { required: true }),
});
export type PodsMetricSource = Read<typeof PodsMetricSource>;

export const ResourceMetricSource = struct('autoscaling/v2.ResourceMetricSource', {
  name: string(1, { required: true }),
  target: message(2, MetricTarget, { required: true }),
});
export type ResourceMetricSource = Read<typeof ResourceMetricSource>;

export const ContainerResourceMetricSource = struct('autoscaling/v2.ContainerResourceMetricSource', {
  name: string(1, { required: true }),
  target: message(2, MetricTarget, { required: true }),
  container: string(3, { required: true }),
});
export type ContainerResourceMetricSource = Read<typeof ContainerResourceMetricSource>;

export const ExternalMetricSource = struct('autoscaling/v2.ExternalMetricSource', {
  metric: message(1, MetricIdentifier, { required: true }),
  target: message(2, MetricTarget, { required: true }),
});
export type ExternalMetricSource = Read<typeof ExternalMetricSource>;

export const MetricSpec = struct('autoscaling/v2.MetricSpec', {
  type: string(1, { required: true }),
  object: message(2, ObjectMetricSource, { optional: true }),
  pods: message(3, PodsMetricSource, { optional: true }),
  resource: message(4, ResourceMetricSource, { optional: true }),
  containerResource: message(7, ContainerResourceMetricSource, { optional: true }),
  external: message(5, ExternalMetricSource, { optional: true }),
});
export type MetricSpec = Read<typeof MetricSpec>;

export const HPAScalingPolicy = struct('autoscaling/v2.HPAScalingPolicy', {
  type: string(1, { required: true }),
  value: int32(2, { required: true }),
  periodSeconds: int32(3, { required: true }),
});
export type HPAScalingPolicy = Read<typeof HPAScalingPolicy>;

export const HPAScalingRules = struct('autoscaling/v2.HPAScalingRules', {
  stabilizationWindowSeconds: int32(3, { optional: true }),
  selectPolicy: string(1, { optional: true }),
  policies: list(2, HPAScalingPolicy, { list: 'atomic' }),
  tolerance: quantity(4, { optional: true }),
});
export type HPAScalingRules = Read<typeof HPAScalingRules>;

export const HorizontalPodAutoscalerBehavior = struct('autoscaling/v2.HorizontalPodAutoscalerBehavior', {
  scaleUp: message(1, HPAScalingRules, { optional: true }),
  scaleDown: message(2, HPAScalingRules, { optional: true }),
});
export type HorizontalPodAutoscalerBehavior = Read<typeof HorizontalPodAutoscalerBehavior>;

export const MetricValueStatus = struct('autoscaling/v2.MetricValueStatus', {
  value: quantity(1, { optional: true }),
  averageValue: quantity(2, { optional: true }),
  averageUtilization: int32(3, { optional: true }),
});
export type MetricValueStatus = Read<typeof MetricValueStatus>;

export const ObjectMetricStatus = struct('autoscaling/v2.ObjectMetricStatus', {
  metric: message(1, MetricIdentifier, { required: true }),
  current: message(2, MetricValueStatus, { required: true }),
  describedObject: message(3, CrossVersionObjectReference, { required: true }),
});
export type ObjectMetricStatus = Read<typeof ObjectMetricStatus>;

export const PodsMetricStatus = struct('autoscaling/v2.PodsMetricStatus', {
  metric: message(1, MetricIdentifier, { required: true }),
  current: message(2, MetricValueStatus, { required: true }),
});
export type PodsMetricStatus = Read<typeof PodsMetricStatus>;

export const ResourceMetricStatus = struct('autoscaling/v2.ResourceMetricStatus', {
  name: string(1, { required: true }),
  current: message(2, MetricValueStatus, { required: true }),
});
export type ResourceMetricStatus = Read<typeof ResourceMetricStatus>;

export const ContainerResourceMetricStatus = struct('autoscaling/v2.ContainerResourceMetricStatus', {
  name: string(1, { required: true }),
  current: message(2, MetricValueStatus, { required: true }),
  container: string(3, { required: true }),
});
export type ContainerResourceMetricStatus = Read<typeof ContainerResourceMetricStatus>;

export const ExternalMetricStatus = struct('autoscaling/v2.ExternalMetricStatus', {
  metric: message(1, MetricIdentifier, { required: true }),
  current: message(2, MetricValueStatus, { required: true }),
});
export type ExternalMetricStatus = Read<typeof ExternalMetricStatus>;

export const MetricStatus = struct('autoscaling/v2.MetricStatus', {
  type: string(1, { required: true }),
  object: message(2, ObjectMetricStatus, { optional: true }),
  pods: message(3, PodsMetricStatus, { optional: true }),
  resource: message(4, ResourceMetricStatus, { optional: true }),
  containerResource: message(7, ContainerResourceMetricStatus, { optional: true }),
  external: message(5, ExternalMetricStatus, { optional: true }),
});
export type MetricStatus = Read<typeof MetricStatus>;
