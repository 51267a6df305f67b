// The history of a workload's template as ControllerRevisions: what a revision says, which one is current, and which ones
// need not be kept. Pure. Upstream: pkg/controller/history, and what StatefulSets and DaemonSets do with it.

import type { ControllerRevision } from '../../api/apps/controller-revision.ts';
import type { PodTemplateSpec } from '../../api/core/pod-spec.ts';
import type { JsonObject } from '../../api/schema.ts';
import { StatusError } from '../../api/status-error.ts';
import { timeToMs } from '../../api/time.ts';
import { canonicalJson, safeHash } from '../canonical-hash.ts';

/** The label by which pods say which revision they were made of. */
export const POD_REVISION = 'controller-revision-hash';

/** Longer names would leave no room for the hash. */
const MAX_PREFIX_LENGTH = 223;

/** What of the history stays as it is, and what changes. */
export interface HistoryPlan {
  /** The newest revision that says what the template says; absent: there is none yet. */
  readonly current: ControllerRevision | undefined;
  /** The number that the current revision must have: a rollback is an old revision with a new number. */
  readonly number: number;
  /** Other revisions that say the same, oldest first. */
  readonly duplicates: readonly ControllerRevision[];
  /** Revisions that say something else, oldest first. */
  readonly old: readonly ControllerRevision[];
}

export function planHistory(revisions: readonly ControllerRevision[], data: JsonObject): HistoryPlan {
  const text = canonicalJson(data);
  const sorted = [...revisions].sort(byRevision);
  const same = sorted.filter((revision) => canonicalJson(revision.data) === text);
  const old = sorted.filter((revision) => !same.includes(revision));
  const current = same.at(-1);
  const next = (old.at(-1)?.revision ?? 0) + 1;
  return { current, number: Math.max(next, current?.revision ?? 0), duplicates: same.slice(0, -1), old };
}

/** A strategic merge patch that puts the template back: `kubectl rollout undo` sends it as it is. */
export function templatePatch(template: PodTemplateSpec): JsonObject {
  return { spec: { template: { $patch: 'replace', ...(template as unknown as JsonObject) } } };
}

/** The template that a revision puts back. Throws `Invalid` for a revision that somebody made of something else. */
export function templateOf({ metadata, data }: ControllerRevision): PodTemplateSpec {
  const template = (data?.['spec'] as JsonObject | undefined)?.['template'] as JsonObject | undefined;
  if (!template?.['spec']) throw new StatusError('Invalid', `ControllerRevision ${metadata.name} holds no template`);
  const { $patch: _directive, ...rest } = template;
  return rest as unknown as PodTemplateSpec;
}

export function isSameData(revision: ControllerRevision, data: JsonObject): boolean {
  return canonicalJson(revision.data) === canonicalJson(data);
}

export function revisionHash(data: JsonObject, collisionCount: number): string {
  return safeHash(canonicalJson(data), collisionCount);
}

export function revisionName(ownerName: string, hash: string): string {
  return `${ownerName.slice(0, MAX_PREFIX_LENGTH)}-${hash}`;
}

/** The revisions to delete, oldest first, so that `limit` remain; live ones stay. A negative limit keeps all. */
export function surplusRevisions(
  revisions: readonly ControllerRevision[],
  limit: number,
  isLive: (revision: ControllerRevision) => boolean = () => false,
): readonly ControllerRevision[] {
  const surplus = revisions.length - limit;
  if (limit < 0 || surplus <= 0) return [];
  const unused = revisions.filter((revision) => !isLive(revision)).sort(byRevision);
  return unused.slice(0, surplus);
}

/** Oldest first. */
function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return (
    a.revision - b.revision ||
    timeToMs(a.metadata.creationTimestamp) - timeToMs(b.metadata.creationTimestamp) ||
    (a.metadata.name < b.metadata.name ? -1 : 1)
  );
}
