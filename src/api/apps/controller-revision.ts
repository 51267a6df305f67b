// ControllerRevision.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { int64, message, rawExtension, struct } from '../schema.ts';

export const ControllerRevision = kind({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  schema: struct('apps/v1.ControllerRevision', {
    metadata: message(1, ObjectMeta),
    data: rawExtension(2),
    revision: int64(3, { required: true }),
  }),
});
export type ControllerRevision = ObjectOf<typeof ControllerRevision>;
