// DaemonSet.

import { PodTemplateSpec } from '../core/pod-spec.ts';
import { templateWarnings } from '../core/pod-warnings.ts';
import { deepEqual } from '../deep-equal.ts';
import { Path } from '../field-error.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, formatLabelSelector, formatLabels, nameColumn, templateColumns } from '../printing.ts';
import { int32, int64, intOrString, list, message, type Read, string, struct, time } from '../schema.ts';
import { validateDaemonSet, validateDaemonSetStatusUpdate, validateDaemonSetUpdate } from './daemon-set-validation.ts';
import { beginTemplateGeneration, countTemplateGeneration } from './template-generation.ts';
import { defaultDaemonSet } from './workload-defaults.ts';

export const RollingUpdateDaemonSet = struct('apps/v1.RollingUpdateDaemonSet', {
  maxUnavailable: intOrString(1, { optional: true }),
  maxSurge: intOrString(2, { optional: true }),
});
export type RollingUpdateDaemonSet = Read<typeof RollingUpdateDaemonSet>;

export const DaemonSetUpdateStrategyType = ['RollingUpdate', 'OnDelete'] as const;
export type DaemonSetUpdateStrategyType = (typeof DaemonSetUpdateStrategyType)[number];

export const DaemonSetUpdateStrategy = struct('apps/v1.DaemonSetUpdateStrategy', {
  type: string(1, { defaultsTo: 'RollingUpdate', enum: DaemonSetUpdateStrategyType, ownRules: true }),
  rollingUpdate: message(2, RollingUpdateDaemonSet, { optional: true }),
});
export type DaemonSetUpdateStrategy = Read<typeof DaemonSetUpdateStrategy>;

export const DaemonSetSpec = struct('apps/v1.DaemonSetSpec', {
  /** Where there is none, it is the template that upstream complains of. */
  selector: message(1, LabelSelector, { required: true, optional: true, ownRules: true }),
  template: message(2, PodTemplateSpec, { required: true }),
  updateStrategy: message(3, DaemonSetUpdateStrategy),
  minReadySeconds: int32(4),
  revisionHistoryLimit: int32(6, { optional: true, defaultsTo: 10 }),
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

const schema = struct('apps/v1.DaemonSet', {
  metadata: message(1, ObjectMeta),
  spec: message(2, DaemonSetSpec),
  status: message(3, DaemonSetStatus),
});
export type DaemonSet = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const DaemonSet = kind({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  scope: 'Namespaced',
  shortNames: ['ds'],
  categories: ['all'],
  schema,
  subresources: {
    status: { type: 'status' },
  },
  generation: [['spec']],
  columns: [
    nameColumn,
    {
      name: 'Desired',
      type: 'integer',
      description: 'Number of nodes that should run the pod.',
      value: ({ status }) => status.desiredNumberScheduled,
    },
    {
      name: 'Current',
      type: 'integer',
      description: 'Number of nodes that run the pod and should.',
      value: ({ status }) => status.currentNumberScheduled,
    },
    {
      name: 'Ready',
      type: 'integer',
      description: 'Number of pods that are ready.',
      value: ({ status }) => status.numberReady,
    },
    {
      name: 'Up-to-date',
      type: 'integer',
      description: 'Number of pods that are made from the newest template.',
      value: ({ status }) => status.updatedNumberScheduled ?? 0,
    },
    {
      name: 'Available',
      type: 'integer',
      description: 'Number of pods that have been ready for long enough.',
      value: ({ status }) => status.numberAvailable ?? 0,
    },
    {
      name: 'Node Selector',
      type: 'string',
      description: 'Labels of the nodes that should run the pod.',
      value: ({ spec }) => formatLabels(spec.template.spec.nodeSelector),
    },
    ageColumn,
    ...templateColumns<DaemonSet>(({ spec }) => spec.template.spec.containers),
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      description: 'Labels of the pods that belong to the daemon set.',
      value: ({ spec }) => formatLabelSelector(spec.selector),
    },
  ],
  defaults: defaultDaemonSet,
  prepareForCreate: beginTemplateGeneration,
  prepareForUpdate: countTemplateGeneration,
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  validateStatusUpdate: validateDaemonSetStatusUpdate,
  warnings({ spec: { template } }, previous) {
    const isSame = previous !== undefined && deepEqual(template, previous.spec.template);
    return isSame ? [] : templateWarnings(template, Path.of('spec', 'template'));
  },
});
