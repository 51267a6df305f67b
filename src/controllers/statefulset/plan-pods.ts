// What a stateful set does next with its pods and their claims. Ordered sets go one pod at a time, upwards when they grow
// and downwards when they shrink, and stop at the first that is not healthy; parallel ones do not wait. Pure. Upstream:
// pkg/controller/statefulset/stateful_set_control.go.

import type { StatefulSet } from '../../api/apps/stateful-set.ts';
import type { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import type { Pod } from '../../api/core/pod.ts';
import { scaledValue } from '../../api/int-or-string.ts';
import { isPodAvailable, isPodReady, isPodTerminal } from '../pod-state.ts';
import { claimNamesOf, isStale, type Member, mendedOwners } from './stateful-claim.ts';
import { hasIdentity, hasStorage, isInRange, ordinalOf, replicasOf, revisionOf, startOrdinal } from './stateful-pod.ts';

export type PodStep =
  /** With the claims it lacks. */
  | { readonly type: 'create'; readonly ordinal: number; readonly revision: 'current' | 'update' }
  | { readonly type: 'delete'; readonly pod: Pod }
  /** Gives it back its identity, storage and the owners of its claims. */
  | { readonly type: 'mend'; readonly pod: Pod; readonly ordinal: number }
  /** Makes the claims that a pod waits for, and sets their owners. */
  | { readonly type: 'provide'; readonly pod: Pod; readonly ordinal: number }
  /** Sets the owners of the claims of a pod that goes. */
  | { readonly type: 'entrust'; readonly pod: Pod; readonly ordinal: number };

export interface SetFacts {
  readonly set: StatefulSet;
  /** Members, in no order. */
  readonly pods: readonly Pod[];
  /** The name of the revision of the set's template. */
  readonly updateRevision: string;
  readonly claimOf: (name: string) => PersistentVolumeClaim | undefined;
  readonly nowMs: number;
}

/** A place among the replicas, or beyond them. */
interface Place {
  readonly ordinal: number;
  readonly pod: Pod | undefined;
}
type Taken = Place & { readonly pod: Pod };

/** Groups of steps: one begins when all of the one before are done; in an ordered set steps go one after the other too. */
export function planPods(facts: SetFacts): readonly (readonly PodStep[])[] {
  const { replicas, condemned } = placesOf(facts);
  const isOrdered = allowsNoBurst(facts.set);
  const upkeep: PodStep[] = [];
  for (const place of replicas) {
    const { steps, isHealthy } = keepReplica(facts, place);
    upkeep.push(...steps);
    if (isOrdered && !isHealthy) return [upkeep];
  }
  const entrusting = condemned
    .filter((place) => !hasOwners(facts, place))
    .map(({ pod, ordinal }): PodStep => ({ type: 'entrust', pod, ordinal }));
  const shrinking = isOrdered ? shrinkOrdered(facts, condemned) : deletions(condemned.filter(isStaying));
  if (isOrdered && condemned.length > 0) return [upkeep, entrusting, shrinking];
  return [upkeep, entrusting, shrinking, update(facts, replicas)];
}

export function allowsNoBurst({ spec }: StatefulSet): boolean {
  return spec.podManagementPolicy !== 'Parallel';
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status.phase === 'Running' && isPodReady(pod);
}

/** The pod as far as its claims are concerned. */
export function memberOf(set: StatefulSet, { metadata }: Pod, ordinal: number): Member {
  return { name: metadata.name, uid: metadata.uid, isScaledAway: !isInRange(set, ordinal) };
}

/** The replicas from the start ordinal upwards, and the pods outside of them from the highest downwards. */
function placesOf({ set, pods }: SetFacts): {
  readonly replicas: readonly Place[];
  readonly condemned: readonly Taken[];
} {
  const byOrdinal = new Map<number, Pod>();
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal !== undefined) byOrdinal.set(ordinal, pod);
  }
  const start = startOrdinal(set);
  const replicas = Array.from({ length: replicasOf(set) }, (_, index): Place => {
    return { ordinal: start + index, pod: byOrdinal.get(start + index) };
  });
  const condemned = [...byOrdinal]
    .filter(([ordinal]) => !isInRange(set, ordinal))
    .sort(([a], [b]) => b - a)
    .map(([ordinal, pod]) => ({ ordinal, pod }));
  return { replicas, condemned };
}

