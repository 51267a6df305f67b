// The client on any transport: turns calls into requests and answers into objects or StatusError. What it reads is typed
// by the kind it was asked for; that the server sent such an object is trusted, as it is for every client.

import type { InputOf, Kind, ListOf, ObjectOf } from '../api/kind.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { responseError, responseValue } from './answer.ts';
import {
  type Client,
  type DeleteOptions,
  type ListOptions,
  type ObjectRef,
  pathOf,
  type WatchOptions,
  type WriteOptions,
} from './client.ts';
import type { ApiRequest, ApiResponse, Method, Transport, WatchEventOf } from './transport.ts';
import { WatchStream } from './watch-stream.ts';

export interface ClientOptions {
  /** As it stands in the audit log and in `managedFields`. */
  readonly userAgent: string;
  /** Gets the server's warnings. */
  readonly log?: Logger;
  /** With it the client comes again, as often as client-go does, when a server that is busy has said when. */
  readonly clock?: Clock;
}

/** Upstream: maxRetries of k8s.io/client-go/rest. */
const MAX_RETRIES = 10;

interface Call {
  readonly method: Method;
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // JSON is YAML, and this is the type that every server since 1.16 knows.
  apply: 'application/apply-patch+yaml',
} as const;

/** Owns the transport: disposing the client closes it. */
export function createClient(transport: Transport, options: ClientOptions): Client {
  const send = sender(transport, options);
  const call = async <T>(request: Call): Promise<T> => (await responseValue(await send(request))) as T;
  const write = <K extends Kind>(method: 'POST' | 'PUT', kind: K, object: InputOf<K>, of: WriteOptions, sub?: string) =>
    call<ObjectOf<K>>({
      method,
      path: pathOf(kind, method === 'POST' ? { namespace: object.metadata?.namespace } : inputRef(object), sub),
      query: writeQuery(of),
      body: { apiVersion: kind.apiVersion, kind: kind.kind, ...object },
      signal: of.signal,
    });

  return {
    get: (kind, ref, { signal } = {}) => call({ method: 'GET', path: pathOf(kind, ref), signal }),

    async list(kind, listOptions = {}) {
      const { namespace, signal } = listOptions;
      const query = listQuery(listOptions);
      return withKinds(kind, await call({ method: 'GET', path: pathOf(kind, { namespace }), query, signal }));
    },

    watch: (kind, watchOptions) => watch(send, kind, watchOptions),

    create: (kind, object, writeOptions = {}) => write('POST', kind, object, writeOptions),
    update: (kind, object, writeOptions = {}) => write('PUT', kind, object, writeOptions),
    updateStatus: (kind, object, writeOptions = {}) => write('PUT', kind, object, writeOptions, 'status'),

    patch: (kind, ref, patch, patchOptions = {}) =>
      call({
        method: 'PATCH',
        path: pathOf(kind, ref, patchOptions.subresource),
        query: { ...writeQuery(patchOptions), force: patch.type === 'apply' ? patch.force : undefined },
        body: patch.body,
        contentType: PATCH_TYPES[patch.type],
        signal: patchOptions.signal,
      }),

    async delete<K extends Kind>(kind: K, ref: ObjectRef, deleteOptions: DeleteOptions = {}) {
      const { signal } = deleteOptions;
      const answer = await call<ObjectOf<K> | undefined>({
        method: 'DELETE',
        path: pathOf(kind, ref),
        body: deleteBody(deleteOptions),
        signal,
      });
      return answer?.kind === 'Status' ? undefined : answer;
    },

    async deleteCollection(kind, both) {
      const path = pathOf(kind, { namespace: both.namespace });
      await call({ method: 'DELETE', path, query: listQuery(both), body: deleteBody(both), signal: both.signal });
    },

    act: (kind, ref, subresource, body, writeOptions = {}) =>
      call({
        method: 'POST',
        path: pathOf(kind, ref, subresource),
        query: writeQuery(writeOptions),
        body,
        signal: writeOptions.signal,
      }),

    request(method, path, { body, contentType, signal } = {}) {
      const [bare = '', search = ''] = path.split('?');
      return call({
        method,
        path: bare,
        query: Object.fromEntries(new URLSearchParams(search)),
        body,
        contentType,
        signal,
      });
    },

    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

/** Sends calls; those that are refused throw. */
function sender(transport: Transport, options: ClientOptions): (call: Call) => Promise<ApiResponse> {
  const { userAgent, log, clock } = options;
  return async (call) => {
    for (let retries = 0; ; retries++) {
      const response = await transport.send(requestOf(call, userAgent));
      if (log && response.headers['warning']) logWarnings(log, response.headers['warning']);
      if (response.status < 400) return response;
      const waitMs = clock && retries < MAX_RETRIES ? askedToWaitMs(response) : undefined;
      if (!clock || waitMs === undefined) throw await responseError(response);
      await sleep(clock, waitMs, call.signal);
    }
  };
}

/** Only of requests that were turned away is it known that nothing has come of them. */
function askedToWaitMs({ status, headers }: ApiResponse): number | undefined {
  const seconds = Number.parseInt(headers['retry-after'] ?? '', 10);
  return status === 429 && seconds > 0 ? seconds * 1000 : undefined;
}

function watch<K extends Kind>(
  send: (call: Call) => Promise<ApiResponse>,
  kind: K,
  options: WatchOptions = {},
): AsyncIterable<readonly WatchEventOf<ObjectOf<K>>[]> {
  const { namespace, allowBookmarks, sendInitialEvents, timeoutSeconds } = options;
  const query = {
    watch: true,
    ...listQuery(options),
    allowWatchBookmarks: allowBookmarks,
    sendInitialEvents,
    timeoutSeconds,
  };
  return new WatchStream(async (signal) => {
    const { body } = await send({ method: 'GET', path: pathOf(kind, { namespace }), query, signal });
    if (body.type !== 'watch') throw new TypeError('the answer to a watch was no watch');
    return body.events;
  }, options.signal);
}

function requestOf(call: Call, userAgent: string): ApiRequest {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  const hasBody = call.body !== undefined;
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': userAgent };
  if (hasBody) headers['content-type'] = call.contentType ?? 'application/json';
  return {
    method: call.method,
    path: call.path,
    query,
    headers,
    body: hasBody ? { type: 'object', object: call.body } : undefined,
    signal: call.signal ?? new AbortController().signal,
  };
}

function listQuery(options: ListOptions): Query {
  const { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = options;
  const token = options.continue;
  return { labelSelector, fieldSelector, limit, continue: token, resourceVersion, resourceVersionMatch };
}

function writeQuery({ dryRun, fieldManager }: WriteOptions): Query {
  return { dryRun: dryRun ? 'All' : undefined, fieldManager };
}

function deleteBody({ gracePeriodSeconds, propagationPolicy, preconditions, dryRun }: DeleteOptions): unknown {
  const given = {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(preconditions === undefined ? {} : { preconditions }),
    ...(dryRun ? { dryRun: ['All'] } : {}),
  };
  return Object.keys(given).length === 0 ? undefined : { kind: 'DeleteOptions', apiVersion: 'v1', ...given };
}

function inputRef(object: { readonly metadata?: { readonly name?: string; readonly namespace?: string } }) {
  const name = object.metadata?.name;
  if (name === undefined) throw new TypeError('an object without a name cannot be updated');
  return { name, namespace: object.metadata?.namespace };
}

/** Servers written in Go leave kind and apiVersion out of the items of a list. */
function withKinds<K extends Kind>(kind: K, list: ListOf<K>): ListOf<K> {
  const { items } = list as { items: readonly { kind?: string }[] | null };
  if (items === null) return { ...list, items: [] };
  if (items.length === 0 || items[0]?.kind !== undefined) return list;
  const type = { apiVersion: kind.apiVersion, kind: kind.kind };
  return { ...list, items: items.map((item) => ({ ...type, ...item }) as unknown as ObjectOf<K>) };
}

/** `299 - "text"`, several of them joined by commas. */
function logWarnings(log: Logger, header: string): void {
  for (const [, text = ''] of header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)) {
    log.warn('the API server warns', { warning: text.replace(/\\(.)/g, '$1') });
  }
}
