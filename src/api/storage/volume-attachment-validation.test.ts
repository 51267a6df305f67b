import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { readInput } from '../read-input.ts';
import { VolumeAttachment } from './volume-attachment.ts';

type Input = Parameters<typeof faultsOf<typeof VolumeAttachment>>[1];
type Spec = Input['spec'];
type InlineSpec = NonNullable<Spec['source']['inlineVolumeSpec']>;

const NO_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const ONE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
const base: Spec = { attacher: 'Disks.example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } };
const inline: InlineSpec = { csi: { driver: 'd', volumeHandle: 'v' }, accessModes: ['ReadWriteOnce'] };
const inlined = (spec: Partial<InlineSpec>) => ({ source: { inlineVolumeSpec: { ...inline, ...spec } } });
const INLINE = 'spec.source.inlineVolumeSpec';
const ELSEWHERE = 'Forbidden: may not be specified in the context of inline volumes';

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['a volume', {}, []],
  ['a volume that is written down here', inlined({}), []],
  ['no attacher', { attacher: '' }, ['spec.attacher: Required value']],
  ['an attacher that is none', { attacher: 'a_b' }, [`spec.attacher: Invalid value: "a_b": ${NO_SUBDOMAIN}`]],
  [
    'an attacher of a long name',
    { attacher: 'a'.repeat(64) },
    ['spec.attacher: Too long: may not be more than 63 bytes'],
  ],
  ['a node that is none', { nodeName: 'A' }, [`spec.nodeName: Invalid value: "A": ${NO_SUBDOMAIN}`]],
  ['no source', { source: {} }, [`spec.source: Required value: ${ONE}`]],
  [
    'two sources',
    { source: { persistentVolumeName: 'v', inlineVolumeSpec: inline } },
    [`spec.source: Forbidden: ${ONE}`],
  ],
  [
    'a volume without a name',
    { source: { persistentVolumeName: '' } },
    [
      'spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName',
      `spec.source.persistentVolumeName: Invalid value: "": ${NO_SUBDOMAIN}`,
    ],
  ],
  [
    'a volume that is none',
    { source: { persistentVolumeName: 'A' } },
    [`spec.source.persistentVolumeName: Invalid value: "A": ${NO_SUBDOMAIN}`],
  ],
  [
    'what only volumes of the cluster have',
    inlined({
      claimRef: {},
      capacity: { storage: '1' },
      nodeAffinity: {},
      storageClassName: 'a',
      persistentVolumeReclaimPolicy: 'Delete',
      volumeMode: 'Block',
    }),
    [
      `${INLINE}.claimRef: ${ELSEWHERE}`,
      `${INLINE}.capacity: ${ELSEWHERE}`,
      `${INLINE}.nodeAffinity: ${ELSEWHERE}`,
      `${INLINE}.storageClassName: ${ELSEWHERE}`,
      `${INLINE}.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes`,
      `${INLINE}.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes`,
    ],
  ],
  [
    'another source than CSI, and no modes',
    { source: { inlineVolumeSpec: { hostPath: { path: '/a' } } } },
    [
      `${INLINE}.csi: Required value: has to be specified in the context of inline volumes`,
      `${INLINE}.accessModes: Required value`,
    ],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`VolumeAttachment.validate of ${title}`, () => {
    assert.deepEqual(faultsOf(VolumeAttachment, { spec: { ...base, ...spec } }), expected);
  });
}

type Status = NonNullable<Input['status']>;
const attached = { attached: true };
const statuses: readonly [title: string, status: Status, expected: readonly string[]][] = [
  [
    'all there is',
    {
      ...attached,
      attachmentMetadata: { a: 'b' },
      attachError: { message: 'a'.repeat(1024), errorCode: 0 },
      detachError: { message: 'a' },
    },
    [],
  ],
  [
    'much to be told',
    { ...attached, attachmentMetadata: { a: 'a'.repeat(256 * 1024) } },
    ['status.attachmentMetadata: Too long: may not be more than 262144 bytes'],
  ],
  [
    'a long error and a code before the first',
    { ...attached, attachError: { message: 'a'.repeat(1025) }, detachError: { errorCode: -1 } },
    [
      'status.attachError.message: Too long: may not be more than 262144 bytes',
      'status.detachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
  ],
];

for (const [title, status, expected] of statuses) {
  test(`VolumeAttachment.validateStatusUpdate of ${title}`, () => {
    assert.deepEqual(statusFaultsOf(VolumeAttachment, { spec: base, status }, { spec: base }), expected);
  });
}

test('VolumeAttachment.validateUpdate keeps the spec', () => {
  const labelled = { metadata: { labels: { a: 'b' } }, spec: base };
  assert.deepEqual(updateFaultsOf(VolumeAttachment, labelled, { spec: base }), []);
  assert.deepEqual(updateFaultsOf(VolumeAttachment, { spec: { ...base, nodeName: 'm' } }, { spec: base }), [
    'spec: Invalid value: {"attacher":"Disks.example.com","source":{"persistentVolumeName":"v"},"nodeName":"m"}: field is immutable',
  ]);
});

test('VolumeAttachment.prepareForStatusUpdate leaves metadata to others', () => {
  const draft = readInput(VolumeAttachment, { metadata: { labels: { a: 'b' } }, spec: base });
  const previous = readInput(VolumeAttachment, { metadata: { finalizers: ['a/b'] }, spec: base });
  VolumeAttachment.prepareForStatusUpdate?.(draft, previous as never);
  assert.deepEqual(draft.metadata, { finalizers: ['a/b'] });
});
