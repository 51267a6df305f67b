// What is to be done about a claim: pure. Upstream: syncClaim in pkg/controller/volume/persistentvolume.

import type { PersistentVolume } from '../../api/core/persistent-volume.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimPhase } from '../../api/core/persistent-volume-claim.ts';
import { storageClassOf } from '../../api/core/persistent-volume-claim-classes.ts';
import { BETA_STORAGE_CLASS } from '../../api/core/storage-class-annotation.ts';
import type { StorageClass } from '../../api/storage/storage-class.ts';
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  hasAnnotation,
  isKeptFor,
  misfitOf,
  SELECTED_NODE,
  suitableVolume,
  waitsForConsumer,
} from '../../api/storage/volume-binding.ts';

/** What else there is, as far as it matters to a claim. */
export interface Surroundings {
  readonly volumes: readonly PersistentVolume[];
  readonly volume: (name: string) => PersistentVolume | undefined;
  readonly storageClass: (name: string) => StorageClass | undefined;
  /** The class of claims that name none. */
  readonly defaultClass: StorageClass | undefined;
  /** The names of pods that are to use it and have no node yet. */
  readonly waitingPods: readonly string[];
}

export interface ClaimEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export type ClaimPlan =
  | { readonly step: 'bind'; readonly volume: PersistentVolume }
  /** The claim had no class, for there was no default one when it was made. */
  | { readonly step: 'give-class'; readonly name: string }
  /** Somebody else makes a volume for it. */
  | { readonly step: 'await-volume'; readonly provisioner: string; readonly event: ClaimEvent }
  | { readonly step: 'set-phase'; readonly phase: PersistentVolumeClaimPhase; readonly event?: ClaimEvent };

export function planClaim(claim: PersistentVolumeClaim, around: Surroundings): ClaimPlan {
  if (hasAnnotation(claim, BIND_COMPLETED)) return planBound(claim, around);
  return claim.spec.volumeName ? planNamed(claim, claim.spec.volumeName, around) : planUnbound(claim, around);
}

/** It has been bound before. */
function planBound({ metadata, spec }: PersistentVolumeClaim, { volume: volumeNamed }: Surroundings): ClaimPlan {
  const lost = (reason: string, message: string): ClaimPlan => ({
    step: 'set-phase',
    phase: 'Lost',
    event: warning(reason, message),
  });
  if (!spec.volumeName) {
    return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  }
  const volume = volumeNamed(spec.volumeName);
  if (!volume) return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  const { claimRef } = volume.spec;
  if (!claimRef || claimRef.uid === metadata.uid) return { step: 'bind', volume };
  return lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

/** It asks for one volume and no other. */
function planNamed(claim: PersistentVolumeClaim, name: string, { volume: volumeNamed }: Surroundings): ClaimPlan {
  const volume = volumeNamed(name);
  if (!volume) return pending();
  if (isKeptFor(volume, claim)) return { step: 'bind', volume };
  if (!volume.spec.claimRef) {
    const misfit = misfitOf(volume, claim);
    if (misfit === undefined) return { step: 'bind', volume };
    return pending(warning('VolumeMismatch', `Cannot bind to requested volume "${name}": ${misfit}`));
  }
  // The binder chose it, and another claim has been faster.
  if (hasAnnotation(claim, BOUND_BY_CONTROLLER)) return pending();
  return pending(warning('FailedBinding', `volume "${name}" already bound to a different claim.`));
}

function planUnbound(claim: PersistentVolumeClaim, around: Surroundings): ClaimPlan {
  const className = storageClassOf(claim);
  const storageClass = className === '' ? undefined : around.storageClass(className);
  const isHeldBack = waitsForConsumer(storageClass) && !hasAnnotation(claim, SELECTED_NODE);
  const volume = suitableVolume(claim, around.volumes, { onlyKept: isHeldBack });
  if (volume) return { step: 'bind', volume };
  if (namesNoClass(claim) && around.defaultClass) {
    return { step: 'give-class', name: around.defaultClass.metadata.name };
  }
  if (isHeldBack) return pending(consumerEvent(around.waitingPods));
  if (className !== '') return planProvisioning(className, storageClass);
  const none = 'no persistent volumes available for this claim and no storage class is set';
  return pending(normal('FailedBinding', none));
}

/** Every provisioner is a program of its own here: upstream's own, whose names begin so, have all gone or moved out. */
const BUILT_IN = 'kubernetes.io/';

function planProvisioning(className: string, storageClass: StorageClass | undefined): ClaimPlan {
  if (!storageClass) {
    return pending(warning('ProvisioningFailed', `storageclass.storage.k8s.io "${className}" not found`));
  }
  const { provisioner } = storageClass;
  if (provisioner.startsWith(BUILT_IN)) {
    return pending(warning('ProvisioningFailed', `no volume plugin matched name: ${provisioner}`));
  }
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  return { step: 'await-volume', provisioner, event: normal('ExternalProvisioning', message) };
}

/** Unlike one that asks, by an empty name, for volumes without a class. */
function namesNoClass({ metadata, spec }: PersistentVolumeClaim): boolean {
  return spec.storageClassName === undefined && metadata.annotations?.[BETA_STORAGE_CLASS] === undefined;
}

function consumerEvent(waitingPods: readonly string[]): ClaimEvent {
  if (waitingPods.length === 0) {
    return normal('WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  }
  const pods = waitingPods.length === 1 ? `pod ${waitingPods[0]}` : `pods ${waitingPods.join(',')}`;
  return normal('WaitForPodScheduled', `waiting for ${pods} to be scheduled`);
}

function pending(event?: ClaimEvent): ClaimPlan {
  return { step: 'set-phase', phase: 'Pending', ...(event ? { event } : {}) };
}

function normal(reason: string, message: string): ClaimEvent {
  return { type: 'Normal', reason, message };
}

function warning(reason: string, message: string): ClaimEvent {
  return { type: 'Warning', reason, message };
}
