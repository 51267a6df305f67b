// The claims of a stateful set's pods, and who owns them: by owner references the garbage collector deletes claims together
// with the set or with a pod that was scaled away, as the retention policy says. Pure. Upstream: KEP-1847.

import { StatefulSet } from '../../api/apps/stateful-set.ts';
import type { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import type { InputOf } from '../../api/kind.ts';
import type { OwnerReference } from '../../api/meta/object-meta.ts';
import { controllerReference, refersTo } from '../owner-reference.ts';

type ClaimTemplate = NonNullable<StatefulSet['spec']['volumeClaimTemplates']>[number];

/** A pod of the set that may not be made yet. */
export interface Member {
  readonly name: string;
  readonly uid: string | undefined;
  /** Whether the set has shrunk below it. */
  readonly isScaledAway: boolean;
}

export function claimNameOf({ metadata }: StatefulSet, template: ClaimTemplate, ordinal: number): string {
  return `${template.metadata.name}-${metadata.name}-${ordinal}`;
}

export function claimNamesOf(set: StatefulSet, ordinal: number): readonly string[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => claimNameOf(set, template, ordinal));
}

/** Whether a claim of this name may be one of the set's. */
export function isClaimName(set: StatefulSet, claimName: string): boolean {
  return (set.spec.volumeClaimTemplates ?? []).some(({ metadata }) =>
    claimName.startsWith(`${metadata.name}-${set.metadata.name}-`),
  );
}

export function newClaim(
  set: StatefulSet,
  template: ClaimTemplate,
  ordinal: number,
): InputOf<typeof PersistentVolumeClaim> & {
  readonly metadata: { readonly name: string; readonly namespace: string };
} {
  const { metadata, spec } = template;
  const owner = ownerOf(set, { name: '', uid: undefined, isScaledAway: false });
  return {
    metadata: {
      name: claimNameOf(set, template, ordinal),
      namespace: set.metadata.namespace,
      labels: { ...metadata.labels, ...set.spec.selector?.matchLabels },
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
      ...(owner ? { ownerReferences: [owner] } : {}),
    },
    spec,
  };
}

/** The owners that the claim ought to have by the policy; undefined if it has them, or if it must be left alone. */
export function mendedOwners(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  member: Member,
): readonly OwnerReference[] | undefined {
  const references = claim.metadata.ownerReferences ?? [];
  const ours = references.filter((reference) => isOurs(reference, set, member));
  // A former set or pod of the name: the garbage collector is about to decide on the claim.
  if (ours.some(({ uid }) => uid !== set.metadata.uid && uid !== member.uid)) return undefined;
  const others = references.filter((reference) => !ours.includes(reference));
  const wanted = hasConflict(claim, set, member) ? undefined : ownerOf(set, member);
  const isSettled = wanted
    ? ours.length === 1 && ours[0]?.uid === wanted.uid && ours[0].controller === true
    : ours.length === 0;
  if (isSettled) return undefined;
  return wanted ? [...others, wanted] : others;
}

/** Whether somebody else manages the claim, so that the policy cannot be followed. */
export function hasConflict({ metadata }: PersistentVolumeClaim, set: StatefulSet, member: Member): boolean {
  if (whenDeleted(set) === 'Retain' && whenScaled(set) === 'Retain') return false;
  return (metadata.ownerReferences ?? []).some(
    (reference) => reference.controller === true && !isOurs(reference, set, member),
  );
}

/** Whether the claim belongs to a former pod of the name and goes with it: the next pod must wait for a new one. */
export function isStale({ metadata }: PersistentVolumeClaim, set: StatefulSet, podName: string): boolean {
  if (whenScaled(set) === 'Retain') return false;
  return (metadata.ownerReferences ?? []).some((reference) => refersTo(reference, Pod) && reference.name === podName);
}

function isOurs(reference: OwnerReference, set: StatefulSet, member: Member): boolean {
  if (refersTo(reference, StatefulSet)) return reference.name === set.metadata.name;
  return refersTo(reference, Pod) && reference.name === member.name;
}

function ownerOf(set: StatefulSet, { name, uid, isScaledAway }: Member): OwnerReference | undefined {
  if (isScaledAway && whenScaled(set) === 'Delete') {
    return uid === undefined ? undefined : controllerReference(Pod, { metadata: { name, uid } as Pod['metadata'] });
  }
  return whenDeleted(set) === 'Delete' ? controllerReference(StatefulSet, set) : undefined;
}

function whenDeleted({ spec }: StatefulSet): string {
  return spec.persistentVolumeClaimRetentionPolicy?.whenDeleted ?? 'Retain';
}

function whenScaled({ spec }: StatefulSet): string {
  return spec.persistentVolumeClaimRetentionPolicy?.whenScaled ?? 'Retain';
}
