// PodDisruptionBudget.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { Condition } from '../meta/condition.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { int32, int64, intOrString, list, map, message, type Read, string, struct } from '../schema.ts';
import {
  validatePodDisruptionBudget,
  validatePodDisruptionBudgetStatusUpdate,
} from './pod-disruption-budget-validation.ts';

export const UnhealthyPodEvictionPolicyType = ['IfHealthyBudget', 'AlwaysAllow'] as const;
export type UnhealthyPodEvictionPolicyType = (typeof UnhealthyPodEvictionPolicyType)[number];

export const PodDisruptionBudgetSpec = struct('policy/v1.PodDisruptionBudgetSpec', {
  minAvailable: intOrString(1, { optional: true }),
  selector: message(2, LabelSelector, { optional: true, replace: true }),
  maxUnavailable: intOrString(3, { optional: true }),
  unhealthyPodEvictionPolicy: string(4, { optional: true, enum: UnhealthyPodEvictionPolicyType }),
});
export type PodDisruptionBudgetSpec = Read<typeof PodDisruptionBudgetSpec>;

export const PodDisruptionBudgetStatus = struct('policy/v1.PodDisruptionBudgetStatus', {
  observedGeneration: int64(1),
  disruptedPods: map(2, 'time'),
  disruptionsAllowed: int32(3, { omit: 'never' }),
  currentHealthy: int32(4, { omit: 'never' }),
  desiredHealthy: int32(5, { omit: 'never' }),
  expectedPods: int32(6, { omit: 'never' }),
  conditions: list(7, Condition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type PodDisruptionBudgetStatus = Read<typeof PodDisruptionBudgetStatus>;

const schema = struct('policy/v1.PodDisruptionBudget', {
  metadata: message(1, ObjectMeta),
  spec: message(2, PodDisruptionBudgetSpec),
  status: message(3, PodDisruptionBudgetStatus),
});
export type PodDisruptionBudget = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const PodDisruptionBudget = kind({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  scope: 'Namespaced',
  updateNeedsVersion: true,
  shortNames: ['pdb'],
  schema,
  subresources: {
    status: { type: 'status' },
  },
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'Min Available',
      type: 'string',
      description: 'Pods that have to stay available.',
      value: ({ spec }) => String(spec.minAvailable ?? 'N/A'),
    },
    {
      name: 'Max Unavailable',
      type: 'string',
      description: 'Pods that may be unavailable.',
      value: ({ spec }) => String(spec.maxUnavailable ?? 'N/A'),
    },
    {
      name: 'Allowed Disruptions',
      type: 'integer',
      description: 'Pods that may be disrupted now.',
      value: ({ status }) => status.disruptionsAllowed,
    },
    ageColumn,
  ],
  validate: validatePodDisruptionBudget,
  validateStatusUpdate: validatePodDisruptionBudgetStatusUpdate,
});
