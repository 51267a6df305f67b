// Empties a namespace that is being deleted, pods first (KEP-5080), then everything else, and lets it go. Upstream:
// pkg/controller/namespace.

import { Namespace } from '../../api/core/namespace.ts';
import { Pod } from '../../api/core/pod.ts';
import type { AnyObject, Kind } from '../../api/kind.ts';
import { isStatusError } from '../../api/status-error.ts';
import { timeToMs } from '../../api/time.ts';
import { messageOf } from '../../base/message-of.ts';
import { type Client, pathOf } from '../../client/client.ts';
import type { Controller, ReconcileContext } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { isPodTerminal } from '../pod-state.ts';
import { deletionConditions, type Remaining } from './namespace-conditions.ts';

const FINALIZER = 'kubernetes';
/** Requests that were let in before the deletion was known may still be writing. */
const SETTLING_MS = 1_000;
/** How long others are given to remove their finalizers before it is looked at again. */
const FINALIZER_WAIT_SECONDS = 15;

export function namespaceController({ client, clock, informers, config }: ControllerDeps): Controller {
  const namespaces = informers.informer(Namespace);
  const pods = informers.informer(Pod);
  return {
    name: 'namespace-controller',
    concurrency: 10,
    backoff: { baseMs: 5, maxMs: 60_000 },
    reads: [namespaces, pods],
    watch: (enqueue) => [
      namespaces.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type === 'deleted' || object.metadata.deletionTimestamp === undefined) continue;
          enqueue(object.metadata.name, SETTLING_MS);
        }
      }),
      // The last pod is what a namespace mostly waits for.
      pods.subscribe((changes) => {
        for (const { type, object } of changes) {
          const { namespace } = object.metadata;
          if (type === 'deleted' && namespaces.get(namespace)?.metadata.deletionTimestamp !== undefined) {
            enqueue(namespace, SETTLING_MS);
          }
        }
      }),
    ],
    async reconcile(name, context) {
      const namespace = await read(client, name, context.signal);
      if (namespace?.metadata.deletionTimestamp === undefined) return undefined;
      if (!namespace.spec.finalizers?.includes(FINALIZER)) return undefined;
      const result = await deleteContent({ client, nowMs: clock.now() }, namespace, config.kinds(), context);
      const conditions = deletionConditions(namespace, result, clock.now());
      const current =
        conditions === namespace.status.conditions && namespace.status.phase === 'Terminating'
          ? namespace
          : await client.updateStatus(
              Namespace,
              { ...namespace, status: { phase: 'Terminating', conditions } },
              { signal: context.signal },
            );
      if (result.errors.length > 0)
        throw new Error(`namespace ${name} could not be emptied: ${result.errors.join(', ')}`);
      if (result.waitSeconds > 0) return { requeueAfterMs: (result.waitSeconds / 2 + 1) * 1000 };
      return finalize(client, current, context.signal);
    },
  };
}

interface Result {
  readonly remaining: readonly Remaining[];
  readonly errors: readonly string[];
  /** Above 0: something is left that is on its way out. */
  readonly waitSeconds: number;
}

