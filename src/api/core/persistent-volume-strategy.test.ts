import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningsOf } from '../../../test/support/faults.ts';
import { readInput } from '../read-input.ts';
import { VolumeAttachment } from '../storage/volume-attachment.ts';
import { PersistentVolume } from './persistent-volume.ts';

type Input = Parameters<typeof warningsOf<typeof PersistentVolume>>[1];
type Status = NonNullable<Input['status']>;

const csi = { driver: 'd', volumeHandle: 'v' };
const EARLIER = '2026-01-01T00:00:00Z';
const GIVEN = '2026-01-01T00:30:00Z';
const NOW = '2026-01-01T01:00:00Z';

test('PersistentVolume.defaults keep the volume, which has a file system', () => {
  const { spec, status } = readInput(PersistentVolume, { spec: { csi } });
  assert.deepEqual(
    [spec.persistentVolumeReclaimPolicy, spec.volumeMode, status.phase],
    ['Retain', 'Filesystem', 'Pending'],
  );
  const chosen = { csi, persistentVolumeReclaimPolicy: 'Delete', volumeMode: 'Block' } as const;
  assert.deepEqual(readInput(PersistentVolume, { spec: chosen }).spec, chosen);
});

test('PersistentVolume.defaults are not for volumes inside of an attachment', () => {
  const source = { inlineVolumeSpec: { csi } };
  const { spec } = readInput(VolumeAttachment, { spec: { attacher: 'a', nodeName: 'n', source } });
  assert.deepEqual(spec.source, source);
});

test('PersistentVolume.prepareForCreate begins without a past', () => {
  const volume = readInput(PersistentVolume, { spec: { csi }, status: { phase: 'Bound', message: 'a' } });
  PersistentVolume.prepareForCreate?.(volume);
  PersistentVolume.stamp?.(volume, undefined, { user: {}, now: NOW });
  assert.deepEqual(volume.status, { phase: 'Pending', lastPhaseTransitionTime: NOW });
});

const timed = (phase: Status['phase'], lastPhaseTransitionTime?: string) =>
  ({ phase, ...(lastPhaseTransitionTime && { lastPhaseTransitionTime }) }) as Status;
const changes: readonly [title: string, before: Status, after: Status, expected: string | undefined][] = [
  ['a change of phase', timed('Pending', EARLIER), timed('Bound', EARLIER), NOW],
  ['a change of phase without a time', timed('Pending', EARLIER), timed('Bound'), NOW],
  ['a change of phase with its own time', timed('Pending', EARLIER), timed('Bound', GIVEN), GIVEN],
  ['the same phase without a time', timed('Bound', EARLIER), timed('Bound'), EARLIER],
  ['the same phase with another time', timed('Bound', EARLIER), timed('Bound', GIVEN), GIVEN],
  ['the same phase that never had a time', timed('Bound'), timed('Bound'), undefined],
];
for (const [title, before, after, expected] of changes) {
  test(`PersistentVolume.stamp of ${title}`, () => {
    const previous = readInput(PersistentVolume, { spec: { csi }, status: before });
    const volume = readInput(PersistentVolume, { spec: { csi }, status: after });
    PersistentVolume.stamp?.(volume, previous as never, { user: {}, now: NOW });
    assert.equal(volume.status.lastPhaseTransitionTime, expected);
  });
}

const near = (key: string) =>
  ({
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'Exists' }] }] },
  }) as const;
const warnings: readonly [title: string, input: Input, expected: readonly string[]][] = [
  ['nothing', { spec: { csi, nodeAffinity: near('zone') } }, []],
  [
    'the class in an annotation',
    { metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } }, spec: { csi } },
    [
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    ],
  ],
  [
    'recycling',
    { spec: { csi, persistentVolumeReclaimPolicy: 'Recycle' } },
    [
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    ],
  ],
  [
    'an old label',
    { spec: { csi, nodeAffinity: near('beta.kubernetes.io/os') } },
    [
      'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
    ],
  ],
  [
    'old sources',
    {
      spec: {
        cephfs: { monitors: [] },
        photonPersistentDisk: { pdID: 'a' },
        scaleIO: { gateway: 'a', system: 'b', secretRef: {} },
        storageos: {},
        glusterfs: { endpoints: 'a', path: 'b' },
        rbd: { monitors: [], image: 'a' },
      },
    },
    [
      'spec.cephfs: deprecated in v1.28, non-functional in v1.31+',
      'spec.photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+',
      'spec.scaleIO: deprecated in v1.16, non-functional in v1.22+',
      'spec.storageOS: deprecated in v1.22, non-functional in v1.25+',
      'spec.glusterfs: deprecated in v1.25, non-functional in v1.26+',
      'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
    ],
  ],
];
for (const [title, input, expected] of warnings) {
  test(`PersistentVolume.warnings of ${title}`, () => {
    assert.deepEqual(warningsOf(PersistentVolume, input), expected);
  });
}
