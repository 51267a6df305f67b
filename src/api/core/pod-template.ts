// PodTemplate.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { message, struct } from '../schema.ts';
import { PodTemplateSpec } from './pod-spec.ts';

export const PodTemplate = kind({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  returnsDeleted: true,
  schema: struct('core/v1.PodTemplate', {
    metadata: message(1, ObjectMeta),
    template: message(2, PodTemplateSpec),
  }),
});
export type PodTemplate = ObjectOf<typeof PodTemplate>;
