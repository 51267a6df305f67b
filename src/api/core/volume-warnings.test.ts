import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Volumes = NonNullable<NonNullable<Parameters<typeof warningsOf<typeof Pod>>[1]['spec']>['volumes']>;
type Source = Omit<Volumes[number], 'name'>;

const cases: readonly [title: string, source: Source, expected: readonly string[]][] = [
  ['a kind that is not deprecated', { hostPath: { path: '/data' } }, []],
  [
    'photonPersistentDisk',
    { photonPersistentDisk: { pdID: 'a' } },
    ['spec.volumes[0].photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+'],
  ],
  [
    'gitRepo',
    { gitRepo: { repository: 'a' } },
    ['spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+'],
  ],
  [
    'scaleIO',
    { scaleIO: { gateway: 'a', system: 'b', secretRef: { name: 'c' }, volumeName: 'd' } },
    ['spec.volumes[0].scaleIO: deprecated in v1.16, non-functional in v1.22+'],
  ],
  [
    'flocker',
    { flocker: { datasetName: 'a' } },
    ['spec.volumes[0].flocker: deprecated in v1.22, non-functional in v1.25+'],
  ],
  [
    'storageos',
    { storageos: { volumeName: 'a' } },
    ['spec.volumes[0].storageOS: deprecated in v1.22, non-functional in v1.25+'],
  ],
  [
    'quobyte',
    { quobyte: { registry: 'a:1', volume: 'b' } },
    ['spec.volumes[0].quobyte: deprecated in v1.22, non-functional in v1.25+'],
  ],
  [
    'glusterfs',
    { glusterfs: { endpoints: 'a', path: 'b' } },
    ['spec.volumes[0].glusterfs: deprecated in v1.25, non-functional in v1.26+'],
  ],
  [
    'cephfs',
    { cephfs: { monitors: ['a'] } },
    ['spec.volumes[0].cephfs: deprecated in v1.28, non-functional in v1.31+'],
  ],
  [
    'rbd',
    { rbd: { monitors: ['a'], image: 'b' } },
    ['spec.volumes[0].rbd: deprecated in v1.28, non-functional in v1.31+'],
  ],
  [
    'a claim of its own for a part of a byte',
    {
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '200m' } } },
        },
      },
    },
    [
      'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value "200m" is invalid, must be an integer',
    ],
  ],
  [
    'files beside each other',
    {
      configMap: {
        name: 'c',
        items: [
          { key: 'a', path: 'a' },
          { key: 'b', path: 'ab' },
        ],
      },
    },
    [],
  ],
  [
    'a file twice',
    {
      configMap: {
        name: 'c',
        items: [
          { key: 'a', path: 'x' },
          { key: 'b', path: 'x/' },
        ],
      },
    },
    ['volume "data" (ConfigMap "c"): overlapping paths: "x" with "x"'],
  ],
  [
    'a file where there is a directory',
    {
      secret: {
        secretName: 's',
        items: [
          { key: 'a', path: 'x/y' },
          { key: 'b', path: 'x/z' },
          { key: 'c', path: 'x' },
        ],
      },
    },
    [
      'volume "data" (Secret "s"): overlapping paths: "x" with "x/y"',
      'volume "data" (Secret "s"): overlapping paths: "x" with "x/z"',
    ],
  ],
  [
    'a field of the pod twice',
    {
      downwardAPI: {
        items: [
          { path: 'x', fieldRef: { fieldPath: 'metadata.name' } },
          { path: 'x', fieldRef: { fieldPath: 'metadata.uid' } },
        ],
      },
    },
    ['volume "data" (DownwardAPI): overlapping paths: "x" with "x"'],
  ],
  [
    'several sources in one place',
    {
      projected: {
        sources: [
          { configMap: { name: 'c', items: [{ key: 'a', path: 'x' }] } },
          { secret: { name: 's', items: [{ key: 'a', path: 'x/y' }] } },
          { downwardAPI: { items: [{ path: 'z', fieldRef: { fieldPath: 'metadata.uid' } }] } },
          { serviceAccountToken: { path: 'x' } },
        ],
      },
    },
    [
      'volume "data" (Projected): overlapping paths: "x/y" (Secret "s") with "x" (ConfigMap "c")',
      'volume "data" (Projected): overlapping paths: "x" (ServiceAccountToken) with "x" (ConfigMap "c")',
      'volume "data" (Projected): overlapping paths: "x" (ServiceAccountToken) with "x/y" (Secret "s")',
    ],
  ],
  [
    'a source of nothing, and one of everything',
    { projected: { sources: [{}, { configMap: { name: 'c' } }] } },
    ['volume "data" (Projected) has no sources provided'],
  ],
];
for (const [title, source, expected] of cases) {
  test(`Pod.warnings of volumes: ${title}`, () => {
    const spec = { containers: [{ name: 'main', image: 'nginx' }], volumes: [{ name: 'data', ...source }] };
    assert.deepEqual(warningsOf(Pod, { spec }), expected);
  });
}
