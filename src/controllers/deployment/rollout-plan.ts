// How many pods each of a deployment's replica sets should have next: during a rollout, and when the deployment is
// scaled. Pure. Upstream: pkg/controller/deployment/rolling.go, sync.go.

import type { Deployment } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { scaledValue } from '../../api/int-or-string.ts';
import { timeToMs } from '../../api/time.ts';
import { byRevision, desiredReplicasOf, maxReplicasOf } from './revision.ts';

/** One replica set's size is to change. */
export interface ScaleStep {
  readonly replicaSet: ReplicaSet;
  readonly replicas: number;
}

/** The newest replica set is the one with the deployment's template; there is none at the start of a rollout. */
export interface Rollout {
  readonly deployment: Deployment;
  readonly newest: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

export function sizeOf(replicaSet: ReplicaSet): number {
  return replicaSet.spec.replicas ?? 1;
}

export function desiredReplicas({ spec }: Deployment): number {
  return spec.replicas ?? 1;
}

/** How many pods above the desired number there may be; none but in a rolling update. */
export function maxSurge(deployment: Deployment): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0;
}

/** How many of the desired pods may be unavailable. */
export function maxUnavailable(deployment: Deployment): number {
  const desired = desiredReplicas(deployment);
  return isRolling(deployment) && desired > 0 ? Math.min(fenceposts(deployment).unavailable, desired) : 0;
}

/** The size of a replica set that is made for the deployment's template. */
export function initialSize(rollout: Rollout): number {
  return rollout.deployment.spec.strategy.type === 'Recreate'
    ? desiredReplicas(rollout.deployment)
    : grownSize(rollout.deployment, sum(rollout.old, sizeOf), 0);
}

/** The next steps of a rolling update: the newest grows first; old ones shrink by what may be missed. */
export function planRollingUpdate({
  deployment,
  newest,
  old,
}: Rollout & { readonly newest: ReplicaSet }): readonly ScaleStep[] {
  const desired = desiredReplicas(deployment);
  const size = sizeOf(newest);
  const oldSize = sum(old, sizeOf);
  if (size > desired) return [{ replicaSet: newest, replicas: desired }];
  const grown = grownSize(deployment, oldSize + size, size);
  if (grown !== size) return [{ replicaSet: newest, replicas: grown }];
  return oldSize === 0 ? [] : planShrinking(deployment, newest, old);
}

/** A Recreate rollout: all old pods must have gone before the first new one is made. */
export function planRecreate({ deployment, newest, old }: Rollout): readonly ScaleStep[] {
  const active = old.filter((replicaSet) => sizeOf(replicaSet) > 0);
  if (active.length > 0) return active.map((replicaSet) => ({ replicaSet, replicas: 0 }));
  const desired = desiredReplicas(deployment);
  return newest && sizeOf(newest) !== desired ? [{ replicaSet: newest, replicas: desired }] : [];
}

/** Whether the deployment's size was changed since its replica sets were last sized. */
export function isScaled({ deployment, newest, old }: Rollout): boolean {
  const active = [...old, ...(newest ? [newest] : [])].filter((replicaSet) => sizeOf(replicaSet) > 0);
  return active.some((replicaSet) => {
    const desired = desiredReplicasOf(replicaSet);
    return desired !== undefined && desired !== desiredReplicas(deployment);
  });
}

/**
 * The sizes after the deployment was scaled. Amid a rolling update all active replica sets grow or shrink in proportion,
 * so that scaling neither hastens nor undoes the rollout. Steps that keep a size are there for their annotations.
 */
export function planScaling({ deployment, newest, old }: Rollout): readonly ScaleStep[] {
  const desired = desiredReplicas(deployment);
  const all = [...old, ...(newest ? [newest] : [])];
  const active = all.filter((replicaSet) => sizeOf(replicaSet) > 0);
  if (active.length <= 1) {
    const only = active[0] ?? newest ?? [...old].sort(byAge).at(-1);
    return only && sizeOf(only) !== desired ? [{ replicaSet: only, replicas: desired }] : [];
  }
  if (newest && isSaturated(deployment, newest)) {
    return active.filter((replicaSet) => replicaSet !== newest).map((replicaSet) => ({ replicaSet, replicas: 0 }));
  }
  return isRolling(deployment) ? planProportions(deployment, active) : [];
}

/** The old replica sets that history need not keep, oldest first. */
export function planCleanup(deployment: Deployment, old: readonly ReplicaSet[], revisionOf: (r: ReplicaSet) => bigint) {
  const limit = deployment.spec.revisionHistoryLimit;
  // A limit of 2147483647 is how "all" is written.
  if (limit === undefined || limit === null || limit === 0x7fffffff) return [];
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = alive.length - limit;
  if (surplus <= 0) return [];
  return [...alive]
    .sort((a, b) => byRevision(revisionOf(a), revisionOf(b)) || byAge(a, b))
    .slice(0, surplus)
    .filter(
      ({ metadata, spec, status }) =>
        status.replicas === 0 && spec.replicas === 0 && (metadata.generation ?? 0) <= (status.observedGeneration ?? 0),
    );
}

