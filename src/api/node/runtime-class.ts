// RuntimeClass.

import { nodeLabelWarning } from '../core/node-label-warnings.ts';
import { Toleration } from '../core/toleration.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { list, map, message, type Read, string, struct } from '../schema.ts';
import { validateRuntimeClass, validateRuntimeClassUpdate } from './runtime-class-validation.ts';

export const Overhead = struct('node.k8s.io/v1.Overhead', {
  podFixed: map(1, 'quantity'),
});
export type Overhead = Read<typeof Overhead>;

export const Scheduling = struct('node.k8s.io/v1.Scheduling', {
  nodeSelector: map(1, 'string', { atomic: true }),
  tolerations: list(2, Toleration, { list: 'atomic' }),
});
export type Scheduling = Read<typeof Scheduling>;

const schema = struct('node.k8s.io/v1.RuntimeClass', {
  metadata: message(1, ObjectMeta),
  handler: string(2, { required: true }),
  overhead: message(3, Overhead, { optional: true }),
  scheduling: message(4, Scheduling, { optional: true }),
});
export type RuntimeClass = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const RuntimeClass = kind({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  scope: 'Cluster',
  updateNeedsVersion: true,
  schema,
  columns: [
    nameColumn,
    {
      name: 'Handler',
      type: 'string',
      description: 'What the container runtime calls it.',
      value: ({ handler }) => handler,
    },
    ageColumn,
  ],
  validate: validateRuntimeClass,
  validateUpdate: validateRuntimeClassUpdate,
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
      const why = nodeLabelWarning(key);
      return why ? [`scheduling.nodeSelector: ${why}`] : [];
    }),
});
