// Which volumes of a pod are its own: those that take room on the node's disk, or in its memory, and go with the pod.
// Upstream: IsLocalEphemeralVolume in pkg/volume/util. ConfigMaps, of a mebibyte at most, are not worth counting.

import type { Pod } from '../../api/core/pod.ts';
import type { Volume } from '../../api/core/volume.ts';

export function ownVolumes({ spec }: Pod): readonly Volume[] {
  return (spec.volumes ?? []).filter(({ emptyDir }) => emptyDir !== undefined);
}

export function volumesOnDisk(pod: Pod): readonly Volume[] {
  return ownVolumes(pod).filter(({ emptyDir }) => emptyDir?.medium !== 'Memory');
}
