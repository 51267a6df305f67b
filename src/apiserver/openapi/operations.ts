// Which requests a kind answers, in a form from which both versions of OpenAPI are written.

import { Scale } from '../../api/autoscaling/scale.ts';
import type { Kind, Subresource, Verb } from '../../api/kind.ts';
import type { Struct } from '../../api/schema.ts';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What goes in or comes out. */
export type Payload =
  | { readonly type: 'struct'; readonly struct: Struct }
  | { readonly type: 'list'; readonly kind: Kind }
  | { readonly type: 'status' }
  | { readonly type: 'text' };

export interface QueryParameter {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean';
}

export interface Operation {
  readonly path: string;
  readonly method: HttpMethod;
  /** Upstream's `x-kubernetes-action`. */
  readonly action: string;
  readonly id: string;
  readonly identity: { readonly group: string; readonly version: string; readonly kind: string };
  readonly tag: string;
  readonly pathParameters: readonly string[];
  readonly query: readonly QueryParameter[];
  readonly body: Payload | undefined;
  readonly isPatch: boolean;
  readonly response: Payload;
}

const PRETTY: QueryParameter = { name: 'pretty', type: 'string' };
const DRY_RUN: QueryParameter = { name: 'dryRun', type: 'string' };
const WRITE: readonly QueryParameter[] = [
  PRETTY,
  DRY_RUN,
  { name: 'fieldManager', type: 'string' },
  { name: 'fieldValidation', type: 'string' },
];
const PATCH: readonly QueryParameter[] = [...WRITE, { name: 'force', type: 'boolean' }];
const LIST: readonly QueryParameter[] = [
  PRETTY,
  { name: 'allowWatchBookmarks', type: 'boolean' },
  { name: 'continue', type: 'string' },
  { name: 'fieldSelector', type: 'string' },
  { name: 'labelSelector', type: 'string' },
  { name: 'limit', type: 'integer' },
  { name: 'resourceVersion', type: 'string' },
  { name: 'resourceVersionMatch', type: 'string' },
  { name: 'sendInitialEvents', type: 'boolean' },
  { name: 'timeoutSeconds', type: 'integer' },
  { name: 'watch', type: 'boolean' },
];
const DELETE: readonly QueryParameter[] = [
  PRETTY,
  DRY_RUN,
  { name: 'gracePeriodSeconds', type: 'integer' },
  { name: 'orphanDependents', type: 'boolean' },
  { name: 'propagationPolicy', type: 'string' },
];

export function operationsOf(kind: Kind): readonly Operation[] {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const collection = `${root}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}`;
  const item = `${collection}/{name}`;
  const operations: Operation[] = [];
  const add = (path: string, method: HttpMethod, action: string, more: Partial<Operation> = {}) => {
    const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    operations.push({
      path,
      method,
      action,
      id: operationId(kind, action, path),
      identity: kind,
      tag: `${(kind.group || 'core').split('.')[0]}_${kind.version}`,
      pathParameters,
      query: [PRETTY],
      body: undefined,
      isPatch: method === 'patch',
      response: { type: 'struct', struct: kind.schema },
      ...more,
    });
  };
  const own: Payload = { type: 'struct', struct: kind.schema };
  const listed: Payload = { type: 'list', kind };
  const has = (verb: Verb) => kind.verbs.includes(verb);
  if (has('list')) add(collection, 'get', 'list', { query: LIST, response: listed });
  if (has('create')) add(collection, 'post', 'post', { query: WRITE, body: own });
  if (has('deletecollection')) {
    add(collection, 'delete', 'deletecollection', {
      query: [...LIST, ...DELETE.slice(1)],
      response: { type: 'status' },
    });
  }
  if (has('get')) add(item, 'get', 'get');
  if (has('update')) add(item, 'put', 'put', { query: WRITE, body: own });
  if (has('patch')) add(item, 'patch', 'patch', { query: PATCH });
  if (has('delete')) add(item, 'delete', 'delete', { query: DELETE, response: { type: 'status' } });
  if (has('list') && kind.namespaced) add(`${root}/${kind.plural}`, 'get', 'list', { query: LIST, response: listed });
  for (const [name, subresource] of Object.entries(kind.subresources)) {
    for (const [method, action, more] of subresourceOperations(kind, subresource)) {
      add(`${item}/${name}`, method, action, more);
      if (subresource.type === 'connect' && subresource.pathSuffix) add(`${item}/${name}/{path}`, method, action, more);
    }
  }
  return operations;
}

type SubresourceOperation = readonly [HttpMethod, string, Partial<Operation>];

function subresourceOperations(kind: Kind, subresource: Subresource): readonly SubresourceOperation[] {
  switch (subresource.type) {
    case 'status':
      return readAndWrite(kind.schema, ['get', 'patch', 'update'], kind);
    case 'view':
      return readAndWrite(kind.schema, subresource.verbs, kind);
    case 'scale':
      return readAndWrite(Scale, ['get', 'patch', 'update'], { group: 'autoscaling', version: 'v1', kind: 'Scale' });
    case 'action': {
      const payload: Payload = { type: 'struct', struct: subresource.schema };
      return [['post', 'post', { query: WRITE, body: payload, response: payload, identity: subresource }]];
    }
    case 'connect': {
      const query = [...subresource.options.jsonFields].map(([name, { type }]): QueryParameter => {
        return {
          name,
          type: type === 'bool' ? 'boolean' : type === 'int64' || type === 'int32' ? 'integer' : 'string',
        };
      });
      const identity = { group: kind.group, version: kind.version, kind: subresource.kind };
      return subresource.verbs.map((verb): SubresourceOperation => {
        return [CONNECT_METHODS[verb], 'connect', { query, response: { type: 'text' }, identity, isPatch: false }];
      });
    }
    default:
      return subresource satisfies never;
  }
}

const CONNECT_METHODS = { create: 'post', delete: 'delete', get: 'get', patch: 'patch', update: 'put' } as const;

function readAndWrite(
  struct: Struct,
  verbs: readonly ('get' | 'patch' | 'update')[],
  identity: Operation['identity'],
): readonly SubresourceOperation[] {
  const payload: Payload = { type: 'struct', struct };
  const all: Readonly<Record<'get' | 'patch' | 'update', SubresourceOperation>> = {
    get: ['get', 'get', { response: payload, identity }],
    patch: ['patch', 'patch', { query: PATCH, response: payload, identity }],
    update: ['put', 'put', { query: WRITE, body: payload, response: payload, identity }],
  };
  return verbs.map((verb) => all[verb]);
}

const ACTION_WORDS: Readonly<Record<string, string>> = {
  post: 'create',
  put: 'replace',
  get: 'read',
  list: 'list',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'deleteCollection',
  connect: 'connect',
};

/** `createAppsV1NamespacedDeployment`, `readCoreV1NamespacedPodLog`. */
function operationId(kind: Kind, action: string, path: string): string {
  const group = capitalized((kind.group || 'core').split('.')[0] ?? '');
  const scope = path.includes('{namespace}') ? 'Namespaced' : '';
  const behind = path.split('{name}/')[1] ?? '';
  const subresource = behind
    .split('/')
    .map((part) => (part === '{path}' ? 'WithPath' : capitalized(part)))
    .join('');
  const everywhere = action === 'list' && kind.namespaced && scope === '' ? 'ForAllNamespaces' : '';
  const word = ACTION_WORDS[action] ?? action;
  return `${word}${group}${capitalized(kind.version)}${scope}${kind.kind}${subresource}${everywhere}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
