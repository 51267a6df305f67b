// The requests that resources answer: what they carry and may be asked with. Where they are, operations.ts knows.

import type { Kind } from '../../api/kind.ts';
import type { GroupVersionKind } from '../../api/meta/group-version.ts';
import { CreateOptions, DeleteOptions, ListOptions, PatchOptions, UpdateOptions } from '../../api/meta/options.ts';
import { leafOf, type Struct } from '../../api/schema.ts';

export type HttpMethod = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch';

/** What goes in or comes out. */
export type Payload =
  | { readonly type: 'struct'; readonly struct: Struct }
  | { readonly type: 'object'; readonly struct: Struct; readonly identity: GroupVersionKind }
  | { readonly type: 'list'; readonly kind: Kind }
  | { readonly type: 'patch' }
  | { readonly type: 'delete options' }
  | { readonly type: 'status' }
  | { readonly type: 'watch event' }
  | { readonly type: 'text' };

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'integer' | 'boolean';
}

/** What a request is about, and what it carries. */
export interface Request {
  readonly method: HttpMethod;
  /** Upstream's `x-kubernetes-action`. */
  readonly action: string;
  readonly identity: GroupVersionKind;
  readonly query: readonly Parameter[];
  readonly body?: Payload;
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly codes: readonly (200 | 201 | 202)[];
  readonly response: Payload;
}

export const BODY_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const LIST_TYPES = [...BODY_TYPES, ...STREAM_TYPES];
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
export const ANY_TYPE = ['*/*'];

const PRETTY: Parameter = { name: 'pretty', in: 'query', type: 'string' };
const LIST = [PRETTY, ...queryOf(ListOptions)];
const DELETE = [PRETTY, ...queryOf(DeleteOptions)];
const CREATE = [PRETTY, ...queryOf(CreateOptions)];
const UPDATE = [PRETTY, ...queryOf(UpdateOptions)];
const PATCH = [PRETTY, ...queryOf(PatchOptions)];
const DELETE_COLLECTION = [
  ...DELETE,
  ...queryOf(ListOptions).filter(({ name }) => name !== 'watch' && name !== 'allowWatchBookmarks'),
];

/** What the query string holds of declared options: those fields of which upstream makes parameters. */
export function queryOf(options: Struct): readonly Parameter[] {
  return [...options.jsonFields].flatMap(([name, field]): readonly Parameter[] => {
    switch (leafOf(field)) {
      case 'bool':
        return [{ name, in: 'query', type: 'boolean' }];
      case 'int32':
      case 'int64':
        return [{ name, in: 'query', type: 'integer' }];
      case 'string':
        return [{ name, in: 'query', type: 'string' }];
      default:
        return [];
    }
  });
}

const GET = { action: 'get', method: 'get', query: [PRETTY], consumes: ANY_TYPE, codes: [200] } as const;

export function read(identity: GroupVersionKind, response: Payload): Request {
  return { ...GET, identity, response, produces: BODY_TYPES };
}

export function create(identity: GroupVersionKind, payload: Payload): Request {
  const carried = { body: payload, response: payload, consumes: ANY_TYPE, produces: BODY_TYPES };
  return { action: 'post', method: 'post', identity, query: CREATE, ...carried, codes: [200, 201, 202] };
}

export function replace(identity: GroupVersionKind, payload: Payload): Request {
  const carried = { body: payload, response: payload, consumes: ANY_TYPE, produces: BODY_TYPES };
  return { action: 'put', method: 'put', identity, query: UPDATE, ...carried, codes: [200, 201] };
}

export function patch(identity: GroupVersionKind, response: Payload): Request {
  const carried = { body: { type: 'patch' }, response, consumes: PATCH_TYPES, produces: BODY_TYPES } as const;
  return { action: 'patch', method: 'patch', identity, query: PATCH, ...carried, codes: [200, 201] };
}

export function list(kind: Kind): Request {
  return {
    ...GET,
    action: 'list',
    identity: kind,
    query: LIST,
    response: { type: 'list', kind },
    produces: LIST_TYPES,
  };
}

/** Deprecated for long, but there: `watch/` before the resource. */
export function watch(kind: Kind, action: 'watch' | 'watchlist'): Request {
  return { ...GET, action, identity: kind, query: LIST, response: { type: 'watch event' }, produces: LIST_TYPES };
}

export function remove(kind: Kind, response: Payload): Request {
  const carried = { body: { type: 'delete options' }, response, consumes: ANY_TYPE, produces: BODY_TYPES } as const;
  return { action: 'delete', method: 'delete', identity: kind, query: DELETE, ...carried, codes: [200, 202] };
}

export function removeCollection(kind: Kind): Request {
  const one = remove(kind, { type: 'status' });
  return { ...one, action: 'deletecollection', query: DELETE_COLLECTION, codes: [200] };
}
