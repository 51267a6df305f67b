// ControllerRevision.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import type { OwnerReference } from '../meta/object-meta.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { int64, message, rawExtension, struct } from '../schema.ts';
import { validateControllerRevision, validateControllerRevisionUpdate } from './controller-revision-validation.ts';

const schema = struct('apps/v1.ControllerRevision', {
  metadata: message(1, ObjectMeta),
  data: rawExtension(2),
  revision: int64(3, { required: true }),
});
export type ControllerRevision = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const ControllerRevision = kind({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  schema,
  columns: [
    nameColumn,
    {
      name: 'Controller',
      type: 'string',
      description: 'What the revision is of.',
      value: ({ metadata }) => controllerOf(metadata.ownerReferences),
    },
    {
      name: 'Revision',
      type: 'string',
      description: 'The number of the revision.',
      value: ({ revision }) => revision,
    },
    ageColumn,
  ],
  validate: validateControllerRevision,
  validateUpdate: validateControllerRevisionUpdate,
});

function controllerOf(owners: readonly OwnerReference[] | undefined): string {
  const owner = owners?.find(({ controller }) => controller);
  if (!owner) return '<none>';
  const [group, version] = owner.apiVersion.split('/');
  const kind = version === undefined ? owner.kind : `${owner.kind}.${group}`;
  return `${kind.toLowerCase()}/${owner.name}`;
}
