// ConfigMap.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { bool, map, message, struct } from '../schema.ts';

export const ConfigMap = kind({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
  shortNames: ['cm'],
  schema: struct('core/v1.ConfigMap', {
    metadata: message(1, ObjectMeta),
    immutable: bool(4, { optional: true }),
    data: map(2, 'string'),
    binaryData: map(3, 'bytes'),
  }),
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
});
export type ConfigMap = ObjectOf<typeof ConfigMap>;