/** The steps for one replica, and whether others need not wait for it. */
function keepReplica(
  facts: SetFacts,
  { pod, ordinal }: Place,
): { readonly steps: readonly PodStep[]; readonly isHealthy: boolean } {
  const { set } = facts;
  if (!pod) {
    const step: PodStep = { type: 'create', ordinal, revision: revisionAt(set, ordinal) };
    return { steps: hasStaleClaim(facts, ordinal) ? [] : [step], isHealthy: false };
  }
  // Evicted, rejected or stopped from outside: it is made anew when it has gone, however its containers ended.
  if (isPodTerminal(pod)) {
    return { steps: pod.metadata.deletionTimestamp === undefined ? deletions([{ pod }]) : [], isHealthy: false };
  }
  const steps: PodStep[] = [];
  const isPending = pod.status.phase === 'Pending';
  const isOwned = hasOwners(facts, { pod, ordinal });
  if (isPending && (!isOwned || lacksClaims(facts, ordinal))) steps.push({ type: 'provide', pod, ordinal });
  const isHealthy = isRunningAndReady(pod) && !isUnavailable(facts, pod);
  const isMended = hasIdentity(pod) && hasStorage(set, pod, ordinal) && (isOwned || isPending);
  if (!isMended && (isHealthy || !allowsNoBurst(set))) steps.push({ type: 'mend', pod, ordinal });
  return { steps, isHealthy };
}

/** Whether a pod that is made now is of the revision before the update, or of the update. */
function revisionAt(set: StatefulSet, ordinal: number): 'current' | 'update' {
  const { type, rollingUpdate } = set.spec.updateStrategy;
  if (type !== 'RollingUpdate') return 'update';
  const firstUpdated = rollingUpdate ? (rollingUpdate.partition ?? 0) : (set.status.currentReplicas ?? 0);
  return ordinal - startOrdinal(set) < firstUpdated ? 'current' : 'update';
}

/** One pod at a time. An unhealthy one holds up those below it, but may itself go when it is the lowest of them. */
function shrinkOrdered(facts: SetFacts, condemned: readonly Taken[]): readonly PodStep[] {
  const [highest] = condemned;
  if (!highest || !isStaying(highest)) return [];
  const lowestUnavailable = condemned.findLast(({ pod }) => isUnavailable(facts, pod));
  const isHealthy = isRunningAndReady(highest.pod) && !isUnavailable(facts, highest.pod);
  return isHealthy || highest === lowestUnavailable ? deletions([highest]) : [];
}

/** Pods of other revisions go from the highest down to the partition, as many as may be missing at once. */
function update(facts: SetFacts, replicas: readonly Place[]): readonly PodStep[] {
  const { type, rollingUpdate } = facts.set.spec.updateStrategy;
  if (type === 'OnDelete') return [];
  const unavailable = replicas.filter(({ pod }) => !pod || isUnavailable(facts, pod)).length;
  const budget = maxUnavailable(facts.set) - unavailable;
  const outdated = replicas
    .slice(rollingUpdate?.partition ?? 0)
    .filter((place): place is Taken => place.pod !== undefined && isStaying(place))
    .filter(({ pod }) => !isPodTerminal(pod) && revisionOf(pod) !== facts.updateRevision);
  return budget > 0 ? deletions(outdated.reverse().slice(0, budget)) : [];
}

/** At least one: a small percentage of few replicas rounds down to none. KEP-961. */
function maxUnavailable(set: StatefulSet): number {
  const value = set.spec.updateStrategy.rollingUpdate?.maxUnavailable ?? 1;
  return Math.max(1, scaledValue(value, replicasOf(set), 'down'));
}

function isUnavailable({ set, nowMs }: SetFacts, pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined || !isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
}

function isStaying({ pod }: Place): boolean {
  return pod?.metadata.deletionTimestamp === undefined;
}

function deletions(places: readonly { readonly pod: Pod }[]): readonly PodStep[] {
  return places.map(({ pod }) => ({ type: 'delete', pod }));
}

function hasStaleClaim({ set, claimOf }: SetFacts, ordinal: number): boolean {
  return claimNamesOf(set, ordinal).some((name) => {
    const claim = claimOf(name);
    return claim !== undefined && isStale(claim, set, `${set.metadata.name}-${ordinal}`);
  });
}

function lacksClaims({ set, claimOf }: SetFacts, ordinal: number): boolean {
  return claimNamesOf(set, ordinal).some((name) => claimOf(name) === undefined);
}

function hasOwners({ set, claimOf }: SetFacts, { pod, ordinal }: Taken): boolean {
  return claimNamesOf(set, ordinal).every((name) => {
    const claim = claimOf(name);
    return claim === undefined || mendedOwners(claim, set, memberOf(set, pod, ordinal)) === undefined;
  });
}
