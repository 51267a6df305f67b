// Keeps the ControllerRevisions of a workload: adopts and releases them, makes one for a new template, renumbers one for a
// template that came back, deletes what is too many. What that is, is decided in plan-history.ts.

import { ControllerRevision } from '../../api/apps/controller-revision.ts';
import type { PodTemplateSpec } from '../../api/core/pod-spec.ts';
import type { AnyObject, Kind } from '../../api/kind.ts';
import type { LabelSelector } from '../../api/meta/label-selector.ts';
import type { JsonObject } from '../../api/schema.ts';
import { isStatusError, StatusError } from '../../api/status-error.ts';
import { type Client, refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { claimOwned } from '../claim-objects.ts';
import { controllerReference, isControlledBy } from '../owner-reference.ts';
import type { PendingWrites } from '../pending-writes.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';
import { matchesSelector } from '../selector-match.ts';
import { isSameData, planHistory, revisionHash, revisionName, templatePatch } from './plan-history.ts';

export interface HistoryDeps {
  readonly client: Client;
  readonly revisions: Informer<ControllerRevision>;
  readonly writes: PendingWrites;
  readonly ownerKind: Kind;
  /** The label of revisions that holds their hash. */
  readonly hashLabel: string;
}

/** A workload whose template has a history. */
export interface HistoryOwner extends AnyObject {
  readonly metadata: AnyObject['metadata'] & { readonly namespace: string };
  readonly spec: { readonly selector?: LabelSelector | undefined; readonly template: PodTemplateSpec };
  readonly status: { readonly collisionCount?: number | undefined };
}

export interface History {
  /** The revision of the owner's template. */
  readonly current: ControllerRevision;
  /** Others that say the same, oldest first: somebody else made them. */
  readonly duplicates: readonly ControllerRevision[];
  /** Those of other templates, oldest first. */
  readonly old: readonly ControllerRevision[];
  /** How many names were found taken so far; belongs into the owner's status. */
  readonly collisionCount: number;
}

/** More names than this are not taken by chance. */
const MAX_ATTEMPTS = 10;

/**
 * Brings the history up to date with the owner's template. Undefined when its namespace is going: nothing can be made
 * there any more, so there is no current revision.
 */
export async function keepHistory(
  deps: HistoryDeps,
  owner: HistoryOwner,
  signal: AbortSignal,
): Promise<History | undefined> {
  const claimed = await claimRevisions(deps, owner, signal);
  const data = templatePatch(owner.spec.template);
  const { current, number, duplicates, old } = planHistory(claimed, data);
  const collisionCount = owner.status.collisionCount ?? 0;
  if (!current) {
    const created = await createRevision(deps, owner, { data, number, collisionCount }, signal);
    return created && { ...created, duplicates, old };
  }
  if (current.revision === number) return { current, duplicates, old, collisionCount };
  const renumbered = await deps.client.update(ControllerRevision, { ...current, revision: number }, { signal });
  deps.writes.wrote(keyOf(owner.metadata), deps.revisions, renumbered);
  return { current: renumbered, duplicates, old, collisionCount };
}

export async function deleteRevisions(
  { client, revisions, writes }: HistoryDeps,
  owner: HistoryOwner,
  surplus: readonly ControllerRevision[],
  signal: AbortSignal,
): Promise<void> {
  for (const revision of surplus) {
    const { uid } = revision.metadata;
    try {
      await client.delete(ControllerRevision, refOf(revision), { preconditions: { uid }, signal });
      writes.deleted(keyOf(owner.metadata), revisions, revision);
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }
}

function claimRevisions(
  { client, revisions, writes, ownerKind }: HistoryDeps,
  owner: HistoryOwner,
  signal: AbortSignal,
): Promise<readonly ControllerRevision[]> {
  const matches = ({ metadata }: ControllerRevision) => matchesSelector(owner.spec.selector, metadata.labels);
  const deps = { client, writes, ownerKind, kind: ControllerRevision, informer: revisions };
  return claimOwned(deps, owner, matches, signal);
}

interface NewRevision {
  readonly data: JsonObject;
  readonly number: number;
  readonly collisionCount: number;
}

async function createRevision(
  { client, revisions, writes, ownerKind, hashLabel }: HistoryDeps,
  owner: HistoryOwner,
  { data, number, collisionCount }: NewRevision,
  signal: AbortSignal,
): Promise<Pick<History, 'current' | 'collisionCount'> | undefined> {
  const { name: ownerName, namespace, annotations } = owner.metadata;
  for (let count = collisionCount; count < collisionCount + MAX_ATTEMPTS; count++) {
    const hash = revisionHash(data, count);
    const name = revisionName(ownerName, hash);
    const metadata = {
      name,
      namespace,
      labels: { ...owner.spec.template.metadata.labels, [hashLabel]: hash },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(ownerKind, owner)],
    };
    try {
      const current = await client.create(ControllerRevision, { metadata, data, revision: number }, { signal });
      writes.wrote(keyOf(owner.metadata), revisions, current);
      return { current, collisionCount: count };
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      if (!isStatusError(error, 'AlreadyExists')) throw error;
      // Ours if an earlier try made it; else the name is somebody else's.
      const there = await client.get(ControllerRevision, { name, namespace }, { signal });
      if (isControlledBy(there, owner) && isSameData(there, data)) return { current: there, collisionCount: count };
    }
  }
  throw new StatusError('AlreadyExists', `no name for a revision of ${ownerKind.kind} ${ownerName} is free`);
}
