// The volume behind a pod's claim, as the API has it when the pod starts: a node may get the claims and volumes of its
// pods, and nothing else of the kind. Upstream: pkg/kubelet/volumemanager/populator.

import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import type { Pod } from '../../api/core/pod.ts';
import { claimFault } from '../../api/core/pod-claims.ts';
import type { Volume } from '../../api/core/volume.ts';
import type { Client } from '../../client/client.ts';

/** Throws, in words for users, while there is no volume that the pod may have. */
export async function claimedVolume(
  client: Pick<Client, 'get'>,
  pod: Pod,
  volume: Volume,
  claimName: string,
): Promise<PersistentVolume> {
  const { namespace } = pod.metadata;
  const which = `error processing PVC ${namespace}/${claimName}`;
  const claim = await client.get(PersistentVolumeClaim, { namespace, name: claimName });
  const fault = claimFault(pod, volume, claim) ?? unboundFault(claim);
  if (fault !== undefined) throw new Error(`${which}: ${fault}`);
  const found = await client.get(PersistentVolume, { name: claim.spec.volumeName ?? '' });
  if (found.spec.claimRef?.uid === claim.metadata.uid) return found;
  throw new Error(`${which}: PV ${found.metadata.name} is not bound to it`);
}

function unboundFault({ spec, status }: PersistentVolumeClaim): string | undefined {
  return status.phase === 'Bound' && spec.volumeName ? undefined : 'PVC is not bound';
}
