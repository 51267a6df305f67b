// Claims stay while pods that have a node use them. Upstream: pkg/controller/volume/pvcprotection.

import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import { claimNameOf } from '../../api/core/pod-claims.ts';
import { CLAIM_PROTECTION } from '../../api/storage/protection-finalizers.ts';
import { keyOf } from '../../client/object-key.ts';
import { CLAIM_INDEX, claimIndex } from '../claims-of-pods.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { isControlledBy } from '../owner-reference.ts';
import { protectionController } from './protection-controller.ts';

export function pvcProtection(deps: ControllerDeps): Controller {
  const { client, informers } = deps;
  const pods = informers.informer(Pod, { indexes: { [CLAIM_INDEX]: claimIndex } });
  return protectionController(deps, {
    name: 'persistentvolumeclaim-protection-controller',
    kind: PersistentVolumeClaim,
    finalizer: CLAIM_PROTECTION,
    reads: [pods],
    watch: (enqueue) => [
      pods.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type === 'deleted' || isShutDown(object)) for (const claim of claimIndex(object)) enqueue(claim);
        }
      }),
    ],
    async isUsed(claim, signal) {
      if (pods.byIndex(CLAIM_INDEX, keyOf(claim.metadata)).some((pod) => uses(pod, claim))) return true;
      // A pod that is not seen here yet may have begun to use it.
      const { items } = await client.list(Pod, { namespace: claim.metadata.namespace, signal });
      return items.some((pod) => uses(pod, claim));
    },
  });
}

/** A node starts no pod with a claim that is going, so that only those count that it may have started before. */
function uses(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!pod.spec.nodeName) return false;
  return (pod.spec.volumes ?? []).some((volume) => {
    if (claimNameOf(pod, volume) !== claim.metadata.name) return false;
    return !volume.ephemeral || (!isShutDown(pod) && isControlledBy(claim, pod));
  });
}

/** The node is done with the pod. Something else may keep it, which may wait for the claim in turn. */
function isShutDown({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
}
