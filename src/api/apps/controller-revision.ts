// ControllerRevision.

import { kind, type ObjectOf } from '../kind.ts';
import type { OwnerReference } from '../meta/object-meta.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
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
});
export type ControllerRevision = ObjectOf<typeof ControllerRevision>;

function controllerOf(owners: readonly OwnerReference[] | undefined): string {
  const owner = owners?.find(({ controller }) => controller);
  if (!owner) return '<none>';
  const [group, version] = owner.apiVersion.split('/');
  const kind = version === undefined ? owner.kind : `${owner.kind}.${group}`;
  return `${kind.toLowerCase()}/${owner.name}`;
}
