// The last step: an answer in the form that its receiver reads. In-process clients get the shared objects themselves.

import type { AnyObject, Kind } from '../../api/kind.ts';
import { StatusError } from '../../api/status-error.ts';
import { deepFreeze } from '../../base/freeze.ts';
import { nextTurn } from '../../base/under-way.ts';
import type { ApiResponse, ResponseBody } from '../../client/transport.ts';
import { type Negotiated, negotiate, notAcceptable } from '../negotiation/accept.ts';
import { jsonRenderer } from '../negotiation/json-renderer.ts';
import { wantsPretty } from '../negotiation/pretty.ts';
import { protobufRenderer } from '../negotiation/protobuf-renderer.ts';
import { buffersInTurn, concatenated, inWrites, ownBuffers, type Renderer } from '../negotiation/renderer.ts';
import { includeObjectOf } from '../negotiation/table.ts';
import { yamlRenderer } from '../negotiation/yaml-renderer.ts';
import type { Resource } from '../registry/resource.ts';
import type { Change } from '../watch/cache-event.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import type { WatchItem } from '../watch/watcher.ts';
import type { Answer, ListMetadata, Watch } from './answer.ts';
import { DirectWatch } from './direct-watch.ts';
import { statusErrorFrom } from './error-status.ts';
import type { RequestHead } from './incoming-request.ts';
import { bookmarkMetadata, changesIn, type EventCount } from './watch-items.ts';

/** Lists up to this number of objects go out whole, with their length; longer ones in chunks as they are made. */
const WHOLE_LIST = 200;
/** So many objects are decoded, or told of, before others get a turn. */
const SLICE = 250;
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
/** For answers that are of no resource. */
const NO_KIND = { apiVersion: 'v1', kind: '', listKind: 'List' } as unknown as Kind;

export interface Receiver {
  /** In process: bodies are objects. */
  readonly direct: boolean;
  readonly request: RequestHead;
  readonly sendsInTurn: boolean;
  readonly nowMs: () => number;
  /** Counts the events that a watch of the kind is told. */
  readonly eventsOf: (kind: Kind) => EventCount;
}

/** Throws StatusError `NotAcceptable` before anything is done for a request whose answer could not be given. */
export function negotiated({ request }: Pick<Receiver, 'request'>, streams: boolean): Negotiated {
  const wanted = negotiate(request.headers['accept']);
  if (streams && wanted.format === 'yaml') throw notAcceptable(STREAM_TYPES);
  return wanted;
}

export async function encode(receiver: Receiver, answer: Answer): Promise<ApiResponse> {
  if (answer.type === 'response') return answer.response;
  const wanted = negotiated(receiver, answer.type === 'watch');
  if (receiver.direct && wanted.shape === 'object') return encodeDirect(receiver, answer);
  const kind = answer.resource?.kind ?? NO_KIND;
  refuseMismatch(wanted, answer, kind);
  const renderer = rendererFor(receiver, wanted, kind);
  const pretty = wanted.pretty || wantsPretty(receiver.request);
  switch (answer.type) {
    case 'version': {
      const bytes = renderer.version(answer.resource.serve(answer.version));
      return response(answer.status, bytesBody(renderer, bytes, pretty));
    }
    case 'object': {
      const type = answer.objectType ?? answer.resource?.kind;
      return response(answer.status, bytesBody(renderer, renderer.value(answer.object, type), pretty));
    }
    case 'list':
      return response(200, await listBody(renderer, answer, { pretty, sendsInTurn: receiver.sendsInTurn }));
    case 'watch': {
      const chunks = watchChunks(answer.resource, answer.watch, renderer, receiver.eventsOf(answer.resource.kind));
      return response(200, { type: 'stream', contentType: renderer.streamType, chunks });
    }
    default:
      return answer satisfies never;
  }
}

/** Metadata of one object is no list, and the other way round. Throws StatusError `NotAcceptable`. */
function refuseMismatch({ metadataOf }: Negotiated, answer: Answer, { group, kind, listKind }: Kind): void {
  const goPackage = (group || 'core').split('.')[0];
  if (metadataOf === 'one' && answer.type === 'list') {
    const why = `you requested PartialObjectMetadata, but the requested object is a list (*${goPackage}.${listKind})`;
    throw new StatusError('NotAcceptable', why);
  }
  if (metadataOf === 'list' && answer.type === 'version') {
    const why = `you requested PartialObjectMetadataList, but the requested object is not a list (*${goPackage}.${kind})`;
    throw new StatusError('NotAcceptable', why);
  }
}

/** The answer to a request that has failed. Never throws: what cannot be had in the wanted format comes as JSON. */
export function encodeError(receiver: Receiver, error: unknown): ApiResponse {
  const statusError = statusErrorFrom(error);
  const status = statusError.toStatus();
  const retryAfter = statusError.details?.retryAfterSeconds;
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (receiver.direct)
    return { status: statusError.code, headers, body: { type: 'object', object: deepFreeze(status) } };
  const renderer = errorRenderer(receiver);
  const body = bytesBody(renderer, renderer.value(status, undefined), wantsPretty(receiver.request));
  return { status: statusError.code, headers, body };
}

