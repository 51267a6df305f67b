// The one way to the API, for every component and for users of the library. `createClient` (below a transport) is typed
// by kinds: what it reads and takes follows from their declarations. Errors are StatusError.

import type { AnyObject, InputOf, Kind, ListOf, ObjectOf } from '../api/kind.ts';
import type { Method, WatchEventOf } from './transport.ts';

/** Which object. No namespace for cluster-scoped kinds. */
export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface RequestOptions extends CallOptions {
  readonly body?: unknown;
  /** Absent: JSON. */
  readonly contentType?: string;
}

export interface ListOptions extends CallOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface WatchOptions extends CallOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly allowBookmarks?: boolean;
  /** Takes `resourceVersionMatch: 'NotOlderThan'` as well. */
  readonly sendInitialEvents?: boolean;
  readonly resourceVersionMatch?: 'NotOlderThan';
  readonly timeoutSeconds?: number;
}

export interface WriteOptions extends CallOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
}

export interface DeleteOptions extends CallOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export type Patch =
  | { readonly type: 'merge' | 'strategic'; readonly body: unknown }
  | { readonly type: 'json'; readonly body: readonly { readonly op: string; readonly path: string }[] }
  /** Server-side apply. */
  | { readonly type: 'apply'; readonly body: unknown; readonly force?: boolean };

export interface PatchOptions extends WriteOptions {
  readonly subresource?: string;
}

/**
 * Objects that come back are shared and must not be changed. Every method throws `StatusError` for an answer that is
 * not a success, and the transport's error when there was none.
 */
export interface Client extends AsyncDisposable {
  get<K extends Kind>(kind: K, ref: ObjectRef, options?: CallOptions): Promise<ObjectOf<K>>;
  /** One page if `limit` is given, else everything. */
  list<K extends Kind>(kind: K, options?: ListOptions): Promise<ListOf<K>>;
  /**
   * Batches of events until the server ends the watch (the iteration returns), the signal aborts (it throws the
   * reason), or an error comes (it throws StatusError, `Expired` or `Gone` when a new list is needed).
   */
  watch<K extends Kind>(kind: K, options?: WatchOptions): AsyncIterable<readonly WatchEventOf<ObjectOf<K>>[]>;
  create<K extends Kind>(kind: K, object: InputOf<K>, options?: WriteOptions): Promise<ObjectOf<K>>;
  /** Replaces; with `metadata.resourceVersion` only if that is still the newest (else `Conflict`). */
  update<K extends Kind>(kind: K, object: InputOf<K>, options?: WriteOptions): Promise<ObjectOf<K>>;
  updateStatus<K extends Kind>(kind: K, object: InputOf<K>, options?: WriteOptions): Promise<ObjectOf<K>>;
  patch<K extends Kind>(kind: K, ref: ObjectRef, patch: Patch, options?: PatchOptions): Promise<ObjectOf<K>>;
  /** Resolves with the object while it is still being deleted, or with undefined when it has gone. */
  delete<K extends Kind>(kind: K, ref: ObjectRef, options?: DeleteOptions): Promise<ObjectOf<K> | undefined>;
  deleteCollection<K extends Kind>(kind: K, options: ListOptions & DeleteOptions): Promise<void>;
  /** Posts to a subresource that is an action (binding, eviction, token). */
  act(kind: Kind, ref: ObjectRef, subresource: string, body: unknown, options?: WriteOptions): Promise<unknown>;
  /** Anything else: discovery, health, raw paths. Answers the decoded JSON, or text. */
  request(method: Method, path: string, options?: RequestOptions): Promise<unknown>;
}

/** The path of a kind's collection or object, percent-encoded. */
export function pathOf(
  kind: Pick<Kind, 'group' | 'version' | 'plural' | 'namespaced'>,
  ref: { namespace?: string | undefined; name?: string },
  subresource?: string,
): string {
  const parts = kind.group === '' ? ['api', kind.version] : ['apis', kind.group, kind.version];
  if (kind.namespaced && ref.namespace) parts.push('namespaces', ref.namespace);
  parts.push(kind.plural);
  if (ref.name !== undefined) parts.push(ref.name);
  if (subresource !== undefined) parts.push(subresource);
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

/** The reference of an object that was read. */
export function refOf(object: AnyObject): ObjectRef {
  return { name: object.metadata.name, namespace: object.metadata.namespace };
}
