// The annotations by which a deployment's rollout history is kept on its replica sets. kubectl rollout reads them.
// Upstream: pkg/controller/deployment/util/deployment_util.go.

import type { Deployment } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
const ROLLBACK_TO = 'deprecated.deployment.rollback.to';

/** What a deployment keeps to itself. */
const NOT_COPIED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  ROLLBACK_TO,
]);

const MAX_HISTORY_LENGTH = 2000;

type Annotations = Readonly<Record<string, string>>;

/** A 64-bit number. 0 for a replica set without a revision, or with one that is no number. */
export function revisionOf({ metadata }: ReplicaSet): bigint {
  return toRevision(metadata.annotations?.[REVISION]);
}

/** The revision that the newest replica set must at least have. */
export function nextRevision(old: readonly ReplicaSet[]): bigint {
  return (old.map(revisionOf).sort(byRevision).at(-1) ?? 0n) + 1n;
}

/** Lowest first. */
export function byRevision(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The revision to which somebody asks to go back, 0 for the last one; by what became of the field of extensions/v1beta1. */
export function wantedRollback({ metadata }: Deployment): bigint | undefined {
  const text = metadata.annotations?.[ROLLBACK_TO] ?? '';
  return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}

/** The deployment's annotations once it is back at a replica set: that one's, and those that it keeps to itself. */
export function rolledBackAnnotations(deployment: Deployment, target?: ReplicaSet): Annotations {
  const { [ROLLBACK_TO]: _done, ...own } = deployment.metadata.annotations ?? {};
  if (!target) return own;
  const kept = Object.entries(own).filter(([key]) => NOT_COPIED.has(key));
  const copied = Object.entries(target.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key));
  return Object.fromEntries([...kept, ...copied]);
}

/**
 * The annotations of the newest replica set: the deployment's, and the revision. One that is used again (a rollback)
 * gets a new revision and remembers the old one.
 */
export function newestAnnotations(deployment: Deployment, current: Annotations, revision: bigint): Annotations {
  const annotations = { ...current };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!NOT_COPIED.has(key)) annotations[key] = value;
  }
  const before = current[REVISION];
  if (toRevision(before) >= revision) return annotations;
  annotations[REVISION] = String(revision);
  if (before !== undefined) annotations[REVISION_HISTORY] = remember(current[REVISION_HISTORY] ?? '', before);
  return annotations;
}

/** The figures that tell a change of scale from a step of a rollout, and give proportions when scaling amid one. */
export function scaleAnnotations(replicas: number, maxReplicas: number): Annotations {
  return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(maxReplicas) };
}

export function desiredReplicasOf(replicaSet: ReplicaSet): number | undefined {
  return numberIn(replicaSet, DESIRED_REPLICAS);
}

export function maxReplicasOf(replicaSet: ReplicaSet): number | undefined {
  return numberIn(replicaSet, MAX_REPLICAS);
}

function toRevision(text = ''): bigint {
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}

function numberIn({ metadata }: ReplicaSet, key: string): number | undefined {
  const text = metadata.annotations?.[key] ?? '';
  return /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** A comma-separated list that loses its oldest entries when it grows too long. */
function remember(history: string, revision: string): string {
  const entries = history === '' ? [revision] : [...history.split(','), revision];
  while (entries.length > 1 && entries.join(',').length > MAX_HISTORY_LENGTH) entries.shift();
  return entries.join(',');
}
