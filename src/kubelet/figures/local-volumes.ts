// Which volumes of a pod take room on the node's own disk and go with the pod. Upstream: IsLocalEphemeralVolume in
// pkg/volume/util.

import type { Pod } from '../../api/core/pod.ts';
import type { Volume } from '../../api/core/volume.ts';

export function localVolumes({ spec }: Pod): readonly Volume[] {
  return (spec.volumes ?? []).filter(
    ({ emptyDir, configMap }) => configMap !== undefined || (emptyDir !== undefined && emptyDir.medium !== 'Memory'),
  );
}

/** What is measured: those, and what is kept in memory under a limit of its own. */
export function measuredVolumes(pod: Pod): readonly Volume[] {
  const inMemory = (pod.spec.volumes ?? []).filter(({ emptyDir }) => emptyDir?.medium === 'Memory');
  return [...localVolumes(pod), ...inMemory];
}
