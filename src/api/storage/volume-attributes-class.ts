// VolumeAttributesClass.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { map, message, string, struct } from '../schema.ts';

export const VolumeAttributesClass = kind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  scope: 'Cluster',
  returnsDeleted: true,
  shortNames: ['vac'],
  schema: struct('storage.k8s.io/v1.VolumeAttributesClass', {
    metadata: message(1, ObjectMeta),
    driverName: string(2, { required: true }),
    parameters: map(3, 'string'),
  }),
  columns: [
    nameColumn,
    {
      name: 'DriverName',
      type: 'string',
      description: 'Driver that knows the attributes.',
      value: ({ driverName }) => driverName,
    },
    ageColumn,
  ],
});
export type VolumeAttributesClass = ObjectOf<typeof VolumeAttributesClass>;