function errorRenderer(receiver: Receiver): Renderer {
  try {
    return rendererFor(receiver, negotiate(receiver.request.headers['accept'], { objectsOnly: true }), NO_KIND);
  } catch {
    // The client accepts nothing that a Status could be: it gets to know that in JSON.
    return rendererFor(receiver, negotiate(undefined), NO_KIND);
  }
}

function rendererFor({ request, nowMs }: Receiver, wanted: Negotiated, kind: Kind): Renderer {
  if (wanted.format === 'protobuf') return protobufRenderer(kind, wanted);
  const includeObject = wanted.shape === 'table' ? includeObjectOf(request.query) : 'None';
  const json = jsonRenderer({ nowMs }, kind, wanted, includeObject);
  return wanted.format === 'yaml' ? yamlRenderer(json) : json;
}

function response(status: number, body: ResponseBody): ApiResponse {
  return { status, headers: {}, body };
}

function bytesBody({ contentType }: Renderer, bytes: Uint8Array, pretty: boolean): ResponseBody {
  return {
    type: 'bytes',
    contentType,
    bytes: pretty && contentType === 'application/json' ? prettyJson(bytes) : bytes,
  };
}

function prettyJson(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), null, 2)}\n`);
}

async function listBody(
  renderer: Renderer,
  { resource, versions, metadata }: Answer & { readonly type: 'list' },
  { pretty, sendsInTurn }: { readonly pretty: boolean; readonly sendsInTurn: boolean },
): Promise<ResponseBody> {
  const served = resource.servesStored ? versions : versions.map((version) => resource.serve(version));
  if (versions.length > WHOLE_LIST) {
    const chunks = renderer.list(served, metadata, sendsInTurn ? buffersInTurn() : ownBuffers);
    return { type: 'stream', contentType: renderer.contentType, chunks, isWhole: true };
  }
  const parts: Uint8Array[] = [];
  for await (const part of renderer.list(served, metadata, ownBuffers)) parts.push(part);
  return bytesBody(renderer, concatenated(parts), pretty);
}

async function* watchChunks(
  resource: Resource,
  watch: Watch,
  renderer: Renderer,
  told: EventCount,
): AsyncGenerator<Uint8Array> {
  const { watcher } = watch;
  const serve = (changes: readonly Change[]) => served(resource, changes);
  let first = true;
  try {
    for await (const changes of watch.initial) {
      told.add(changes.length);
      yield renderer.changes(serve(changes), first);
      first = false;
    }
    if (watch.initialBookmark !== undefined) {
      yield renderer.bookmark(bookmarkMetadata(watch.initialBookmark, true), first);
      first = false;
    }
    for (let items = await watcher.next(); items; items = await watcher.next()) {
      const starting = first;
      first = false;
      told.add(changesIn(items));
      // What has gathered behind a slow connection goes out together, what is large as the bytes that all watches share.
      yield* inWrites(items.map((item, index) => itemChunk(resource, renderer, item, starting && index === 0)));
    }
  } catch (error) {
    yield renderer.error(statusErrorFrom(error).toStatus());
  } finally {
    watcher.end();
  }
}

function itemChunk(resource: Resource, renderer: Renderer, item: WatchItem, first: boolean): Uint8Array {
  if (item.type === 'bookmark') {
    return renderer.bookmark(bookmarkMetadata(item.revision, item.initialEnd), first);
  }
  const starting = first && renderer.startsDifferently;
  const name = starting ? `first ${renderer.name}` : renderer.name;
  return item.batch.encoded(name, (changes) => renderer.changes(served(resource, changes), starting));
}

function served(resource: Resource, changes: readonly Change[]): readonly Change[] {
  if (resource.servesStored) return changes;
  return changes.map(({ type, version }) => ({ type, version: resource.serve(version) }));
}

// In process.

async function encodeDirect(
  { eventsOf }: Receiver,
  answer: Exclude<Answer, { readonly type: 'response' }>,
): Promise<ApiResponse> {
  switch (answer.type) {
    case 'version':
      return response(answer.status, { type: 'object', object: answer.resource.serve(answer.version).object });
    case 'object':
      return response(answer.status, { type: 'object', object: deepFreeze(answer.object) });
    case 'list':
      return response(200, {
        type: 'object',
        object: await directList(answer.resource, answer.versions, answer.metadata),
      });
    case 'watch':
      return response(200, {
        type: 'watch',
        events: new DirectWatch(answer.resource, answer.watch, eventsOf(answer.resource.kind)),
      });
    default:
      return answer satisfies never;
  }
}

async function directList(
  resource: Resource,
  versions: readonly ObjectVersion[],
  metadata: ListMetadata,
): Promise<object> {
  const items: AnyObject[] = [];
  for (const version of versions) {
    items.push(resource.serve(version).object);
    if (items.length % SLICE === 0) await nextTurn();
  }
  const { listKind, apiVersion } = resource.kind;
  return Object.freeze({ kind: listKind, apiVersion, metadata: Object.freeze(metadata), items: Object.freeze(items) });
}
