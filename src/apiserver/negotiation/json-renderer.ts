// Answers in JSON: objects as the bytes they are kept in, rows of tables, or metadata alone.

import { encodeJson } from '../../api/json-encode.ts';
import type { AnyObject, Kind } from '../../api/kind.ts';
import type { ListMetadata } from '../chain/answer.ts';
import type { Change } from '../watch/cache-event.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import type { Negotiated } from './accept.ts';
import { type BookmarkMetadata, concatenated, inChunks, type Renderer } from './renderer.ts';
import {
  cellsOf,
  columnDefinitions,
  emptyCells,
  type HasColumns,
  type IncludeObject,
  type MetaTypes,
  metaTypes,
  partialMetadata,
} from './table.ts';

const encoder = new TextEncoder();
const COMMA = encoder.encode(',');
const LIST_END = encoder.encode(']}');
const EVENT_END = encoder.encode('}\n');
const EVENT_STARTS = {
  ADDED: encoder.encode('{"type":"ADDED","object":'),
  MODIFIED: encoder.encode('{"type":"MODIFIED","object":'),
  DELETED: encoder.encode('{"type":"DELETED","object":'),
};

/** How one shape looks in JSON. */
interface JsonShape {
  readonly name: string;
  readonly startsDifferently: boolean;
  /** As a whole answer; `first` only matters on a watch. */
  whole(version: ObjectVersion, first: boolean): Uint8Array;
  /** As one of a list. */
  item(version: ObjectVersion): Uint8Array;
  /** An object that is not in the store, as the whole answer. */
  value(object: AnyObject, type: HasColumns): object;
  /** The object of a bookmark; `first` as above. */
  bookmark(metadata: BookmarkMetadata, first: boolean): object;
  /** What stands before the items of a list. */
  listStart(metadata: ListMetadata): Uint8Array;
}

export function jsonRenderer(
  { nowMs }: { readonly nowMs: () => number },
  kind: Kind,
  wanted: Pick<Negotiated, 'shape' | 'metaVersion'>,
  includeObject: IncludeObject,
): Renderer {
  const form = shapeOf(kind, wanted, includeObject, nowMs);
  return {
    name: `json ${kind.apiVersion} ${form.name}`,
    contentType: 'application/json',
    streamType: 'application/json',
    startsDifferently: form.startsDifferently,
    version: (version) => form.whole(version, true),
    value: (object, type) => encodeJson(isStatus(object) ? object : form.value(object as AnyObject, type ?? kind)),
    async *list(versions, metadata, buffers) {
      yield* inChunks(listParts(form, versions, metadata), buffers);
    },
    changes: (changes, first) => concatenated([...changeParts(form, changes, first)]),
    bookmark: (metadata, first) => eventOf('BOOKMARK', form.bookmark(metadata, first)),
    error: (status) => eventOf('ERROR', status),
  };
}

function* listParts(
  form: JsonShape,
  versions: readonly ObjectVersion[],
  metadata: ListMetadata,
): Generator<Uint8Array> {
  yield form.listStart(metadata);
  let first = true;
  for (const version of versions) {
    if (!first) yield COMMA;
    first = false;
    yield form.item(version);
  }
  yield LIST_END;
}

function* changeParts(form: JsonShape, changes: readonly Change[], first: boolean): Generator<Uint8Array> {
  let starting = first;
  for (const { type, version } of changes) {
    yield EVENT_STARTS[type];
    yield form.whole(version, starting);
    yield EVENT_END;
    starting = false;
  }
}

function shapeOf(
  kind: Kind,
  { shape, metaVersion }: Pick<Negotiated, 'shape' | 'metaVersion'>,
  includeObject: IncludeObject,
  nowMs: () => number,
): JsonShape {
  switch (shape) {
    case 'object':
      return objectShape(kind);
    case 'metadata':
      return metadataShape(metaTypes(metaVersion));
    case 'table':
      return tableShape(kind, metaTypes(metaVersion), includeObject, nowMs);
    default:
      return shape satisfies never;
  }
}

function objectShape({ kind, listKind, apiVersion }: Kind): JsonShape {
  return {
    name: 'object',
    startsDifferently: false,
    whole: (version) => version.json,
    item: (version) => version.json,
    bookmark: (metadata) => ({ kind, apiVersion, metadata }),
    value: (object) => object,
    listStart: (metadata) => openList({ kind: listKind, apiVersion, metadata }, 'items'),
  };
}

function metadataShape(types: MetaTypes): JsonShape {
  const one = (version: ObjectVersion) => encodeJson(partialMetadata(version.object, types));
  return {
    name: `${types.metadata.kind} ${types.metadata.apiVersion}`,
    startsDifferently: false,
    whole: one,
    item: one,
    bookmark: (metadata) => ({ ...types.metadata, metadata }),
    value: (object) => partialMetadata(object, types),
    listStart: (metadata) => openList({ ...types.metadataList, metadata }, 'items'),
  };
}

function tableShape(kind: Kind, types: MetaTypes, includeObject: IncludeObject, nowMs: () => number): JsonShape {
  const row = (version: ObjectVersion): Uint8Array => {
    const cells = JSON.stringify(cellsOf(kind, version.object, nowMs()));
    if (includeObject === 'None') return encoder.encode(`{"cells":${cells}}`);
    const object = includeObject === 'Object' ? version.json : encodeJson(partialMetadata(version.object, types));
    return concatenated([encoder.encode(`{"cells":${cells},"object":`), object, encoder.encode('}')]);
  };
  const included = (object: AnyObject): { object?: object } => {
    if (includeObject === 'None') return {};
    return { object: includeObject === 'Object' ? object : partialMetadata(object, types) };
  };
  const columns = columnDefinitions(kind);
  const open = (metadata: ListMetadata, first: boolean) =>
    openList({ ...types.table, metadata, columnDefinitions: first ? columns : null }, 'rows');
  return {
    name: `${types.table.kind} ${types.table.apiVersion} ${includeObject}`,
    startsDifferently: true,
    item: row,
    bookmark(metadata, first) {
      const { resourceVersion, annotations } = metadata;
      const { apiVersion } = kind;
      const object = { kind: kind.kind, apiVersion, metadata } as unknown as AnyObject;
      // The mark at the end of the initial events is told whatever else was asked for.
      const told = annotations ? { object: partialMetadata(object, types) } : included(object);
      const rows = [{ cells: emptyCells(kind), ...told }];
      return { ...types.table, metadata: { resourceVersion }, columnDefinitions: first ? columns : null, rows };
    },
    // Ages in a table change with time: these bytes are made for each answer and not kept.
    whole(version, first) {
      return concatenated([open({ resourceVersion: version.resourceVersion }, first), row(version), LIST_END]);
    },
    value: (object, type) => ({
      ...types.table,
      metadata: { resourceVersion: object.metadata?.resourceVersion },
      columnDefinitions: columnDefinitions(type),
      rows: [{ cells: cellsOf(type, object, nowMs()), ...included(object) }],
    }),
    listStart: (metadata) => open(metadata, true),
  };
}

/** What says how a request went is never made a row of. */
function isStatus(object: object): boolean {
  return (object as Partial<AnyObject>).kind === 'Status';
}

function eventOf(type: string, object: object): Uint8Array {
  return encoder.encode(`${JSON.stringify({ type, object })}\n`);
}

/** `{…,"items":[` */
function openList(object: object, items: string): Uint8Array {
  return encoder.encode(`${JSON.stringify(object).slice(0, -1)},${JSON.stringify(items)}:[`);
}
