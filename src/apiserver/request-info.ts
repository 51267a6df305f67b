// What a request is about, read off its path and method. Upstream: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.

import { parseFieldSelector, requiredField } from '../api/field-selector.ts';
import { badRequest, isStatusError } from '../api/status-error.ts';
import type { Method } from '../client/transport.ts';

export interface RequestInfo {
  readonly path: string;
  /** For resources an API verb (`get`, `list`, `watch`, `create` …), otherwise the HTTP method in lower case. */
  readonly verb: string;
  readonly isResource: boolean;
  /** `''` for the core group and for paths that are no resource. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** `''` for cluster-scoped resources and lists over all namespaces. */
  readonly namespace: string;
  readonly name: string;
  /** What follows a subresource that takes a further path (`proxy`). */
  readonly suffix: string;
  /** What the query restricts a list, watch or deletecollection to, as it was sent. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** Subresources of a namespace, which look like resources in it. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

const METHOD_VERBS: Readonly<Record<Method, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
  OPTIONS: '',
};

/** Throws StatusError `BadRequest` for a path that is not properly percent-encoded. */
export function requestInfoOf(request: {
  readonly method: Method;
  readonly path: string;
  readonly query: URLSearchParams;
}): RequestInfo {
  const parts = decodedParts(request.path);
  const path = `/${parts.join('/')}`;
  const nonResource = {
    path: request.path.endsWith('/') && path !== '/' ? `${path}/` : path,
    verb: request.method.toLowerCase(),
    isResource: false,
    group: '',
    version: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
    suffix: '',
  };
  const grouped = parts[0] === 'apis';
  if (parts[0] !== 'api' && !grouped) return nonResource;
  if (parts.length < (grouped ? 4 : 3)) return nonResource;
  const group = grouped ? (parts[1] ?? '') : '';
  const version = parts[grouped ? 2 : 1] ?? '';
  let rest = parts.slice(grouped ? 3 : 2);

  // `/api/v1/watch/…` is the deprecated way to ask for a watch.
  const watchPath = rest[0] === 'watch';
  if (watchPath) rest = rest.slice(1);
  let namespace = '';
  if (rest[0] === 'namespaces' && rest[1] !== undefined) {
    namespace = rest[1];
    if (rest[2] !== undefined && !NAMESPACE_SUBRESOURCES.has(rest[2])) rest = rest.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...suffix] = rest;
  const info = { path, isResource: true, group, version, resource, subresource, namespace, suffix: suffix.join('/') };
  const verb = watchPath ? 'watch' : resourceVerb(request, name);
  if (name === '' && (verb === 'list' || verb === 'watch' || verb === 'deletecollection')) {
    const fieldSelector = request.query.get('fieldSelector');
    return { ...info, verb, name: nameSelected(fieldSelector), ...(fieldSelector ? { fieldSelector } : {}) };
  }
  return { ...info, verb, name };
}

function resourceVerb({ method, query }: { method: Method; query: URLSearchParams }, name: string): string {
  const verb = METHOD_VERBS[method];
  if (name !== '') return verb;
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** Upstream's rule for booleans in a query: there, and neither `0` nor `false`. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/**
 * The value that a field selector pins the field to, if it does: authorizers go by it. A selector that cannot be read
 * pins nothing here, and is refused later.
 */
export function selectedValue(fieldSelector: string | null | undefined, field: string): string | undefined {
  if (!fieldSelector) return undefined;
  try {
    return requiredField(parseFieldSelector(fieldSelector), field);
  } catch (error) {
    if (isStatusError(error, 'BadRequest')) return undefined;
    throw error;
  }
}

/** The name that a collection request is about when its field selector allows only one. */
function nameSelected(fieldSelector: string | null): string {
  const name = selectedValue(fieldSelector, 'metadata.name') ?? '';
  return /[/%]|^\.\.?$/.test(name) ? '' : name;
}

function decodedParts(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  if (!path.includes('%')) return parts;
  try {
    return parts.map(decodeURIComponent);
  } catch (error) {
    throw badRequest(`invalid URL escape in path ${JSON.stringify(path)}`, error);
  }
}
