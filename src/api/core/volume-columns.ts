// How volumes and claims show what they have in common. Upstream: pkg/apis/core/helper.

import type { PersistentVolumeAccessMode } from './persistent-volume.ts';

const SHORT_ACCESS_MODES = new Map<PersistentVolumeAccessMode, string>([
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]);

/** `RWO,ROX`: each mode once, in this order. */
export function formatAccessModes(modes: readonly PersistentVolumeAccessMode[] | undefined): string {
  return [...SHORT_ACCESS_MODES]
    .filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');
}
