// CSIStorageCapacity.

import { labelSelectorWarnings } from '../core/node-label-warnings.ts';
import { Path } from '../field-error.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { nameColumn, orUnset } from '../printing.ts';
import { message, quantity, string, struct } from '../schema.ts';
import { validateCSIStorageCapacity, validateCSIStorageCapacityUpdate } from './csi-storage-capacity-validation.ts';

const schema = struct('storage.k8s.io/v1.CSIStorageCapacity', {
  metadata: message(1, ObjectMeta),
  nodeTopology: message(2, LabelSelector, { optional: true }),
  storageClassName: string(3, { required: true }),
  capacity: quantity(4, { optional: true }),
  maximumVolumeSize: quantity(5, { optional: true }),
});
export type CSIStorageCapacity = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const CSIStorageCapacity = kind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  scope: 'Namespaced',
  updateNeedsVersion: true,
  schema,
  columns: [
    nameColumn,
    {
      name: 'StorageClassName',
      type: 'string',
      description: 'The class that the capacity is for.',
      value: ({ storageClassName }) => storageClassName,
    },
    {
      name: 'Capacity',
      type: 'string',
      description: 'What is left.',
      value: ({ capacity }) => orUnset(capacity),
    },
  ],
  validate: validateCSIStorageCapacity,
  validateUpdate: validateCSIStorageCapacityUpdate,
  warnings: ({ nodeTopology }) => (nodeTopology ? labelSelectorWarnings(nodeTopology, Path.of('nodeTopology')) : []),
});
