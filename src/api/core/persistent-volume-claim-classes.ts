// Which classes a claim is of.

import type { PersistentVolumeClaim } from './persistent-volume-claim.ts';
import { BETA_STORAGE_CLASS } from './storage-class-annotation.ts';

/** `''` for a claim without one. */
export function storageClassOf({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[BETA_STORAGE_CLASS] ?? spec.storageClassName ?? '';
}

/** Every class of attributes that the volume has, or may have while it is being changed. */
export function attributesClassesOf({ spec, status }: PersistentVolumeClaim): ReadonlySet<string> {
  const names = [
    spec.volumeAttributesClassName,
    status.currentVolumeAttributesClassName,
    status.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return new Set(names.filter((name): name is string => Boolean(name)));
}
