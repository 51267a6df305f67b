import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { CSIDriver } from './csi-driver.ts';
import { CSINode } from './csi-node.ts';
import { CSIStorageCapacity } from './csi-storage-capacity.ts';
import { StorageClass } from './storage-class.ts';
import { VolumeAttachment } from './volume-attachment.ts';
import { VolumeAttributesClass } from './volume-attributes-class.ts';

const cases: readonly [title: string, row: string, expected: string][] = [
  [
    'StorageClass',
    rowOf(StorageClass, { provisioner: 'example.com/a', allowVolumeExpansion: true }),
    'x | example.com/a | Delete | Immediate | true | 60m',
  ],
  [
    'the default StorageClass',
    rowOf(StorageClass, {
      metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'example.com/a',
      reclaimPolicy: 'Retain',
    }),
    'x (default) | example.com/a | Retain | Immediate | false | 60m',
  ],
  [
    'CSIDriver',
    rowOf(CSIDriver, {
      spec: {
        attachRequired: false,
        tokenRequests: [{ audience: 'a' }, { audience: 'b' }],
        volumeLifecycleModes: ['Persistent', 'Ephemeral'],
      },
    }),
    'x | false | false | false | a,b | false | Persistent,Ephemeral | 60m',
  ],
  [
    'a CSIDriver of little',
    rowOf(CSIDriver, { spec: {} }),
    'x | true | false | false | <unset> | false | Persistent | 60m',
  ],
  ['CSINode', rowOf(CSINode, { spec: { drivers: [{ name: 'a', nodeID: 'b', topologyKeys: [] }] } }), 'x | 1 | 60m'],
  ['CSIStorageCapacity', rowOf(CSIStorageCapacity, { storageClassName: 'fast', capacity: '1Gi' }), 'x | fast | 1Gi'],
  [
    'a CSIStorageCapacity of nobody knows how much',
    rowOf(CSIStorageCapacity, { storageClassName: 'fast' }),
    'x | fast | <unset>',
  ],
  [
    'VolumeAttachment',
    rowOf(VolumeAttachment, {
      spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } },
      status: { attached: true },
    }),
    'x | a | v | n | true | 60m',
  ],
  ['VolumeAttributesClass', rowOf(VolumeAttributesClass, { driverName: 'a' }), 'x | a | 60m'],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('storage classes and drivers get what minimal ones leave open', () => {
  const { reclaimPolicy, volumeBindingMode } = readInput(StorageClass, { provisioner: 'a' });
  assert.deepEqual([reclaimPolicy, volumeBindingMode], ['Delete', 'Immediate']);
  assert.deepEqual(readInput(CSIDriver, { spec: {} }).spec, {
    attachRequired: true,
    podInfoOnMount: false,
    volumeLifecycleModes: ['Persistent'],
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    requiresRepublish: false,
    seLinuxMount: false,
  });
});
