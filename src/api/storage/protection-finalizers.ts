// The finalizers of storage objects that stay while they are in use.

import { PersistentVolume } from '../core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts';
import type { Kind } from '../kind.ts';
import { VolumeAttributesClass } from './volume-attributes-class.ts';

export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';
export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
export const ATTRIBUTES_CLASS_PROTECTION = 'kubernetes.io/vac-protection';

export const PROTECTION_FINALIZERS: ReadonlyMap<Kind, string> = new Map<Kind, string>([
  [PersistentVolume, VOLUME_PROTECTION],
  [PersistentVolumeClaim, CLAIM_PROTECTION],
  [VolumeAttributesClass, ATTRIBUTES_CLASS_PROTECTION],
]);
