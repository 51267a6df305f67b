import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { PersistentVolumeClaim } from './persistent-volume-claim.ts';

type Input = Parameters<typeof faultsOf<typeof PersistentVolumeClaim>>[1];
type Spec = NonNullable<Input['spec']>;

const NO_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const base: Spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const source = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'a' };

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  [
    'all there is',
    {
      selector: { matchLabels: { a: 'b' } },
      storageClassName: 'fast',
      volumeMode: 'Block',
      volumeName: 'v',
      dataSource: source,
      dataSourceRef: source,
      volumeAttributesClassName: 'gold',
    },
    [],
  ],
  ['the class without a name', { storageClassName: '', volumeAttributesClassName: '' }, []],
  ['no access modes', { accessModes: [] }, ['spec.accessModes: Required value: at least 1 access mode is required']],
  [
    'unknown access modes',
    { accessModes: ['Often' as 'ReadWriteOnce'] },
    [
      'spec.accessModes: Unsupported value: "Often": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
  ],
  [
    'a mode for one pod beside others',
    { accessModes: ['ReadWriteOncePod', 'ReadWriteMany'] },
    ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  ],
  ['no size', { resources: {} }, ['spec.resources[storage]: Required value']],
  [
    'a size of nothing',
    { resources: { requests: { storage: '0' } } },
    ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
  ],
  [
    'classes that are none',
    { storageClassName: 'A', volumeAttributesClassName: 'B' },
    [
      `spec.storageClassName: Invalid value: "A": ${NO_SUBDOMAIN}`,
      `spec.volumeAttributesClassName: Invalid value: "B": ${NO_SUBDOMAIN}`,
    ],
  ],
  [
    'an empty mode',
    { volumeMode: '' as 'Block' },
    ['spec.volumeMode: Unsupported value: "": supported values: "Block", "Filesystem"'],
  ],
  [
    'a source of nothing',
    { dataSource: { kind: '', name: '' } },
    [
      'spec.dataSource.name: Required value',
      'spec.dataSource.kind: Required value',
      'spec.dataSource: Invalid value: "": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    ],
  ],
  [
    'a source of no group',
    { dataSourceRef: { ...source, apiGroup: 'A' } },
    [`spec.dataSourceRef.apiGroup: Invalid value: "A": ${NO_SUBDOMAIN}`],
  ],
  [
    'two sources',
    { dataSource: source, dataSourceRef: { ...source, name: 'b' } },
    ['spec: Invalid value: "spec.dataSource": must match dataSourceRef'],
  ],
  [
    'a source here and one elsewhere',
    { dataSource: source, dataSourceRef: { ...source, namespace: 'other' } },
    ['spec: Invalid value: "spec.dataSource": may not be specified when dataSourceRef.namespace is specified'],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`PersistentVolumeClaim.validate of ${title}`, () => {
    assert.deepEqual(faultsOf(PersistentVolumeClaim, { spec: { ...base, ...spec } }), expected);
  });
}
