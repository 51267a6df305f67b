// Which volumes a pod's claims get on a node: pure. Upstream: the volume binder of the VolumeBinding plugin
// (pkg/scheduler/framework/plugins/volumebinding).

import type { Node } from '../../api/core/node.ts';
import type { PersistentVolume } from '../../api/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { storageClassOf } from '../../api/core/persistent-volume-claim-classes.ts';
import type { Pod } from '../../api/core/pod.ts';
import { claimFault, claimNameOf } from '../../api/core/pod-claims.ts';
import { compareQuantities } from '../../api/quantity.ts';
import type { StorageClass } from '../../api/storage/storage-class.ts';
import {
  isFullyBound,
  isReachableFrom,
  NO_PROVISIONER,
  SELECTED_NODE,
  suitableVolume,
  volumeClassOf,
  waitsForConsumer,
} from '../../api/storage/volume-binding.ts';

/** What there is. */
export interface StorageObjects {
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  storageClass(name: string): StorageClass | undefined;
  volumes(): readonly PersistentVolume[];
}

export interface PodClaims {
  /** The volumes of claims that have one; undefined for one that is not there. */
  readonly bound: readonly (PersistentVolume | undefined)[];
  /** Claims that get theirs when it is known where the pod runs, the smallest first. */
  readonly waiting: readonly PersistentVolumeClaim[];
  /** The volumes of the classes of those that wait: looked up once for all nodes. */
  readonly candidates: readonly PersistentVolume[];
}

const UNBOUND_IMMEDIATE = 'pod has unbound immediate PersistentVolumeClaims';

/** The claims of the pod's volumes, or why it cannot be scheduled anywhere. */
export function claimsOf(pod: Pod, objects: StorageObjects): PodClaims | string {
  const claims: PersistentVolumeClaim[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name === undefined) continue;
    const claim = objects.claim(pod.metadata.namespace, name);
    if (!claim && !volume.ephemeral) return `persistentvolumeclaim "${name}" not found`;
    if (!claim) return `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`;
    if (claim.status.phase === 'Lost') {
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`;
    }
    const fault = claimFault(pod, volume, claim);
    if (fault !== undefined) return fault;
    claims.push(claim);
  }
  const waiting = claims.filter((claim) => !isFullyBound(claim));
  const isImmediate = (claim: PersistentVolumeClaim) =>
    Boolean(claim.spec.volumeName) || !waitsForConsumer(objects.storageClass(storageClassOf(claim)));
  if (waiting.some(isImmediate)) return UNBOUND_IMMEDIATE;
  const classes = new Set(waiting.map(storageClassOf));
  return {
    candidates: classes.size === 0 ? [] : objects.volumes().filter((volume) => classes.has(volumeClassOf(volume))),
    bound: claims.filter(isFullyBound).map(({ spec }) => objects.volume(spec.volumeName ?? '')),
    waiting: waiting.toSorted((a, b) => compareQuantities(requestOf(a), requestOf(b))),
  };
}

function requestOf({ spec }: PersistentVolumeClaim): string {
  return spec.resources.requests?.['storage'] ?? '0';
}

/** What becomes of a claim on a node: a volume that is there already, or one that its provisioner makes. */
export interface ClaimChoice {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume | undefined;
}

/** Why the node is none for the pod, for users. */
export interface VolumeConflicts {
  readonly reasons: readonly string[];
}

const GONE = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';
const OUT_OF_REACH = "node(s) didn't match PersistentVolume's node affinity";
const NONE_TO_BIND = "node(s) didn't find available persistent volumes to bind";

/** `promised`: what other pods are about to get. */
export function chooseVolumes(
  { bound, waiting, candidates }: PodClaims,
  node: Node,
  objects: StorageObjects,
  promised: readonly ClaimChoice[],
): readonly ClaimChoice[] | VolumeConflicts {
  if (bound.some((volume) => !volume)) return { reasons: [GONE] };
  const reasons = bound.every((volume) => volume && isReachableFrom(volume, node)) ? [] : [OUT_OF_REACH];
  const choices = chooseFor({ waiting, candidates }, node, objects, promised);
  if (choices && reasons.length === 0) return choices;
  return { reasons: choices ? reasons : [...reasons, NONE_TO_BIND] };
}

function chooseFor(
  { waiting, candidates }: Pick<PodClaims, 'waiting' | 'candidates'>,
  node: Node,
  objects: StorageObjects,
  promised: readonly ClaimChoice[],
): readonly ClaimChoice[] | undefined {
  const choices: ClaimChoice[] = [];
  for (const claim of waiting) {
    const selectedNode = claim.metadata.annotations?.[SELECTED_NODE];
    if (selectedNode !== undefined && selectedNode !== node.metadata.name) return undefined;
    const except = namesOf([...choices, ...promised.filter((other) => !isSame(other.claim, claim))]);
    const volume = selectedNode === undefined ? suitableVolume(claim, candidates, { node, except }) : undefined;
    if (!volume && !canBeMade(objects.storageClass(storageClassOf(claim)), node)) return undefined;
    choices.push({ claim, volume });
  }
  return choices;
}

function namesOf(choices: readonly ClaimChoice[]): ReadonlySet<string> {
  return new Set(choices.flatMap(({ volume }) => volume?.metadata.name ?? []));
}

function isSame(a: PersistentVolumeClaim, b: PersistentVolumeClaim): boolean {
  return a.metadata.uid === b.metadata.uid;
}

/** Whether the class has somebody who makes volumes, for this node too. */
function canBeMade(storageClass: StorageClass | undefined, { metadata }: Node): boolean {
  if (!storageClass || storageClass.provisioner === NO_PROVISIONER) return false;
  const terms = storageClass.allowedTopologies ?? [];
  if (terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? '')),
  );
}
