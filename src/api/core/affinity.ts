// Affinity.

import { LabelSelector } from '../meta/label-selector.ts';
import { int32, list, message, type Read, string, struct } from '../schema.ts';

export const NodeSelectorOperator = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;
export type NodeSelectorOperator = (typeof NodeSelectorOperator)[number];

export const NodeSelectorRequirement = struct('core/v1.NodeSelectorRequirement', {
  key: string(1, { required: true }),
  operator: string(2, { required: true, enum: NodeSelectorOperator }),
  values: list(3, 'string', { list: 'atomic' }),
});
export type NodeSelectorRequirement = Read<typeof NodeSelectorRequirement>;

export const NodeSelectorTerm = struct(
  'core/v1.NodeSelectorTerm',
  {
    matchExpressions: list(1, NodeSelectorRequirement, { list: 'atomic' }),
    matchFields: list(2, NodeSelectorRequirement, { list: 'atomic' }),
  },
  { atomic: true },
);
export type NodeSelectorTerm = Read<typeof NodeSelectorTerm>;

export const NodeSelector = struct(
  'core/v1.NodeSelector',
  {
    nodeSelectorTerms: list(1, NodeSelectorTerm, { required: true, list: 'atomic' }),
  },
  { atomic: true },
);
export type NodeSelector = Read<typeof NodeSelector>;

export const TopologySelectorLabelRequirement = struct('core/v1.TopologySelectorLabelRequirement', {
  key: string(1, { required: true }),
  values: list(2, 'string', { required: true, list: 'atomic' }),
});
export type TopologySelectorLabelRequirement = Read<typeof TopologySelectorLabelRequirement>;

export const TopologySelectorTerm = struct(
  'core/v1.TopologySelectorTerm',
  {
    matchLabelExpressions: list(1, TopologySelectorLabelRequirement, { list: 'atomic' }),
  },
  { atomic: true },
);
export type TopologySelectorTerm = Read<typeof TopologySelectorTerm>;

export const PreferredSchedulingTerm = struct('core/v1.PreferredSchedulingTerm', {
  weight: int32(1, { required: true }),
  preference: message(2, NodeSelectorTerm, { required: true }),
});
export type PreferredSchedulingTerm = Read<typeof PreferredSchedulingTerm>;

export const NodeAffinity = struct('core/v1.NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: message(1, NodeSelector, { optional: true }),
  preferredDuringSchedulingIgnoredDuringExecution: list(2, PreferredSchedulingTerm, { list: 'atomic' }),
});
export type NodeAffinity = Read<typeof NodeAffinity>;

export const PodAffinityTerm = struct('core/v1.PodAffinityTerm', {
  labelSelector: message(1, LabelSelector, { optional: true }),
  namespaces: list(2, 'string', { list: 'atomic' }),
  topologyKey: string(3, { required: true }),
  namespaceSelector: message(4, LabelSelector, { optional: true }),
  matchLabelKeys: list(5, 'string', { list: 'atomic' }),
  mismatchLabelKeys: list(6, 'string', { list: 'atomic' }),
});
export type PodAffinityTerm = Read<typeof PodAffinityTerm>;

export const WeightedPodAffinityTerm = struct('core/v1.WeightedPodAffinityTerm', {
  weight: int32(1, { required: true }),
  podAffinityTerm: message(2, PodAffinityTerm, { required: true }),
});
export type WeightedPodAffinityTerm = Read<typeof WeightedPodAffinityTerm>;

export const PodAffinity = struct('core/v1.PodAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: list(1, PodAffinityTerm, { list: 'atomic' }),
  preferredDuringSchedulingIgnoredDuringExecution: list(2, WeightedPodAffinityTerm, { list: 'atomic' }),
});
export type PodAffinity = Read<typeof PodAffinity>;

export const PodAntiAffinity = struct('core/v1.PodAntiAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: list(1, PodAffinityTerm, { list: 'atomic' }),
  preferredDuringSchedulingIgnoredDuringExecution: list(2, WeightedPodAffinityTerm, { list: 'atomic' }),
});
export type PodAntiAffinity = Read<typeof PodAntiAffinity>;

export const Affinity = struct('core/v1.Affinity', {
  nodeAffinity: message(1, NodeAffinity, { optional: true }),
  podAffinity: message(2, PodAffinity, { optional: true }),
  podAntiAffinity: message(3, PodAntiAffinity, { optional: true }),
});
export type Affinity = Read<typeof Affinity>;
