// ConfigMap.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { bool, map, message, struct } from '../schema.ts';
import { validateConfigMap, validateConfigMapUpdate } from './config-map-validation.ts';

const schema = struct('core/v1.ConfigMap', {
  metadata: message(1, ObjectMeta),
  immutable: bool(4, { optional: true }),
  data: map(2, 'string'),
  binaryData: map(3, 'bytes'),
});
export type ConfigMap = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const ConfigMap = kind({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
  shortNames: ['cm'],
  schema,
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'string',
      description: 'Number of keys.',
      value: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    },
    ageColumn,
  ],
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
});
