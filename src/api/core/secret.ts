// Secret.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, map, message, string, struct } from '../schema.ts';

export const Secret = kind({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  schema: struct('core/v1.Secret', {
    metadata: message(1, ObjectMeta),
    immutable: bool(5, { optional: true }),
    data: map(2, 'bytes'),
    stringData: map(4, 'string'),
    type: string(3),
  }),
});
export type Secret = ObjectOf<typeof Secret>;
