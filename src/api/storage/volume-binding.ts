// What binds volumes and claims to each other: the marks that those leave who take part in it (the binder, the scheduler,
// provisioners), and which volume suits a claim. Upstream: k8s.io/component-helpers/storage/volume.

import type { Node } from '../core/node.ts';
import { matchesNodeSelector } from '../core/node-selector.ts';
import type { PersistentVolume } from '../core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts';
import { storageClassOf } from '../core/persistent-volume-claim-classes.ts';
import { BETA_STORAGE_CLASS } from '../core/storage-class-annotation.ts';
import type { AnyObject } from '../kind.ts';
import { compileLabelSelector } from '../label-selector.ts';
import { compareQuantities } from '../quantity.ts';
import type { StorageClass } from './storage-class.ts';

/** On claims: the binder is through with it. From then on it counts as lost when its volume goes. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** On both: the binder has chosen the other one, not a user. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** On volumes: who made it, and takes it away. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** On claims: where the scheduler wants the volume to be made. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** On claims: who is to make a volume for it; provisioners of before v1.23 look at the other one. */
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
export const BETA_STORAGE_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';

/** Of classes whose volumes are all made by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

export function volumeClassOf({ metadata, spec }: PersistentVolume): string {
  return metadata.annotations?.[BETA_STORAGE_CLASS] ?? spec.storageClassName ?? '';
}

/** Whether volumes of the class are chosen and made only when it is known on which node they are needed. */
export function waitsForConsumer(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

export function hasAnnotation({ metadata }: Pick<AnyObject, 'metadata'>, name: string): boolean {
  return metadata.annotations?.[name] !== undefined;
}

/** Whether nothing about the claim's volume is left to be decided. */
export function isFullyBound(claim: PersistentVolumeClaim): boolean {
  return Boolean(claim.spec.volumeName) && hasAnnotation(claim, BIND_COMPLETED);
}

/** Whether the volume is the claim's, or kept for it by its name: for whichever claim has it, if no uid is said. */
export function isKeptFor({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

/** Whether pods on the node can use the volume. */
export function isReachableFrom({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return !required || matchesNodeSelector(required, node);
}

/** What keeps the claim from being bound to just this volume, as users are told. */
export function misfitOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (isTooSmall(volume, claim)) return 'requested PV is too small';
  if (volumeClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match';
  if (!sameAttributesClass(volume, claim)) return 'VolumeAttributesClassName does not match';
  if (!sameMode(volume, claim)) return 'incompatible volumeMode';
  if (!hasAccessModes(volume, claim)) return 'incompatible accessMode';
  return undefined;
}

export interface SuitableOptions {
  /** Names of volumes that are as good as taken. */
  readonly except?: ReadonlySet<string>;
  /** Where the volume is to be used. */
  readonly node?: Node;
  /** Only volumes that are kept for the claim. */
  readonly onlyKept?: boolean;
}

/** The volume that is kept for the claim, or else the smallest of those that are free and suit it. */
export function suitableVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  { except, node, onlyKept = false }: SuitableOptions = {},
): PersistentVolume | undefined {
  const matcher = claim.spec.selector && compileLabelSelector(claim.spec.selector);
  const reachable = (volume: PersistentVolume) => !node || isReachableFrom(volume, node);
  let smallest: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (except?.has(volume.metadata.name) || volume.metadata.deletionTimestamp !== undefined) continue;
    if (isTooSmall(volume, claim) || !sameMode(volume, claim) || !sameAttributesClass(volume, claim)) continue;
    if (isKeptFor(volume, claim)) return reachable(volume) ? volume : undefined;
    if (onlyKept || volume.spec.claimRef || volume.status.phase !== 'Available') continue;
    if (volumeClassOf(volume) !== storageClassOf(claim) || !hasAccessModes(volume, claim)) continue;
    if (matcher && !matcher.matches(volume.metadata.labels)) continue;
    if (smallest && compareQuantities(sizeOf(volume), sizeOf(smallest)) >= 0) continue;
    if (reachable(volume)) smallest = volume;
  }
  return smallest;
}

/** The volume as it is once it is bound to the claim; the very same if it is already. */
export function boundTo(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { claimRef } = volume.spec;
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const isKept = isKeptFor(volume, claim);
  if (isKept && claimRef?.uid === uid) return volume;
  const annotations = isKept ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
  return {
    ...volume,
    metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, ...annotations } },
    spec: {
      ...volume.spec,
      claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion },
    },
  };
}

export function sizeOf({ spec }: PersistentVolume): string {
  return spec.capacity?.['storage'] ?? '0';
}

function isTooSmall(volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean {
  return compareQuantities(sizeOf(volume), spec.resources.requests?.['storage'] ?? '0') < 0;
}

function sameMode(volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean {
  return (volume.spec.volumeMode ?? 'Filesystem') === (spec.volumeMode ?? 'Filesystem');
}

function sameAttributesClass(volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean {
  return (volume.spec.volumeAttributesClassName || '') === (spec.volumeAttributesClassName || '');
}

function hasAccessModes(volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean {
  return (spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));
}
