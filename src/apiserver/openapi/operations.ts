// Which requests are answered where, in a form from which both versions of OpenAPI are written. What they are called is
// what generators have made of it for years: upstream's k8s.io/apiserver/pkg/endpoints (installer.go, openapi.go).

import type { Kind, Verb } from '../../api/kind.ts';
import type { GroupVersionKind } from '../../api/meta/group-version.ts';
import {
  create,
  list,
  type Parameter,
  type Payload,
  patch,
  type Request,
  read,
  remove,
  removeCollection,
  replace,
  watch,
} from './requests.ts';
import { subresourceRequests } from './subresource-requests.ts';

export interface Operation extends Omit<Request, 'action' | 'identity' | 'query'> {
  readonly path: string;
  readonly id: string;
  readonly tag: string;
  /** Discovery is about no kind. */
  readonly about?: { readonly action: string; readonly identity: GroupVersionKind };
  readonly parameters: readonly Parameter[];
}

export function operationsOf(kind: Kind): readonly Operation[] {
  const root = kind.group === '' ? `/api/${kind.version}/` : `/apis/${kind.group}/${kind.version}/`;
  const scope = kind.namespaced ? 'namespaces/{namespace}/' : '';
  const collection = scope + kind.plural;
  const item = `${collection}/{name}`;
  const own: Payload = { type: 'object', struct: kind.schema, identity: kind };
  const has = (verb: Verb) => kind.verbs.includes(verb);
  const operations: Operation[] = [];
  const add = (path: string, request: Request, subresource = '') => {
    operations.push(operationOf(kind, root + path, request, subresource));
  };
  if (has('list')) add(collection, list(kind));
  if (has('create')) add(collection, create(kind, own));
  if (has('deletecollection')) add(collection, removeCollection(kind));
  if (has('get')) add(item, read(kind, own));
  if (has('update')) add(item, replace(kind, own));
  if (has('patch')) add(item, patch(kind, own));
  if (has('delete')) add(item, remove(kind, kind.returnsDeleted ? own : { type: 'status' }));
  if (has('watch')) {
    add(`watch/${collection}`, watch(kind, 'watchlist'));
    add(`watch/${item}`, watch(kind, 'watch'));
  }
  if (kind.namespaced && has('list')) add(kind.plural, list(kind));
  if (kind.namespaced && has('watch')) add(`watch/${kind.plural}`, watch(kind, 'watchlist'));
  for (const [name, subresource] of Object.entries(kind.subresources)) {
    for (const request of subresourceRequests(kind, subresource)) {
      add(`${item}/${name}`, request, name);
      if (subresource.type === 'connect' && subresource.pathSuffix) add(`${item}/${name}/{path}`, request, name);
    }
  }
  return operations;
}

function operationOf(kind: Kind, path: string, request: Request, subresource: string): Operation {
  const { action, identity, query, ...carried } = request;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const places = names.map((name): Parameter => ({ name, in: 'path', type: 'string' }));
  return {
    ...carried,
    path,
    id: operationId(kind, request, path, subresource),
    tag: `${groupWord(kind.group)}_${kind.version}`,
    about: { action, identity },
    parameters: [...places, ...query],
  };
}

const ACTION_WORDS: Readonly<Record<string, string>> = {
  post: 'create',
  put: 'replace',
  get: 'read',
  watchlist: 'watch',
  deletecollection: 'delete',
};

/** `createAppsV1NamespacedDeployment`, `readCoreV1NamespacedPodLog`, `connectCoreV1GetNodeProxyWithPath`. */
function operationId(kind: Kind, { action, method }: Request, path: string, subresource: string): string {
  const everywhere = kind.namespaced && !path.includes('{namespace}');
  const words = [
    groupWord(kind.group),
    kind.version,
    action === 'deletecollection' ? 'collection' : '',
    action === 'connect' ? method : '',
    kind.namespaced && !everywhere ? 'namespaced' : '',
    kind.kind,
    subresource,
    action === 'watchlist' ? 'list' : '',
    path.endsWith('/{path}') ? 'withPath' : '',
    everywhere ? 'forAllNamespaces' : '',
  ];
  return (ACTION_WORDS[action] ?? action) + words.map(capitalized).join('');
}

/** `core`, `apps`, `rbacAuthorization` of `rbac.authorization.k8s.io`. */
export function groupWord(group: string): string {
  const [first = '', ...rest] = (group || 'core').replace(/\.k8s\.io$/, '').split(/[^A-Za-z0-9_]+/);
  return first + rest.map(capitalized).join('');
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
