import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Volume = NonNullable<NonNullable<NonNullable<Input['spec']>['volumes']>[number]>;
type Source = Omit<Volume, 'name'>;

const faults = (source: Source) =>
  faultsOf(Pod, {
    spec: { volumes: [{ name: 'data', ...source }], containers: [{ name: 'main', image: 'nginx' }] },
  }).map((fault) => fault.replace('spec.volumes[0].', ''));

const iqn = 'iqn.2016-04.com.example:disk';

const cases: readonly [title: string, source: Source, expected: readonly string[]][] = [
  ['gitRepo', { gitRepo: { repository: 'r', directory: 'a' } }, []],
  [
    'gitRepo outside',
    { gitRepo: { repository: 'r', directory: '/a' } },
    ['gitRepo.directory: Invalid value: "/a": must be a relative path'],
  ],
  ['gcePersistentDisk', { gcePersistentDisk: { pdName: 'a', partition: 1 } }, []],
  [
    'gcePersistentDisk of no partition',
    { gcePersistentDisk: { pdName: 'a', partition: 256 } },
    ['gcePersistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive'],
  ],
  ['awsElasticBlockStore', { awsElasticBlockStore: { volumeID: 'a' } }, []],
  [
    'awsElasticBlockStore of no partition',
    { awsElasticBlockStore: { volumeID: 'a', partition: -1 } },
    ['awsElasticBlockStore.partition: Invalid value: -1: must be between 1 and 255, inclusive'],
  ],
  ['nfs', { nfs: { server: 'a', path: '/a' } }, []],
  [
    'nfs of a relative path',
    { nfs: { server: 'a', path: 'a' } },
    ['nfs.path: Invalid value: "a": must be an absolute path'],
  ],
  ['iscsi', { iscsi: { targetPortal: 'a', iqn, lun: 1, initiatorName: 'eui.0123456789abcdef' } }, []],
  [
    'iscsi of no form',
    { iscsi: { targetPortal: 'a', iqn: 'iqn', lun: 256, initiatorName: 'other', chapAuthSession: true } },
    [
      'iscsi.iqn: Invalid value: "iqn": must be valid format',
      'iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
      'iscsi.secretRef: Required value',
      'iscsi.initiatorname: Invalid value: "other": must be valid format starting with iqn, eui, or naa',
    ],
  ],
  [
    'iscsi of too long a name',
    { iscsi: { targetPortal: 'a'.repeat(60), iqn, lun: 1, initiatorName: iqn } },
    [
      'name: Invalid value: "data": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.',
    ],
  ],
  ['glusterfs', { glusterfs: { endpoints: 'a', path: 'b' } }, []],
  ['flocker', { flocker: { datasetName: 'a' } }, []],
  [
    'flocker without a name',
    { flocker: {} },
    ['flocker: Required value: one of datasetName and datasetUUID is required'],
  ],
  [
    'flocker with two names',
    { flocker: { datasetName: 'a/b', datasetUUID: 'c' } },
    [
      'flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously',
      'flocker.datasetName: Invalid value: "a/b": must not contain \'/\'',
    ],
  ],
  ['rbd', { rbd: { monitors: ['a'], image: 'b' } }, []],
  ['rbd without monitors', { rbd: { monitors: [], image: 'b' } }, ['rbd.monitors: Required value']],
  ['cinder', { cinder: { volumeID: 'a', secretRef: { name: 'b' } } }, []],
  [
    'cinder of a nameless secret',
    { cinder: { volumeID: 'a', secretRef: {} } },
    ['cinder.secretRef.name: Required value'],
  ],
  ['cephfs', { cephfs: { monitors: ['a'] } }, []],
  ['cephfs without monitors', { cephfs: { monitors: [] } }, ['cephfs.monitors: Required value']],
  ['quobyte', { quobyte: { registry: 'a:1,[::1]:2', volume: 'v' } }, []],
  [
    'quobyte without a registry',
    { quobyte: { registry: '', volume: 'v' } },
    ['quobyte.registry: Required value: must be a host:port pair or multiple pairs separated by commas'],
  ],
  [
    'quobyte of too long a tenant',
    { quobyte: { registry: 'a:1', volume: 'v', tenant: 'a'.repeat(65) } },
    ['quobyte.tenant: Required value: must be a UUID and may not exceed a length of 64 characters'],
  ],
  [
    'quobyte of a registry without a port',
    { quobyte: { registry: 'a', volume: 'v' } },
    ['quobyte.registry: Invalid value: "a": must be a host:port pair or multiple pairs separated by commas'],
  ],
  ['fc', { fc: { targetWWNs: ['a'], lun: 1 } }, []],
  [
    'fc of nothing',
    { fc: {} },
    ['fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both'],
  ],
  [
    'fc of too much',
    { fc: { targetWWNs: ['a'], wwids: ['b'] } },
    [
      'fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously',
      'fc.lun: Required value: lun is required if targetWWNs is specified',
    ],
  ],
  [
    'fc of no unit',
    { fc: { targetWWNs: ['a'], lun: 256 } },
    ['fc.lun: Invalid value: 256: must be between 0 and 255, inclusive'],
  ],
  ['flexVolume', { flexVolume: { driver: 'a', options: { 'example.com/a': 'b' } } }, []],
  [
    'flexVolume with reserved options',
    { flexVolume: { driver: 'a', options: { 'x.k8s.io/a': 'b' } } },
    ['flexVolume.options[x.k8s.io/a]: Invalid value: "x.k8s.io/a": kubernetes.io and k8s.io namespaces are reserved'],
  ],
  ['azureDisk', { azureDisk: { diskName: 'a', diskURI: 'https://a' } }, []],
  [
    'azureDisk of another sort',
    { azureDisk: { diskName: 'a', diskURI: 'https://a', kind: 'Managed' } },
    [
      'azureDisk.diskURI: Unsupported value: "https://a": supported values: "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"',
    ],
  ],
  ['storageos', { storageos: { volumeName: 'a', volumeNamespace: 'b', secretRef: { name: 'c' } } }, []],
  ['storageos without a name', { storageos: {} }, ['storageos.volumeName: Required value']],
  [
    'storageos of names that are none',
    { storageos: { volumeName: 'A', volumeNamespace: 'B', secretRef: {} } },
    [
      "storageos.volumeName: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      "storageos.volumeNamespace: Invalid value: \"B\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'storageos.secretRef.name: Required value',
    ],
  ],
  ['scaleIO', { scaleIO: { gateway: 'a', system: 'b', secretRef: { name: 'c' }, volumeName: 'd' } }, []],
  [
    'scaleIO without a name',
    { scaleIO: { gateway: 'a', system: 'b', secretRef: { name: 'c' } } },
    ['scaleIO.volumeName: Required value'],
  ],
  ['azureFile', { azureFile: { secretName: 'a', shareName: 'b' } }, []],
  ['vsphereVolume', { vsphereVolume: { volumePath: 'a' } }, []],
  ['photonPersistentDisk', { photonPersistentDisk: { pdID: 'a' } }, []],
  ['portworxVolume', { portworxVolume: { volumeID: 'a' } }, []],
];

for (const [title, source, expected] of cases) {
  test(`Pod.validate of ${title}`, () => {
    assert.deepEqual(faults(source), expected);
  });
}