/** The truth, not the cache: it decides over deletion. */
async function read(client: Client, name: string, signal: AbortSignal): Promise<Namespace | undefined> {
  try {
    return await client.get(Namespace, { name }, { signal });
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function deleteContent(
  deps: { readonly client: Client; readonly nowMs: number },
  namespace: Namespace,
  kinds: readonly Kind[],
  context: ReconcileContext,
): Promise<Result> {
  const first = await deleteKind(deps, namespace, Pod, context);
  if (first.errors.length > 0) {
    const prefix = `failed to delete pods for namespace: ${namespace.metadata.name}, err: `;
    return { ...first, errors: first.errors.map((error) => prefix + error) };
  }
  if (first.remaining.some(({ count }) => count > 0)) return first;
  const others = new Map<string, Kind>();
  for (const kind of kinds) {
    // Any of its versions stands for all.
    const resource = `${kind.plural}.${kind.group}`;
    if (isDeletable(kind) && kind !== (Pod as Kind) && !others.has(resource)) others.set(resource, kind);
  }
  const results = await Promise.all([...others.values()].map((kind) => deleteKind(deps, namespace, kind, context)));
  const all = [first, ...results];
  return {
    remaining: all.flatMap(({ remaining }) => remaining),
    errors: all.flatMap(({ errors }) => errors),
    waitSeconds: Math.max(...all.map(({ waitSeconds }) => waitSeconds)),
  };
}

function isDeletable(kind: Kind): boolean {
  return (
    kind.namespaced &&
    !kind.virtual &&
    kind.storedAs === undefined &&
    kind.verbs.includes('list') &&
    (kind.verbs.includes('delete') || kind.verbs.includes('deletecollection'))
  );
}

/** Deletes everything of a kind and looks at what is left; a failure is part of the result. */
async function deleteKind(
  { client, nowMs }: { readonly client: Client; readonly nowMs: number },
  namespace: Namespace,
  kind: Kind,
  { signal }: ReconcileContext,
): Promise<Result> {
  const { name } = namespace.metadata;
  const resource = `${kind.plural}.${kind.group}`;
  const list = async () =>
    (await client.list(kind, { namespace: name, signal })).items as unknown as readonly AnyObject[];
  try {
    const before = await list();
    if (before.length === 0) return { remaining: [], errors: [], waitSeconds: 0 };
    const waitSeconds =
      kind === (Pod as Kind) ? podGraceSeconds(namespace, before as unknown as readonly Pod[], nowMs) : 0;
    await deleteAll(client, kind, name, before, signal);
    const items = await list();
    const finalizers = countFinalizers(items);
    const remaining = [{ resource, count: items.length, finalizers }];
    if (items.length === 0) return { remaining, errors: [], waitSeconds: 0 };
    if (waitSeconds > 0) return { remaining, errors: [], waitSeconds };
    if (finalizers.size > 0) return { remaining, errors: [], waitSeconds: FINALIZER_WAIT_SECONDS };
    const gvr = `${kind.group}/${kind.version}, Resource=${kind.plural}`;
    const error = `unexpected items still remain in namespace: ${name} for gvr: ${gvr}`;
    return { remaining, errors: [error], waitSeconds: 0 };
  } catch (error) {
    signal.throwIfAborted();
    // Not served any more: a custom kind that went while this was under way.
    if (isStatusError(error, 'NotFound', 'MethodNotAllowed')) return { remaining: [], errors: [], waitSeconds: 0 };
    return { remaining: [], errors: [messageOf(error)], waitSeconds: 0 };
  }
}

async function deleteAll(
  client: Client,
  kind: Kind,
  namespace: string,
  objects: readonly AnyObject[],
  signal: AbortSignal,
): Promise<void> {
  const options = { propagationPolicy: 'Background', signal } as const;
  if (kind.verbs.includes('deletecollection')) return client.deleteCollection(kind, { namespace, ...options });
  for (const { metadata } of objects) {
    try {
      await client.delete(kind, { namespace, name: metadata.name }, options);
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }
}

/** The longest that a pod may take to end; 0 when that time has passed since the namespace was deleted. */
function podGraceSeconds(namespace: Namespace, pods: readonly Pod[], nowMs: number): number {
  const grace = pods.filter((pod) => !isPodTerminal(pod)).map((pod) => pod.spec.terminationGracePeriodSeconds ?? 0);
  const longest = Math.max(0, ...grace);
  const deletedAtMs = timeToMs(namespace.metadata.deletionTimestamp ?? '');
  return nowMs - deletedAtMs >= longest * 1000 ? 0 : longest;
}

function countFinalizers(objects: readonly AnyObject[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { metadata } of objects) {
    for (const finalizer of metadata.finalizers ?? []) counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
  }
  return counts;
}

async function finalize(client: Client, namespace: Namespace, signal: AbortSignal): Promise<void> {
  const finalizers = (namespace.spec.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  const body = { ...namespace, spec: { ...namespace.spec, finalizers } };
  try {
    await client.request('PUT', pathOf(Namespace, { name: namespace.metadata.name }, 'finalize'), { body, signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
