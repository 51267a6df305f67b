// What the server itself says of a persistent volume, and what it warns of. Upstream: pkg/registry/core/persistentvolume
// and pkg/api/persistentvolume.

import { Path } from '../field-error.ts';
import type { Draft } from '../schema.ts';
import type { WriteContext } from '../write-context.ts';
import { nodeSelectorWarnings } from './node-label-warnings.ts';
import type { PersistentVolume } from './persistent-volume.ts';
import type { PersistentVolumeSource } from './persistent-volume-source.ts';
import { storageClassAnnotationWarnings } from './storage-class-annotation.ts';

/** Of a volume only: one that is written down where it is attached has no defaults. */
export function defaultPersistentVolume({ spec }: Draft<PersistentVolume>): void {
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
}

export function preparePersistentVolumeForCreate(volume: Draft<PersistentVolume>): void {
  volume.status = { phase: 'Pending' };
}

/** A change of phase is timed, unless whoever changes it has done so. */
export function stampPhase(
  { status }: Draft<PersistentVolume>,
  previous: PersistentVolume | undefined,
  { now }: WriteContext,
): void {
  const { phase, lastPhaseTransitionTime: before } = previous?.status ?? {};
  const { lastPhaseTransitionTime: given } = status;
  if (phase !== status.phase) {
    if (given === undefined || given === before) status.lastPhaseTransitionTime = now;
  } else if (given === undefined && before !== undefined) status.lastPhaseTransitionTime = before;
}

/** Since when a source is deprecated, and since when nothing can mount it. */
const DEPRECATED_SOURCES: readonly (readonly [source: keyof PersistentVolumeSource, field: string, why: string])[] = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

export function persistentVolumeWarnings({ metadata, spec }: PersistentVolume): readonly string[] {
  const at = Path.of('spec');
  const affinity = spec.nodeAffinity?.required;
  return [
    ...storageClassAnnotationWarnings(metadata),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? [RECYCLE] : []),
    ...(affinity ? nodeSelectorWarnings(affinity, at.child('nodeAffinity', 'required')) : []),
    ...DEPRECATED_SOURCES.flatMap(([source, field, why]) => (spec[source] ? [`${at.child(field)}: ${why}`] : [])),
  ];
}

const RECYCLE =
  'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.';
