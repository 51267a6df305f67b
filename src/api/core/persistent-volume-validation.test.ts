import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { PersistentVolume } from './persistent-volume.ts';

type Input = Parameters<typeof faultsOf<typeof PersistentVolume>>[1];
type Spec = NonNullable<Input['spec']>;

const NO_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NO_LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const base = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] } as const;
const csi = { driver: 'Disks.example.com', volumeHandle: 'v' };
const iqn = 'iqn.2016-04.com.example:disk';
const nodeAffinity = (key = 'zone') =>
  ({
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: ['a'] }] }] },
  }) as const;
const faults = (spec: Partial<Spec>, name = 'disk') =>
  faultsOf(PersistentVolume, { metadata: { name }, spec: { ...base, ...spec } }).map((fault) =>
    fault.replace(/^spec\.(?=\w)/, ''),
  );
const hostPath = { path: '/data' };

const specs: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  [
    'all there is',
    {
      accessModes: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'fast',
      mountOptions: ['ro'],
      volumeMode: 'Block',
      nodeAffinity: nodeAffinity(),
      volumeAttributesClassName: 'gold',
      csi,
    },
    [],
  ],
  ['a mode for one pod', { accessModes: ['ReadWriteOncePod'], hostPath }, []],
  ['no access modes', { accessModes: [], hostPath }, ['accessModes: Required value']],
  [
    'unknown access modes',
    { accessModes: ['Often' as 'ReadWriteOnce'], hostPath },
    [
      'accessModes: Unsupported value: "Often": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
  ],
  [
    'a mode for one pod beside others',
    { accessModes: ['ReadWriteOncePod', 'ReadOnlyMany'], hostPath },
    ['accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  ],
  [
    'no capacity',
    { capacity: {}, hostPath },
    ['capacity: Required value', 'capacity: Unsupported value: null: supported values: "storage"'],
  ],
  [
    'a capacity for other things',
    { capacity: { storage: '1', cpu: '1' }, hostPath },
    ['capacity: Unsupported value: {"cpu":"1","storage":"1"}: supported values: "storage"'],
  ],
  [
    'a negative capacity',
    { capacity: { storage: '-1Gi' }, hostPath },
    [
      'capacity[storage]: Invalid value: -1073741824: must be a valid resource quantity',
      'capacity[storage]: Invalid value: "-1Gi": must be greater than zero',
    ],
  ],
  [
    'a capacity of nothing',
    { capacity: { storage: '0' }, hostPath },
    ['capacity[storage]: Invalid value: "0": must be greater than zero'],
  ],
  [
    'an affinity to no nodes',
    { nodeAffinity: {}, hostPath },
    ['nodeAffinity.required: Required value: must specify required node constraints'],
  ],
  [
    'an affinity that is none',
    { nodeAffinity: { required: { nodeSelectorTerms: [] } }, hostPath },
    ['nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term'],
  ],
  ['no source', {}, ['spec: Required value: must specify a volume type']],
  [
    'the root of a node that is to be emptied',
    { hostPath: { path: '/./' }, persistentVolumeReclaimPolicy: 'Recycle' },
    ["persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  ],
  ['a path of a node that is to be emptied', { hostPath, persistentVolumeReclaimPolicy: 'Recycle' }, []],
  [
    'a class that is none',
    { storageClassName: 'A', hostPath },
    [`storageClassName: Invalid value: "A": ${NO_SUBDOMAIN}`],
  ],
  [
    'an empty mode',
    { volumeMode: '' as 'Block', hostPath },
    ['volumeMode: Unsupported value: "": supported values: "Block", "Filesystem"'],
  ],
  [
    'an empty class of attributes',
    { volumeAttributesClassName: '', csi },
    ['volumeAttributesClassName: Required value: an empty string is disallowed'],
  ],
  [
    'a class of attributes that is none, without a driver',
    { volumeAttributesClassName: 'A', hostPath },
    [
      `volumeAttributesClassName: Invalid value: "A": ${NO_SUBDOMAIN}`,
      'csi: Required value: has to be specified when using volumeAttributesClassName',
    ],
  ],
];

const sources: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['hostPath', { hostPath }, []],
  [
    'hostPath that leads out',
    { hostPath: { path: '/a/..' } },
    ['hostPath.path: Invalid value: "/a/..": must not contain \'..\''],
  ],
  ['gcePersistentDisk', { gcePersistentDisk: { pdName: 'a' } }, []],
  [
    'gcePersistentDisk of no partition',
    { gcePersistentDisk: { pdName: 'a', partition: 256 } },
    ['persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive'],
  ],
  ['awsElasticBlockStore', { awsElasticBlockStore: { volumeID: 'a' } }, []],
  [
    'awsElasticBlockStore of no partition',
    { awsElasticBlockStore: { volumeID: 'a', partition: -1 } },
    ['awsElasticBlockStore.partition: Invalid value: -1: must be between 1 and 255, inclusive'],
  ],
  ['glusterfs', { glusterfs: { endpoints: 'a', path: 'b', endpointsNamespace: 'c' } }, []],
  [
    'glusterfs of an empty namespace',
    { glusterfs: { endpoints: 'a', path: 'b', endpointsNamespace: '' } },
    [
      'glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name',
    ],
  ],
  [
    'glusterfs of no namespace',
    { glusterfs: { endpoints: 'a', path: 'b', endpointsNamespace: 'A' } },
    [`glusterfs.endpointsNamespace: Invalid value: "A": ${NO_LABEL}`],
  ],
  ['flocker', { flocker: { datasetName: 'a' } }, []],
  ['flocker of nothing', { flocker: {} }, ['flocker: Required value: one of datasetName and datasetUUID is required']],
  ['nfs', { nfs: { server: 'a', path: '/a' } }, []],
  [
    'nfs of a relative path',
    { nfs: { server: 'a', path: 'a' } },
    ['nfs.path: Invalid value: "a": must be an absolute path'],
  ],
  ['rbd', { rbd: { monitors: ['a'], image: 'b' } }, []],
  ['rbd without monitors', { rbd: { monitors: [], image: 'b' } }, ['rbd.monitors: Required value']],
  ['quobyte', { quobyte: { registry: 'a:1', volume: 'b' } }, []],
  [
    'quobyte of no registry',
    { quobyte: { registry: 'a', volume: 'b' } },
    ['quobyte.registry: Invalid value: "a": must be a host:port pair or multiple pairs separated by commas'],
  ],
  ['cephfs', { cephfs: { monitors: ['a'] } }, []],
  ['cephfs without monitors', { cephfs: { monitors: [] } }, ['cephfs.monitors: Required value']],
  ['iscsi', { iscsi: { targetPortal: 'a', iqn, lun: 0, initiatorName: iqn, secretRef: { name: 's' } } }, []],
  [
    'iscsi that is none',
    { iscsi: { targetPortal: 'a', iqn: 'a', lun: 256, chapAuthDiscovery: true, initiatorName: 'iqn.a' } },
    [
      'iscsi.iqn: Invalid value: "a": must be valid format starting with iqn, eui, or naa',
      'iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
      'iscsi.secretRef: Required value',
      'iscsi.initiatorname: Invalid value: "iqn.a": must be valid format',
    ],
  ],
  [
    'iscsi with a secret without a name',
    { iscsi: { targetPortal: 'a', iqn, lun: 0, secretRef: {} } },
    ['iscsi.secretRef.name: Required value'],
  ],
  [
    'iscsi of too long a portal',
    { iscsi: { targetPortal: 'a'.repeat(60), iqn, lun: 0, initiatorName: iqn } },
    [
      `iscsi.targetportal: Invalid value: "${'a'.repeat(60)}": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`,
    ],
  ],
  ['cinder', { cinder: { volumeID: 'a', secretRef: { name: 'a', namespace: 'b' } } }, []],
  [
    'cinder with no secret',
    { cinder: { volumeID: 'a', secretRef: {} } },
    ['cinder.secretRef.name: Required value', 'cinder.secretRef.namespace: Required value'],
  ],
  ['fc', { fc: { wwids: ['a'] } }, []],
  [
    'fc of nothing',
    { fc: {} },
    ['fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both'],
  ],
  ['flexVolume', { flexVolume: { driver: 'a', options: { 'example.com/a': 'b' } } }, []],
  [
    'flexVolume with a reserved option',
    { flexVolume: { driver: 'a', options: { 'x.kubernetes.io/a': 'b' } } },
    [
      'flexVolume.options[x.kubernetes.io/a]: Invalid value: "x.kubernetes.io/a": kubernetes.io and k8s.io namespaces are reserved',
    ],
  ],
  ['azureFile', { azureFile: { secretName: 'a', shareName: 'b', secretNamespace: 'c' } }, []],
  [
    'azureFile of no namespace',
    { azureFile: { secretName: 'a', shareName: 'b', secretNamespace: '' } },
    ['azureFile.secretNamespace: Required value'],
  ],
  ['vsphereVolume', { vsphereVolume: { volumePath: 'a' } }, []],
  ['photonPersistentDisk', { photonPersistentDisk: { pdID: 'a' } }, []],
  ['portworxVolume', { portworxVolume: { volumeID: 'a' } }, []],
  ['azureDisk', { azureDisk: { diskName: 'a', diskURI: 'https://a' } }, []],
  [
    'azureDisk of no URI',
    { azureDisk: { diskName: 'a', diskURI: 'a' } },
    [
      'azureDisk.diskURI: Unsupported value: "a": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"',
    ],
  ],
  ['scaleIO', { scaleIO: { gateway: 'a', system: 'b', volumeName: 'c', secretRef: {} } }, []],
  [
    'scaleIO without a volume',
    { scaleIO: { gateway: 'a', system: 'b', secretRef: {} } },
    ['scaleIO.volumeName: Required value'],
  ],
  ['local', { local: { path: '/a' }, nodeAffinity: nodeAffinity() }, []],
  [
    'local of no node',
    { local: { path: '/a/../b' } },
    [
      'local.path: Invalid value: "/a/../b": must not contain \'..\'',
      'nodeAffinity: Required value: Local volume requires node affinity',
    ],
  ],
  ['storageos', { storageos: { volumeName: 'a', volumeNamespace: 'b', secretRef: { name: 'a', namespace: 'b' } } }, []],
  ['storageos without a volume', { storageos: {} }, ['storageos.volumeName: Required value']],
  [
    'storageos of no names',
    { storageos: { volumeName: 'A', volumeNamespace: 'B', secretRef: {} } },
    [
      `storageos.volumeName: Invalid value: "A": ${NO_LABEL}`,
      `storageos.volumeNamespace: Invalid value: "B": ${NO_LABEL}`,
      'storageos.secretRef.name: Required value',
      'storageos.secretRef.namespace: Required value',
    ],
  ],
  [
    'csi with all secrets',
    {
      csi: {
        ...csi,
        controllerPublishSecretRef: { name: 'a', namespace: 'b' },
        controllerExpandSecretRef: { name: 'a', namespace: 'b' },
        nodePublishSecretRef: { name: 'a', namespace: 'b' },
        nodeExpandSecretRef: { name: 'a', namespace: 'b' },
        nodeStageSecretRef: {},
      },
    },
    [],
  ],
  [
    'csi that is none',
    {
      csi: {
        driver: '',
        volumeHandle: 'a',
        controllerPublishSecretRef: {},
        nodeExpandSecretRef: { name: 'A', namespace: 'B' },
      },
    },
    [
      'csi.driver: Required value',
      'csi.controllerPublishSecretRef.name: Required value',
      'csi.controllerPublishSecretRef.namespace: Required value',
      `csi.nodeExpandSecretRef.name: Invalid value: "A": ${NO_SUBDOMAIN}`,
      `csi.nodeExpandSecretRef.namespace: Invalid value: "B": ${NO_LABEL}`,
    ],
  ],
  [
    'csi of a long driver',
    { csi: { driver: 'a'.repeat(64), volumeHandle: 'a' } },
    ['csi.driver: Too long: may not be more than 63 bytes'],
  ],
  [
    'several sources',
    { hostPath, cephfs: { monitors: ['a'] }, csi },
    [
      'cephFS: Forbidden: may not specify more than 1 volume type',
      'csi: Forbidden: may not specify more than 1 volume type',
    ],
  ],
  ['flexVolume beside another', { hostPath, flexVolume: { driver: 'a' } }, []],
];

for (const [title, spec, expected] of [...specs, ...sources]) {
  test(`PersistentVolume.validate of ${title}`, () => assert.deepEqual(faults(spec), expected));
}
