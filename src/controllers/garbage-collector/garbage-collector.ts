// Deletes objects whose owners have all gone, in the background or the foreground, and lets go of those whose owner is
// deleted with policy Orphan. Who depends on whom is object-graph.ts's; whether an owner really is gone, owner-lookup.ts
// asks; of which kinds, collected-kinds.ts knows. Upstream: pkg/controller/garbagecollector.

import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import type { AnyObject, Kind } from '../../api/kind.ts';
import type { OwnerReference } from '../../api/meta/object-meta.ts';
import { isStatusError } from '../../api/status-error.ts';
import { backoffDelayMs } from '../../base/backoff.ts';
import { refOf } from '../../client/client.ts';
import type { ObjectKey } from '../../client/object-key.ts';
import type { Controller, Enqueue, ReconcileContext } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { CollectedKinds } from './collected-kinds.ts';
import {
  type Attention,
  FOREGROUND,
  type GraphNode,
  ObjectGraph,
  type ObjectIdentity,
  ORPHAN,
} from './object-graph.ts';
import { OwnerLookup, UnservedKindError } from './owner-lookup.ts';

const CHECK = 'check ';
const ORPHANING = 'orphan ';
const DEFINITION = 'definition ';
/** An owner that exists but was not seen yet is about to be, and a kind that is not served may come to be. */
const UNCLEAR = { baseMs: 1_000, maxMs: 300_000 };

export function garbageCollector(deps: ControllerDeps): Controller {
  const { client, informers, config } = deps;
  const graph = new ObjectGraph();
  const definitions = informers.informer(CustomResourceDefinition);
  const kinds = new CollectedKinds({ ...deps, kinds: config.kinds });
  const lookup = new OwnerLookup({ client, kinds: config.kinds });
  let enqueue: Enqueue = () => {};
  const state: State = {
    ...deps,
    graph,
    lookup,
    unclear: new Map(),
    attend: (attention) => attend(enqueue, deps, attention),
  };
  /** Whatever waited for a kind is looked at as soon as there is a new one. */
  const followKinds = async () => {
    if (await kinds.follow()) for (const key of state.unclear.keys()) enqueue(key);
  };
  return {
    name: 'garbage-collector-controller',
    concurrency: 20,
    reads: [...kinds.reads, definitions],
    watch(given) {
      enqueue = given;
      kinds.listen((kind, changes) => state.attend(graph.observe(kind, changes)));
      return [
        kinds,
        definitions.subscribe((changes) => {
          for (const { object } of changes) enqueue(DEFINITION + object.metadata.name);
        }),
      ];
    },
    async reconcile(key, context) {
      const name = key.slice(key.indexOf(' ') + 1);
      const node = graph.get(name);
      let isUnclear = false;
      if (key.startsWith(DEFINITION)) {
        await followKinds();
        isUnclear = !isFollowed(config.kinds(), name, definitions.get(name));
      } else if (node) isUnclear = await isLeftUnclear(state, key, node, context);
      if (!isUnclear) {
        state.unclear.delete(key);
        return undefined;
      }
      const count = (state.unclear.get(key) ?? 0) + 1;
      state.unclear.set(key, count);
      return { requeueAfterMs: backoffDelayMs(count, UNCLEAR) };
    },
  };
}

interface State extends ControllerDeps {
  readonly graph: ObjectGraph;
  readonly lookup: OwnerLookup;
  /** How often what is still unclear was looked at, by key. */
  readonly unclear: Map<ObjectKey, number>;
  attend(attention: Attention): void;
}

/** Whether the kinds that are served show that the definition of the name has been established, or has gone. */
function isFollowed(kinds: readonly Kind[], name: string, definition: CustomResourceDefinition | undefined): boolean {
  const isServed = kinds.some(({ plural, group }) => `${plural}.${group}` === name);
  if (!definition) return !isServed;
  const isEstablished = definition.status.conditions?.some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  return isServed || !isEstablished || definition.metadata.deletionTimestamp !== undefined;
}

function attend(enqueue: Enqueue, { events }: ControllerDeps, { check, orphan, misplaced }: Attention): void {
  for (const uid of orphan) enqueue(ORPHANING + uid);
  for (const uid of check) enqueue(CHECK + uid);
  for (const { dependent, reference } of misplaced) warnOfMisplaced(events, dependent, reference);
}

/** Whether it has to be looked at again, since nothing could be found out yet. */
async function isLeftUnclear(state: State, key: string, node: GraphNode, context: ReconcileContext): Promise<boolean> {
  try {
    if (key.startsWith(ORPHANING)) await orphanDependents(state, node, context);
    else return await check(state, node, context);
    return false;
  } catch (error) {
    if (error instanceof UnservedKindError) return true;
    throw error;
  }
}

/** True as long as the object is there but was not seen. */
async function check(state: State, node: GraphNode, { signal }: ReconcileContext): Promise<boolean> {
  const { graph, lookup, attend } = state;
  if (node.isDeleting && !node.waitsForDependents) return false; // On its way already.
  const latest = await lookup.read(node.identity, signal);
  if (!latest) attend(graph.forget(node.identity.uid));
  else if (!node.isSeen) return true;
  else if (node.waitsForDependents) await finishForeground(state, node, latest, signal);
  else await checkOwners(state, node, latest, signal);
  return false;
}

async function checkOwners(state: State, node: GraphNode, latest: AnyObject, signal: AbortSignal): Promise<void> {
  const { lookup } = state;
  const { ownerReferences = [], namespace } = latest.metadata;
  if (ownerReferences.length === 0) return;
  const owners = await Promise.all(
    ownerReferences.map(async (reference) => ({
      reference,
      state: await lookup.stateOf(reference, namespace, signal),
    })),
  );
  // A reference that says nothing is no reason to keep it and none to delete it.
  if (owners.some((owner) => owner.state === 'unresolvable')) return;
  const solid = owners.filter((owner) => owner.state === 'solid').map(({ reference }) => reference);
  const isWaitedFor = owners.some((owner) => owner.state === 'waiting');
  if (solid.length === owners.length) return;
  if (solid.length > 0) await setOwners(state, latest, solid, signal);
  else await remove(state, node, latest, isWaitedFor, signal);
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
  state.attend({ check: new Set(idle.map(({ identity }) => identity.uid)), orphan: new Set(), misplaced: [] });
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
function warnOfMisplaced(events: ControllerDeps['events'], dependent: ObjectIdentity, owner: OwnerReference): void {
  const { apiVersion, kind, namespace = '', name, uid } = dependent;
  const reference = `${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}`;
  const text = `ownerRef [${reference}] does not exist in namespace ${JSON.stringify(namespace)}`;
  const subject = { apiVersion, kind, ...(namespace === '' ? {} : { namespace }), name, uid };
  events.event(subject, 'Warning', 'OwnerRefInvalidNamespace', text);
}
