// Which claims a pod's volumes are of. Upstream: k8s.io/component-helpers/storage/ephemeral.

import type { Pod } from './pod.ts';
import type { Volume } from './volume.ts';

/** The claim that is made for an ephemeral volume has the name of the pod and the volume. */
export function claimNameOf({ metadata }: Pick<Pod, 'metadata'>, volume: Volume): string | undefined {
  if (volume.ephemeral) return `${metadata.name}-${volume.name}`;
  return volume.persistentVolumeClaim?.claimName;
}
