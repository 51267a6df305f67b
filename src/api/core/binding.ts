// Binding.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { message, struct } from '../schema.ts';
import { ObjectReference } from './references.ts';

export const Binding = kind({
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  scope: 'Namespaced',
  verbs: ['create'],
  virtual: true,
  schema: struct('core/v1.Binding', {
    metadata: message(1, ObjectMeta),
    target: message(2, ObjectReference, { required: true }),
  }),
});
export type Binding = ObjectOf<typeof Binding>;
