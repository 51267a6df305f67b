// Follows volumes: free, bound, released once their claim has gone. What is to be done is plan-volume.ts's. Upstream:
// pkg/controller/volume/persistentvolume.

import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { isStatusError } from '../../api/status-error.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { planVolume, unbound } from './plan-volume.ts';
import { setVolumePhase } from './volume-phase.ts';

/** Volumes by the claim that they refer to. */
const CLAIM_INDEX = 'claim';
const claimIndex = ({ spec: { claimRef } }: PersistentVolume) =>
  claimRef?.name ? [keyOf({ namespace: claimRef.namespace, name: claimRef.name })] : [];

export function volumeReclaimer(deps: ControllerDeps): Controller {
  const { client, events, informers } = deps;
  const volumes = informers.informer(PersistentVolume, { indexes: { [CLAIM_INDEX]: claimIndex } });
  const claims = informers.informer(PersistentVolumeClaim);
  return {
    name: 'persistentvolume-reclaimer-controller',
    reads: [volumes, claims],
    watch: (enqueue) => [
      volumes.subscribe((changes) => {
        for (const { type, object } of changes) if (type !== 'deleted') enqueue(keyOf(object.metadata));
      }),
      claims.subscribe((changes) => {
        for (const { object } of changes) {
          for (const { metadata } of volumes.byIndex(CLAIM_INDEX, keyOf(object.metadata))) enqueue(keyOf(metadata));
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const volume = volumes.get(key);
      if (!volume) return;
      const plan = planVolume(volume, await claimOf(deps, volume, claims, signal));
      switch (plan.step) {
        case 'leave':
          return;
        case 'unbind':
          await client.update(PersistentVolume, unbound(volume), { signal }); // Seen without a claim, it is available.
          return;
        case 'set-phase': {
          const { phase, failure } = plan;
          const isNew = await setVolumePhase(client, volume, { phase, message: failure?.message }, signal);
          if (failure && isNew) events.event(volume, 'Warning', failure.reason, failure.message);
          return;
        }
        default:
          plan satisfies never;
      }
    },
  };
}

/** A claim that is not seen here yet may be there all the same; a volume must not be taken from it. */
async function claimOf(
  { client }: ControllerDeps,
  { spec: { claimRef } }: PersistentVolume,
  claims: Informer<PersistentVolumeClaim>,
  signal: AbortSignal,
): Promise<PersistentVolumeClaim | undefined> {
  if (!claimRef?.uid || !claimRef.name) return undefined;
  const ref = { namespace: claimRef.namespace, name: claimRef.name };
  const known = claims.get(ref);
  if (known?.metadata.uid === claimRef.uid) return known;
  try {
    return await client.get(PersistentVolumeClaim, ref, { signal });
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}
