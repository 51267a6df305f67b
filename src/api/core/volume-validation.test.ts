import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Spec = NonNullable<Input['spec']>;
type Volume = NonNullable<NonNullable<Spec['volumes']>[number]>;

const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } as const;
const faults = (volumes: readonly Volume[]) =>
  faultsOf(Pod, {
    metadata: { name: 'web' },
    spec: { serviceAccountName: 'default', volumes, containers: [{ name: 'main', image: 'nginx' }] },
  }).map((fault) => fault.replace('spec.volumes', 'volumes'));

const cases: readonly [title: string, volumes: readonly Volume[], expected: readonly string[]][] = [
  [
    'a volume of each usual sort',
    [
      { name: 'empty', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'host', hostPath: { path: '/var' } },
      {
        name: 'secret',
        secret: { secretName: 's', defaultMode: 0o400, items: [{ key: 'a', path: 'b/c', mode: 0o777 }] },
      },
      { name: 'map', configMap: { name: 'm' } },
      { name: 'claim', persistentVolumeClaim: { claimName: 'c' } },
      {
        name: 'fields',
        downwardAPI: {
          items: [
            { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
            { path: 'cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' } },
          ],
        },
      },
      { name: 'csi', csi: { driver: 'Disks.example.com', nodePublishSecretRef: { name: 'a' } } },
      { name: 'made', ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec: claim } } },
      { name: 'image', image: { reference: 'nginx' } },
    ],
    [],
  ],
  ['no name', [{ name: '' }], ['volumes[0].name: Required value']],
  [
    'a name that is not a label',
    [{ name: 'A' }],
    [
      "volumes[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  ['a name twice', [{ name: 'a' }, { name: 'a' }], ['volumes[1].name: Duplicate value: "a"']],
  [
    'two sources',
    [{ name: 'a', emptyDir: {}, hostPath: { path: '/' } }],
    ['volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'a negative size',
    [{ name: 'a', emptyDir: { sizeLimit: '-1' } }],
    ['volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity'],
  ],
  [
    'a path of the host that leads out',
    [{ name: 'a', hostPath: { path: '/a/..' } }],
    ['volumes[0].hostPath.path: Invalid value: "/a/..": must not contain \'..\''],
  ],
  ['a Secret without a name', [{ name: 'a', secret: {} }], ['volumes[0].secret.secretName: Required value']],
  [
    'a ConfigMap without a name and a mode that is none',
    [{ name: 'a', configMap: { defaultMode: 0o1000 } }],
    [
      'volumes[0].configMap.name: Required value',
      'volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive',
    ],
  ],
  [
    'items that are none',
    [
      {
        name: 'a',
        secret: {
          secretName: 's',
          items: [
            { key: '', path: '' },
            { key: 'a', path: '/a' },
            { key: 'b', path: '..b', mode: -1 },
            { key: 'c', path: 'a/../b' },
          ],
        },
      },
    ],
    [
      'volumes[0].secret.items[0].key: Required value',
      'volumes[0].secret.items[0].path: Required value',
      'volumes[0].secret.items[1].path: Invalid value: "/a": must be a relative path',
      'volumes[0].secret.items[2].path: Invalid value: "..b": must not start with \'..\'',
      'volumes[0].secret.items[2].mode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive',
      'volumes[0].secret.items[3].path: Invalid value: "a/../b": must not contain \'..\'',
    ],
  ],
  [
    'a file of the pod without a source',
    [{ name: 'a', downwardAPI: { items: [{ path: 'a' }] } }],
    ['volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required'],
  ],
  [
    'a file of the pod with two sources',
    [
      {
        name: 'a',
        downwardAPI: {
          defaultMode: -1,
          items: [
            {
              path: 'a',
              mode: -1,
              fieldRef: { fieldPath: 'metadata.name' },
              resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' },
            },
          ],
        },
      },
    ],
    [
      'volumes[0].downwardAPI.defaultMode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive',
      'volumes[0].downwardAPI: Invalid value: "resource": fieldRef and resourceFieldRef can not be specified simultaneously',
      'volumes[0].downwardAPI.mode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive',
    ],
  ],
  [
    'a file of a field that is not for files',
    [{ name: 'a', downwardAPI: { items: [{ path: '', fieldRef: { fieldPath: 'status.podIP' } }] } }],
    [
      'volumes[0].downwardAPI.path: Required value',
      'volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: "status.podIP": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"',
    ],
  ],
  [
    'a file of no container',
    [{ name: 'a', downwardAPI: { items: [{ path: 'a', resourceFieldRef: { resource: 'limits.cpu' } }] } }],
    ['volumes[0].downwardAPI.resourceFieldRef.containerName: Required value'],
  ],
  [
    'a driver that is none',
    [{ name: 'a', csi: { driver: `${'a'.repeat(64)}_`, nodePublishSecretRef: {} } }],
    [
      'volumes[0].csi.driver: Too long: may not be more than 63 bytes',
      "volumes[0].csi.driver: Invalid value: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'volumes[0].csi.nodePublishSecretRef.name: Required value',
    ],
  ],
  [
    'a secret of a driver that is none',
    [{ name: 'a', csi: { driver: 'd', nodePublishSecretRef: { name: 'A' } } }],
    [
      "volumes[0].csi.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  ['no template', [{ name: 'a', ephemeral: {} }], ['volumes[0].ephemeral.volumeClaimTemplate: Required value']],
  [
    'a template with a name',
    [{ name: 'a', ephemeral: { volumeClaimTemplate: { metadata: { name: 'b', labels: { a: '!' } }, spec: claim } } }],
    [
      "volumes[0].ephemeral.volumeClaimTemplate.metadata.labels: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      'volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set',
    ],
  ],
  [
    'a claim that is made for another volume',
    [
      { name: 'a', ephemeral: { volumeClaimTemplate: { spec: claim } } },
      { name: 'b', persistentVolumeClaim: { claimName: 'web-a' } },
    ],
    [
      'volumes[1].persistentVolumeClaim.claimName: Invalid value: "web-a": must not reference a PVC that gets created for an ephemeral volume',
    ],
  ],
  ['no image', [{ name: 'a', image: {} }], ['volumes[0].image.reference: Required value']],
  [
    'a claim without access modes and size',
    [{ name: 'a', ephemeral: { volumeClaimTemplate: { spec: {} } } }],
    [
      'volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required',
      'volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
    ],
  ],
  [
    'a claim of nothing',
    [
      {
        name: 'a',
        ephemeral: {
          volumeClaimTemplate: {
            spec: {
              accessModes: ['ReadWriteOncePod', 'ReadWriteMany'],
              storageClassName: 'A',
              volumeAttributesClassName: 'A',
              resources: { requests: { storage: '0' } },
            },
          },
        },
      },
    ],
    [
      'volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
      'volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Invalid value: "0": must be greater than zero',
      "volumes[0].ephemeral.volumeClaimTemplate.spec.storageClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "volumes[0].ephemeral.volumeClaimTemplate.spec.volumeAttributesClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'a claim of what is no source',
    [
      {
        name: 'a',
        ephemeral: { volumeClaimTemplate: { spec: { ...claim, dataSource: { kind: 'Other', name: '' } } } },
      },
    ],
    [
      'volumes[0].ephemeral.volumeClaimTemplate.spec.dataSource.name: Required value',
      'volumes[0].ephemeral.volumeClaimTemplate.spec.dataSource: Invalid value: "Other": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    ],
  ],
  [
    'a claim of two sources',
    [
      {
        name: 'a',
        ephemeral: {
          volumeClaimTemplate: {
            spec: {
              ...claim,
              dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
              dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' },
            },
          },
        },
      },
    ],
    [
      'volumes[0].ephemeral.volumeClaimTemplate.spec: Invalid value: "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.dataSource": must match dataSourceRef',
    ],
  ],
  [
    'a claim of a source elsewhere',
    [
      {
        name: 'a',
        ephemeral: {
          volumeClaimTemplate: {
            spec: {
              ...claim,
              dataSource: { kind: 'PersistentVolumeClaim', name: 'a' },
              dataSourceRef: { apiGroup: 'A', kind: 'Other', name: 'b', namespace: 'A' },
            },
          },
        },
      },
    ],
    [
      "volumes[0].ephemeral.volumeClaimTemplate.spec.dataSourceRef.apiGroup: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "volumes[0].ephemeral.volumeClaimTemplate.spec.dataSourceRef.namespace: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'volumes[0].ephemeral.volumeClaimTemplate.spec: Invalid value: "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.dataSource": may not be specified when dataSourceRef.namespace is specified',
    ],
  ],
];

for (const [title, volumes, expected] of cases) {
  test(`Pod.validate of ${title}`, () => {
    assert.deepEqual(faults(volumes), expected);
  });
}
