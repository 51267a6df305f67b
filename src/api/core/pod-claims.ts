// Which claims a pod's volumes are of, and which it may use. Upstream: k8s.io/component-helpers/storage/ephemeral.

import type { PersistentVolumeClaim } from './persistent-volume-claim.ts';
import type { Pod } from './pod.ts';
import type { Volume } from './volume.ts';

/** The claim that is made for an ephemeral volume has the name of the pod and the volume. */
export function claimNameOf({ metadata }: Pick<Pod, 'metadata'>, volume: Volume): string | undefined {
  if (volume.ephemeral) return `${metadata.name}-${volume.name}`;
  return volume.persistentVolumeClaim?.claimName;
}

/** Why a pod that begins now cannot have the claim for its volume, in words for users. */
export function claimFault(pod: Pod, volume: Volume, claim: PersistentVolumeClaim): string | undefined {
  if (claim.metadata.deletionTimestamp !== undefined) {
    return `persistentvolumeclaim "${claim.metadata.name}" is being deleted`;
  }
  return volume.ephemeral && foreignClaim(pod, claim);
}

/** A claim that has the name of an ephemeral volume's without having been made for it: its data are not for the pod. */
export function foreignClaim({ metadata }: Pod, claim: PersistentVolumeClaim): string | undefined {
  const { ownerReferences = [], namespace, name } = claim.metadata;
  if (ownerReferences.some(({ controller, uid }) => controller && uid === metadata.uid)) return undefined;
  return `PVC ${namespace}/${name} was not created for pod ${metadata.namespace}/${metadata.name} (pod is not owner)`;
}
