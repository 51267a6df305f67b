// VolumeAttributesClass.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { map, message, string, struct } from '../schema.ts';
import {
  validateVolumeAttributesClass,
  validateVolumeAttributesClassUpdate,
} from './volume-attributes-class-validation.ts';

const schema = struct('storage.k8s.io/v1.VolumeAttributesClass', {
  metadata: message(1, ObjectMeta),
  driverName: string(2, { required: true }),
  parameters: map(3, 'string'),
});
export type VolumeAttributesClass = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const VolumeAttributesClass = kind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  scope: 'Cluster',
  returnsDeleted: true,
  shortNames: ['vac'],
  schema,
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
  validate: validateVolumeAttributesClass,
  validateUpdate: validateVolumeAttributesClassUpdate,
});
