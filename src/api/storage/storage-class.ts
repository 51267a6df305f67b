// StorageClass.

import { TopologySelectorTerm } from '../core/affinity.ts';
import { nodeLabelWarning } from '../core/node-label-warnings.ts';
import { PersistentVolumeReclaimPolicy } from '../core/persistent-volume.ts';
import { Path } from '../field-error.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn } from '../printing.ts';
import { bool, list, map, message, string, struct } from '../schema.ts';
import { validateStorageClass, validateStorageClassUpdate } from './storage-class-validation.ts';

export const VolumeBindingMode = ['Immediate', 'WaitForFirstConsumer'] as const;
export type VolumeBindingMode = (typeof VolumeBindingMode)[number];

const schema = struct('storage.k8s.io/v1.StorageClass', {
  metadata: message(1, ObjectMeta),
  provisioner: string(2, { required: true }),
  parameters: map(3, 'string'),
  reclaimPolicy: string(4, { optional: true, defaultsTo: 'Delete', enum: PersistentVolumeReclaimPolicy }),
  mountOptions: list(5, 'string', { list: 'atomic' }),
  allowVolumeExpansion: bool(6, { optional: true }),
  volumeBindingMode: string(7, { optional: true, defaultsTo: 'Immediate', enum: VolumeBindingMode }),
  allowedTopologies: list(8, TopologySelectorTerm, { list: 'atomic' }),
});
export type StorageClass = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const StorageClass = kind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  scope: 'Cluster',
  returnsDeleted: true,
  shortNames: ['sc'],
  schema,
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: 'Name of the class, and whether it is the default.',
      value: ({ metadata }) => (isDefaultStorageClass({ metadata }) ? `${metadata.name} (default)` : metadata.name),
    },
    {
      name: 'Provisioner',
      type: 'string',
      description: 'Who makes volumes of this class.',
      value: ({ provisioner }) => provisioner,
    },
    {
      name: 'ReclaimPolicy',
      type: 'string',
      description: 'What becomes of a volume after its claim.',
      value: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
    },
    {
      name: 'VolumeBindingMode',
      type: 'string',
      description: 'When claims are bound.',
      value: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
    },
    {
      name: 'AllowVolumeExpansion',
      type: 'string',
      description: 'Whether volumes can grow.',
      value: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    },
    ageColumn,
  ],
  warnings: storageClassWarnings,
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
});

/** Whether claims that name no class are of this one. */
export function isDefaultStorageClass({ metadata: { annotations } }: Pick<StorageClass, 'metadata'>): boolean {
  return (
    annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ||
    annotations?.['storageclass.beta.kubernetes.io/is-default-class'] === 'true'
  );
}

function storageClassWarnings({ allowedTopologies }: StorageClass): readonly string[] {
  return (allowedTopologies ?? []).flatMap(({ matchLabelExpressions }, index) =>
    (matchLabelExpressions ?? []).flatMap(({ key }, i) => {
      const why = nodeLabelWarning(key);
      const at = Path.of('allowedTopologies').index(index).child('matchLabelExpressions').index(i).child('key');
      return why ? [`${at}: ${why}`] : [];
    }),
  );
}
