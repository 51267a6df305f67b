// Which objects belong to a controller: those that it controls and that its selector matches. Matching orphans are
// adopted, those that no longer match are released. Upstream: pkg/controller/controller_ref_manager.go.

import type { AnyObject, Kind, ObjectOf } from '../api/kind.ts';
import { isStatusError, StatusError } from '../api/status-error.ts';
import { type Client, refOf } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import { keyOf } from '../client/object-key.ts';
import { CONTROLLER_INDEX, controllerOf, controllerReference, orphansIn } from './owner-reference.ts';
import type { PendingWrites } from './pending-writes.ts';

export interface ClaimPlan<O> {
  readonly kept: readonly O[];
  readonly adopt: readonly O[];
  readonly release: readonly O[];
}

export function planClaims<O extends AnyObject>(
  owner: Pick<AnyObject, 'metadata'>,
  matches: (object: O) => boolean,
  objects: readonly O[],
): ClaimPlan<O> {
  const ownerGoes = owner.metadata.deletionTimestamp !== undefined;
  const kept: O[] = [];
  const adopt: O[] = [];
  const release: O[] = [];
  for (const object of objects) {
    const controller = controllerOf(object);
    if (controller && controller.uid !== owner.metadata.uid) continue;
    if (controller) {
      if (matches(object)) kept.push(object);
      else if (!ownerGoes) release.push(object);
    } else if (!ownerGoes && object.metadata.deletionTimestamp === undefined && matches(object)) {
      adopt.push(object);
    }
  }
  return { kept, adopt, release };
}

/**
 * Carries the plan out and answers with the objects that belong to the owner. Before the first adoption the owner is
 * read from the API server: one that was deleted since must not adopt. `onWrite` is told of each object that changed.
 * The finalizer comes and goes with the ownership.
 */
export async function carryOutClaims<OwnerKind extends Kind, K extends Kind>(
  { client, ownerKind, kind, finalizer }: { client: Client; ownerKind: OwnerKind; kind: K; finalizer?: string },
  owner: AnyObject,
  plan: ClaimPlan<ObjectOf<K>>,
  { signal, onWrite }: { signal: AbortSignal; onWrite: (object: ObjectOf<K>) => void },
): Promise<readonly ObjectOf<K>[]> {
  const claimed = [...plan.kept];
  if (plan.adopt.length > 0) await checkOwner(client, ownerKind, owner, signal);
  for (const object of plan.adopt) {
    const ownerReferences = [controllerReference(ownerKind, owner)];
    const change = { ownerReferences, ...(finalizer === undefined ? {} : { finalizers: [finalizer] }) };
    const adopted = await patchMetadata(client, kind, object as AnyObject, change, signal);
    if (!adopted) continue;
    onWrite(adopted as ObjectOf<K>);
    claimed.push(adopted as ObjectOf<K>);
  }
  for (const object of plan.release) {
    const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }];
    const change = { ownerReferences, ...(finalizer === undefined ? {} : withoutFinalizer(finalizer)) };
    const released = await patchMetadata(client, kind, object as AnyObject, change, signal);
    if (released) onWrite(released as ObjectOf<K>);
  }
  return claimed;
}

interface ClaimDeps<OwnerKind extends Kind, K extends Kind> {
  readonly client: Client;
  readonly writes: PendingWrites;
  readonly ownerKind: OwnerKind;
  readonly kind: K;
  /** Has the index of controllers. */
  readonly informer: Informer<ObjectOf<K>>;
}

/** Adopts and releases what the informer shows, and answers with the objects that belong to the owner by now. */
export function claimOwned<OwnerKind extends Kind, K extends Kind>(
  { client, writes, ownerKind, kind, informer }: ClaimDeps<OwnerKind, K>,
  owner: AnyObject,
  matches: (object: ObjectOf<K>) => boolean,
  signal: AbortSignal,
): Promise<readonly ObjectOf<K>[]> {
  const { uid, namespace = '' } = owner.metadata;
  const candidates = [
    ...informer.byIndex(CONTROLLER_INDEX, uid),
    ...informer.byIndex(CONTROLLER_INDEX, orphansIn(namespace)),
  ];
  const plan = planClaims(owner, matches as (object: AnyObject) => boolean, candidates as readonly AnyObject[]);
  const onWrite = (object: ObjectOf<K>) => writes.wrote(keyOf(owner.metadata), informer, object as AnyObject);
  return carryOutClaims({ client, ownerKind, kind }, owner, plan as ClaimPlan<ObjectOf<K>>, { signal, onWrite });
}

/** What a strategic merge patch of metadata says to take a finalizer away. */
export function withoutFinalizer(finalizer: string): Readonly<Record<string, readonly string[]>> {
  return { '$deleteFromPrimitiveList/finalizers': [finalizer] };
}

async function checkOwner(client: Client, kind: Kind, owner: AnyObject, signal: AbortSignal): Promise<void> {
  const fresh = await client.get(kind, refOf(owner), { signal });
  if (fresh.metadata.uid === owner.metadata.uid && fresh.metadata.deletionTimestamp === undefined) return;
  throw new StatusError('Conflict', `${kind.kind} ${owner.metadata.name} was deleted or replaced: it cannot adopt`);
}

/** Undefined if the object has gone, or is another of that name by now. */
async function patchMetadata(
  client: Client,
  kind: Kind,
  object: AnyObject,
  change: object,
  signal: AbortSignal,
): Promise<AnyObject | undefined> {
  const body = { metadata: { uid: object.metadata.uid, ...change } };
  try {
    return (await client.patch(kind, refOf(object), { type: 'strategic', body }, { signal })) as AnyObject;
  } catch (error) {
    // Invalid: a patch that names another uid.
    if (isStatusError(error, 'NotFound', 'Invalid')) return undefined;
    throw error;
  }
}
