// PriorityClass.

import { PreemptionPolicy } from '../core/pod-spec.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { bool, int32, message, string, struct } from '../schema.ts';
import { validatePriorityClass, validatePriorityClassUpdate } from './priority-class-validation.ts';

const schema = struct('scheduling.k8s.io/v1.PriorityClass', {
  metadata: message(1, ObjectMeta),
  value: int32(2, { omit: 'never' }),
  globalDefault: bool(3),
  description: string(4),
  preemptionPolicy: string(5, { optional: true, defaultsTo: 'PreemptLowerPriority', enum: PreemptionPolicy }),
});
export type PriorityClass = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const PriorityClass = kind({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  scope: 'Cluster',
  shortNames: ['pc'],
  schema,
  columns: [
    nameColumn,
    {
      name: 'Value',
      type: 'integer',
      description: 'The priority.',
      value: ({ value }) => value,
    },
    {
      name: 'Global-Default',
      type: 'boolean',
      description: 'Whether pods without a class have this one.',
      value: ({ globalDefault }) => globalDefault ?? false,
    },
    ageColumn,
    {
      name: 'PreemptionPolicy',
      type: 'string',
      description: 'Whether pods of this class push others out.',
      value: ({ preemptionPolicy }) => preemptionPolicy ?? '',
    },
  ],
  prepareForCreate({ metadata }) {
    metadata.generation = 1;
  },
  validateCreate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
});
