// Deletes objects whose owners have all gone, in the background or the foreground, and lets go of those whose owner is
// deleted with policy Orphan. Who depends on whom is object-graph.ts's; whether an owner really is gone, owner-lookup.ts
// asks. Upstream: pkg/controller/garbagecollector. Kinds are those served when it starts.

import type { AnyObject, Kind } from '../../api/kind.ts';
import type { OwnerReference } from '../../api/meta/object-meta.ts';
import { isStatusError } from '../../api/status-error.ts';
import { refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { Controller, Enqueue, ReconcileContext } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { type Attention, FOREGROUND, type GraphNode, ObjectGraph, ORPHAN } from './object-graph.ts';
import { OwnerLookup } from './owner-lookup.ts';

const CHECK = 'check ';
const ORPHANING = 'orphan ';
/** An owner that exists but was not seen yet: its informer is about to show it. */
const UNSEEN_WAIT_MS = 1_000;

export function garbageCollector(deps: ControllerDeps): Controller {
  const { client, informers, events, config } = deps;
  const graph = new ObjectGraph();
  const lookup = new OwnerLookup({ client, kinds: config.kinds });
  const watched = config.kinds().filter(isCollected);
  const reads = watched.map((kind) => ({ kind, informer: informers.informer(kind) as unknown as Informer<AnyObject> }));
  let enqueue: Enqueue = () => {};
  const state: State = { ...deps, graph, lookup, attend: (attention) => attend(enqueue, attention) };
  return {
    name: 'garbage-collector-controller',
    concurrency: 20,
    reads: reads.map(({ informer }) => informer),
    watch(given) {
      enqueue = given;
      return reads.map(({ kind, informer }) =>
        informer.subscribe((changes) => {
          for (const { object, type } of changes)
            if (type === 'added') warnOfForeignOwners(state, events, kind, object);
          attend(enqueue, graph.observe(kind, changes));
        }),
      );
    },
    async reconcile(key, context) {
      const uid = key.slice(key.indexOf(' ') + 1);
      const node = graph.get(uid);
      if (!node) return undefined;
      return key.startsWith(ORPHANING) ? orphanDependents(state, node, context) : check(state, node, context);
    },
  };
}

interface State extends ControllerDeps {
  readonly graph: ObjectGraph;
  readonly lookup: OwnerLookup;
  attend(attention: Attention): void;
}

/** Events end by themselves; a kind that is stored as another is seen as that one. */
function isCollected(kind: Kind): boolean {
  const verbs = ['list', 'watch', 'delete'] as const;
  return (
    !kind.virtual &&
    kind.storedAs === undefined &&
    kind.kind !== 'Event' &&
    verbs.every((verb) => kind.verbs.includes(verb))
  );
}

function attend(enqueue: Enqueue, { check, orphan }: Attention): void {
  for (const uid of orphan) enqueue(ORPHANING + uid);
  for (const uid of check) enqueue(CHECK + uid);
}

async function check(state: State, node: GraphNode, { signal }: ReconcileContext) {
  const { graph, lookup, attend } = state;
  if (node.isDeleting && !node.waitsForDependents) return undefined; // On its way already.
  const latest = await lookup.read(node.identity, signal);
  if (!latest) return attend(graph.forget(node.identity.uid));
  if (!node.isSeen) return { requeueAfterMs: UNSEEN_WAIT_MS };
  if (node.waitsForDependents) return finishForeground(state, node, latest, signal);

  const { ownerReferences = [], namespace } = latest.metadata;
  if (ownerReferences.length === 0) return undefined;
  const owners = await Promise.all(
    ownerReferences.map(async (reference) => ({
      reference,
      state: await lookup.stateOf(reference, namespace, signal),
    })),
  );
  // A reference that says nothing is no reason to keep it and none to delete it.
  if (owners.some((owner) => owner.state === 'unresolvable')) return undefined;
  const solid = owners.filter((owner) => owner.state === 'solid').map(({ reference }) => reference);
  const isWaitedFor = owners.some((owner) => owner.state === 'waiting');
  if (solid.length === owners.length) return undefined;
  if (solid.length > 0) {
    await setOwners(state, latest, solid, signal);
    return undefined;
  }
  return remove(state, node, latest, isWaitedFor, signal);
}

/** No owner is left but such as wait for it to go. */
async function remove(
  { client, lookup }: State,
  node: GraphNode,
  latest: AnyObject,
  isWaitedFor: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { finalizers = [], uid, resourceVersion } = latest.metadata;
  let current = latest;
  if (isWaitedFor && [...node.dependents].some(({ waitsForDependents }) => waitsForDependents)) {
    // Perhaps a cycle: an owner that waits for this one, which would wait for a dependent that waits. It lets its owners go.
    current = await setOwners(
      { client, lookup },
      latest,
      (latest.metadata.ownerReferences ?? []).map(unblocking),
      signal,
    );
  }
  const foreground = isWaitedFor && node.dependents.size > 0;
  const inherited = finalizers.includes(ORPHAN)
    ? 'Orphan'
    : finalizers.includes(FOREGROUND)
      ? 'Foreground'
      : 'Background';
  const preconditions = {
    uid,
    resourceVersion: current === latest ? resourceVersion : current.metadata.resourceVersion,
  };
  try {
    const propagationPolicy = foreground ? 'Foreground' : inherited;
    await client.delete(lookup.kindOf(latest), refOf(latest), { propagationPolicy, preconditions, signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

function unblocking(reference: OwnerReference): OwnerReference {
  return { ...reference, blockOwnerDeletion: false };
}

/** Lets an owner go whose last blocking dependent has gone; until then sees to it that they go. */
async function finishForeground(state: State, node: GraphNode, latest: AnyObject, signal: AbortSignal): Promise<void> {
  const blocking = state.graph.blockingDependents(node.identity.uid);
  if (blocking.length === 0) return removeFinalizer(state, latest, FOREGROUND, signal);
  const idle = blocking.filter((dependent) => !dependent.waitsForDependents);
  state.attend({ check: new Set(idle.map(({ identity }) => identity.uid)), orphan: new Set() });
}

async function orphanDependents(state: State, node: GraphNode, { signal }: ReconcileContext): Promise<void> {
  const { lookup } = state;
  const { uid } = node.identity;
  for (const dependent of [...node.dependents]) {
    const latest = await lookup.read(dependent.identity, signal);
    const owners = latest?.metadata.ownerReferences ?? [];
    const rest = owners.filter((owner) => owner.uid !== uid);
    if (latest && rest.length < owners.length) await setOwners(state, latest, rest, signal);
  }
  const owner = await lookup.read(node.identity, signal);
  if (owner) await removeFinalizer(state, owner, ORPHAN, signal);
}

/** The version makes sure that nobody else's change to the list is undone. */
async function setOwners(
  { client, lookup }: Pick<State, 'client' | 'lookup'>,
  { apiVersion, kind, metadata }: AnyObject,
  ownerReferences: readonly OwnerReference[],
  signal: AbortSignal,
): Promise<AnyObject> {
  const { uid, resourceVersion } = metadata;
  const body = { metadata: { uid, resourceVersion, ownerReferences } };
  const patched = client.patch(lookup.kindOf({ apiVersion, kind }), metadata, { type: 'merge', body }, { signal });
  return patched as unknown as Promise<AnyObject>;
}

async function removeFinalizer(
  { client, lookup }: State,
  { apiVersion, kind, metadata }: AnyObject,
  finalizer: string,
  signal: AbortSignal,
): Promise<void> {
  const { uid, resourceVersion, finalizers = [] } = metadata;
  if (!finalizers.includes(finalizer)) return;
  const body = { metadata: { uid, resourceVersion, finalizers: finalizers.filter((name) => name !== finalizer) } };
  try {
    await client.patch(lookup.kindOf({ apiVersion, kind }), metadata, { type: 'merge', body }, { signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

/** An owner in another namespace is a mistake that will cost the object its life: whoever made it is told. */
function warnOfForeignOwners({ graph }: State, events: ControllerDeps['events'], kind: Kind, object: AnyObject): void {
  for (const { uid, apiVersion, kind: ownerKind, name } of object.metadata.ownerReferences ?? []) {
    const owner = graph.get(uid);
    const { namespace } = object.metadata;
    if (!owner?.isSeen || owner.identity.namespace === undefined || owner.identity.namespace === namespace) continue;
    const reference = `${apiVersion}/${ownerKind}, namespace: ${namespace ?? ''}, name: ${name}, uid: ${uid}`;
    const text = `ownerRef [${reference}] does not exist in namespace ${JSON.stringify(namespace ?? '')}`;
    events.event(
      { ...object, apiVersion: kind.apiVersion, kind: kind.kind },
      'Warning',
      'OwnerRefInvalidNamespace',
      text,
    );
  }
}
