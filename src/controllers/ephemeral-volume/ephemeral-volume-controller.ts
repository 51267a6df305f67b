// Makes the claims of pods' ephemeral volumes; they go with their pods. Upstream: pkg/controller/volume/ephemeral.

import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import { claimNameOf, foreignClaim } from '../../api/core/pod-claims.ts';
import type { Volume } from '../../api/core/volume.ts';
import { isStatusError, StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/message-of.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { CLAIM_INDEX, claimIndex } from '../claims-of-pods.ts';
import type { Controller, Enqueue } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { controllerReference } from '../owner-reference.ts';

export function ephemeralVolumeController(deps: ControllerDeps): Controller {
  const { events, informers } = deps;
  const pods = informers.informer(Pod, { indexes: { [CLAIM_INDEX]: claimIndex } });
  const claims = informers.informer(PersistentVolumeClaim);
  return {
    name: 'ephemeral-volume-controller',
    reads: [pods, claims],
    watch: (enqueue) => [
      pods.subscribe((changes) => {
        for (const { type, object } of changes) if (type === 'added') enqueueWaiting(enqueue, object);
      }),
      claims.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type !== 'deleted') continue;
          // It is made again for a pod that has lost it.
          for (const pod of pods.byIndex(CLAIM_INDEX, keyOf(object.metadata))) enqueueWaiting(enqueue, pod);
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const pod = pods.get(key);
      if (!pod || pod.metadata.deletionTimestamp !== undefined) return;
      for (const volume of pod.spec.volumes ?? []) {
        const name = volume.ephemeral && claimNameOf(pod, volume);
        if (!name) continue;
        try {
          await ensureClaim({ ...deps, claims }, pod, { name, volume }, signal);
        } catch (error) {
          if (signal.aborted) throw error;
          const why = messageOf(error);
          events.event(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume.name}: ${why}`);
          throw error;
        }
      }
    },
  };
}

/** Pods do not change what volumes they have. */
function enqueueWaiting(enqueue: Enqueue, { metadata, spec }: Pod): void {
  if (metadata.deletionTimestamp !== undefined) return;
  if (spec.volumes?.some(({ ephemeral }) => ephemeral)) enqueue(keyOf(metadata));
}

async function ensureClaim(
  { client, claims }: ControllerDeps & { readonly claims: Informer<PersistentVolumeClaim> },
  pod: Pod,
  { name, volume }: { readonly name: string; readonly volume: Volume },
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = pod.metadata;
  const existing = claims.get({ namespace, name });
  if (existing) return refuseForeign(existing, pod);
  const { metadata, spec } = volume.ephemeral?.volumeClaimTemplate ?? {};
  const { labels, annotations } = metadata ?? {};
  const claim = {
    metadata: {
      namespace,
      name,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(Pod, pod)],
    },
    spec: spec ?? {},
  };
  try {
    await client.create(PersistentVolumeClaim, claim, { signal });
  } catch (error) {
    if (!isStatusError(error)) throw error;
    if (error.reason === 'AlreadyExists') {
      return refuseForeign(await client.get(PersistentVolumeClaim, { namespace, name }, { signal }), pod);
    }
    throw new StatusError(error.reason, `create PVC ${name}: ${error.message}`, { code: error.code, cause: error });
  }
}

/** Nothing but deleting one of them helps. */
function refuseForeign(claim: PersistentVolumeClaim, pod: Pod): void {
  const why = foreignClaim(pod, claim);
  if (why !== undefined) throw new StatusError('Conflict', why);
}