function isRolling({ spec }: Deployment): boolean {
  return spec.strategy.type !== 'Recreate';
}

/** Both figures as numbers; if both came out as 0 nothing could ever move, so one pod may be missed. */
function fenceposts({ spec }: Deployment): { readonly surge: number; readonly unavailable: number } {
  const desired = spec.replicas ?? 1;
  const surge = scaledValue(spec.strategy.rollingUpdate?.maxSurge ?? 0, desired, 'up');
  const unavailable = scaledValue(spec.strategy.rollingUpdate?.maxUnavailable ?? 0, desired, 'down');
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** The size to which the newest may grow from `size`, when there are `total` pods altogether. */
function grownSize(deployment: Deployment, total: number, size: number): number {
  const desired = desiredReplicas(deployment);
  const room = desired + maxSurge(deployment) - total;
  return room <= 0 ? size : size + Math.min(room, desired - size);
}

/** Pods that are not available go first; then as many as can be missed. */
function planShrinking(deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]): readonly ScaleStep[] {
  const minAvailable = desiredReplicas(deployment) - maxUnavailable(deployment);
  const newestUnavailable = sizeOf(newest) - availableOf(newest);
  const total = sum(old, sizeOf) + sizeOf(newest);
  let unhealthyBudget = total - minAvailable - newestUnavailable;
  if (unhealthyBudget <= 0) return [];

  const sizes = new Map([...old].sort(byAge).map((replicaSet) => [replicaSet, sizeOf(replicaSet)]));
  for (const [replicaSet, size] of sizes) {
    const unhealthy = Math.max(0, Math.min(unhealthyBudget, size - availableOf(replicaSet)));
    sizes.set(replicaSet, size - unhealthy);
    unhealthyBudget -= unhealthy;
  }
  let budget = sum(old, availableOf) + availableOf(newest) - minAvailable;
  for (const [replicaSet, size] of sizes) {
    const removed = Math.max(0, Math.min(budget, size));
    sizes.set(replicaSet, size - removed);
    budget -= removed;
  }
  return [...sizes]
    .filter(([replicaSet, size]) => size !== sizeOf(replicaSet))
    .map(([replicaSet, replicas]) => ({ replicaSet, replicas }));
}

function planProportions(deployment: Deployment, active: readonly ReplicaSet[]): readonly ScaleStep[] {
  const desired = desiredReplicas(deployment);
  const allowed = desired > 0 ? desired + maxSurge(deployment) : 0;
  const toAdd = allowed - sum(active, sizeOf);
  // The largest first; of two of a size the newer grows first and the older shrinks first.
  const ordered = [...active].sort((a, b) => sizeOf(b) - sizeOf(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)));
  let added = 0;
  const sizes = ordered.map((replicaSet) => {
    const share = toAdd === added ? 0 : proportion(deployment, replicaSet, toAdd - added);
    added += share;
    return sizeOf(replicaSet) + share;
  });
  return ordered.map((replicaSet, i) => {
    const leftover = i === 0 ? toAdd - added : 0;
    return { replicaSet, replicas: Math.max(0, (sizes[i] ?? 0) + leftover) };
  });
}

/** By how much a replica set of this share of the pods changes, within what is left to add (or take away). */
function proportion(deployment: Deployment, replicaSet: ReplicaSet, left: number): number {
  const size = sizeOf(replicaSet);
  const desired = desiredReplicas(deployment);
  const before = maxReplicasOf(replicaSet) || deployment.status.replicas || 0;
  const change =
    desired === 0 ? -size : before === 0 ? 0 : roundHalfAway((size * (desired + maxSurge(deployment))) / before) - size;
  return left > 0 ? Math.min(change, left) : Math.max(change, left);
}

function isSaturated(deployment: Deployment, newest: ReplicaSet): boolean {
  const desired = desiredReplicas(deployment);
  return desiredReplicasOf(newest) === desired && sizeOf(newest) === desired && availableOf(newest) === desired;
}

function availableOf({ status }: ReplicaSet): number {
  return status.availableReplicas ?? 0;
}

function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

function sum(replicaSets: readonly ReplicaSet[], figure: (replicaSet: ReplicaSet) => number): number {
  return replicaSets.reduce((total, replicaSet) => total + figure(replicaSet), 0);
}

/** Oldest first. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const difference = timeToMs(a.metadata.creationTimestamp) - timeToMs(b.metadata.creationTimestamp);
  return difference || (a.metadata.name < b.metadata.name ? -1 : 1);
}
