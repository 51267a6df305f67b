// Secret.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { bool, map, message, string, struct } from '../schema.ts';
import { mergeStringData } from './secret-data.ts';
import { validateSecret, validateSecretUpdate } from './secret-validation.ts';
import { secretWarnings } from './secret-warnings.ts';

const schema = struct('core/v1.Secret', {
  metadata: message(1, ObjectMeta),
  immutable: bool(5, { optional: true }),
  data: map(2, 'bytes'),
  stringData: map(4, 'string'),
  type: string(3, { defaultsTo: 'Opaque' }),
});
export type Secret = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const Secret = kind({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  schema,
  selectableFields: { type: (secret) => secret.type ?? '' },
  columns: [
    nameColumn,
    {
      name: 'Type',
      type: 'string',
      description: 'What the secret is for.',
      value: (secret) => secret.type ?? '',
    },
    {
      name: 'Data',
      type: 'string',
      description: 'Number of keys.',
      value: (secret) => Object.keys(secret.data ?? {}).length,
    },
    ageColumn,
  ],
  defaults: mergeStringData,
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  warnings: secretWarnings,
});
