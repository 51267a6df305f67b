// What is to be done about a volume, seen from what has become of the claim that it is bound to: pure. Upstream:
// syncVolume in pkg/controller/volume/persistentvolume.

import type { PersistentVolume, PersistentVolumePhase } from '../../api/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { BOUND_BY_CONTROLLER, hasAnnotation, PROVISIONED_BY } from '../../api/storage/volume-binding.ts';

export interface VolumeFailure {
  readonly reason: string;
  readonly message: string;
}

export type VolumePlan =
  | { readonly step: 'set-phase'; readonly phase: PersistentVolumePhase; readonly failure?: VolumeFailure }
  /** The binding is rolled back, and the volume becomes available. */
  | { readonly step: 'unbind' }
  /** Nothing: the claim's own turn comes. */
  | { readonly step: 'leave' };

/** `claim`: what has the name that the volume refers to now, if there is anything. */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumePlan {
  const { claimRef } = volume.spec;
  if (!claimRef?.uid) return { step: 'set-phase', phase: 'Available' }; // Free, or kept for a claim that is to come.
  if (!claim || claim.metadata.uid !== claimRef.uid) return reclaim(volume);
  const boundName = claim.spec.volumeName ?? '';
  if (boundName === '') return { step: 'leave' };
  if (boundName === volume.metadata.name) return { step: 'set-phase', phase: 'Bound' };
  // Made for a claim that has found another one meanwhile.
  return isMadeToGo(volume) ? reclaim(volume) : { step: 'unbind' };
}

/** The volume without the claim that it was bound to. */
export function unbound(volume: PersistentVolume): PersistentVolume {
  const { claimRef, ...spec } = volume.spec;
  if (!hasAnnotation(volume, BOUND_BY_CONTROLLER)) {
    // A user keeps it for whichever claim has that name.
    const { uid: _uid, resourceVersion: _version, ...kept } = claimRef ?? {};
    return { ...volume, spec: { ...spec, claimRef: kept } };
  }
  const { [BOUND_BY_CONTROLLER]: _, ...annotations } = volume.metadata.annotations ?? {};
  return { ...volume, metadata: { ...volume.metadata, annotations }, spec };
}

function isMadeToGo(volume: PersistentVolume): boolean {
  return hasAnnotation(volume, PROVISIONED_BY) && volume.spec.persistentVolumeReclaimPolicy === 'Delete';
}

/**
 * Its claim has gone. Whoever made the volume takes it away when it is released; nobody can do that, or wipe it, for one
 * that was made by hand.
 */
function reclaim(volume: PersistentVolume): VolumePlan {
  const { phase } = volume.status;
  if (phase === 'Failed') return { step: 'leave' };
  if (phase !== 'Released') return { step: 'set-phase', phase: 'Released' };
  const failure = reclaimFailure(volume);
  return failure ? { step: 'set-phase', phase: 'Failed', failure } : { step: 'leave' };
}

function reclaimFailure(volume: PersistentVolume): VolumeFailure | undefined {
  const { persistentVolumeReclaimPolicy } = volume.spec;
  if (persistentVolumeReclaimPolicy === 'Recycle') {
    return { reason: 'VolumeFailedRecycle', message: 'No recycler plugin found for the volume!' };
  }
  if (persistentVolumeReclaimPolicy !== 'Delete' || hasAnnotation(volume, PROVISIONED_BY)) return undefined;
  const which = `error getting deleter volume plugin for volume "${volume.metadata.name}"`;
  return { reason: 'VolumeFailedDelete', message: `${which}: no deletable volume plugin matched` };
}
