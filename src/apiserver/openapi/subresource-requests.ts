// Which requests a subresource answers.

import { Scale } from '../../api/autoscaling/scale.ts';
import type { Kind, Subresource } from '../../api/kind.ts';
import type { GroupVersionKind } from '../../api/meta/group-version.ts';
import {
  ANY_TYPE,
  create,
  type HttpMethod,
  type Payload,
  patch,
  queryOf,
  type Request,
  read,
  replace,
} from './requests.ts';

const SCALE: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

type ConnectVerb = (Subresource & { readonly type: 'connect' })['verbs'][number];
const CONNECT_METHODS: Readonly<Record<ConnectVerb, HttpMethod>> = {
  create: 'post',
  delete: 'delete',
  get: 'get',
  patch: 'patch',
  update: 'put',
};

export function subresourceRequests(kind: Kind, subresource: Subresource): readonly Request[] {
  switch (subresource.type) {
    case 'status':
      return readAndWrite(kind, { type: 'object', struct: kind.schema, identity: kind });
    case 'view':
      return readAndWrite(kind, { type: 'object', struct: kind.schema, identity: kind }, subresource.verbs);
    case 'scale':
      return readAndWrite(SCALE, { type: 'object', struct: Scale, identity: SCALE });
    case 'action':
      return [create(subresource, { type: 'object', struct: subresource.schema, identity: subresource })];
    case 'connect':
      return connectRequests(kind, subresource);
    default:
      return subresource satisfies never;
  }
}

function readAndWrite(
  identity: GroupVersionKind,
  payload: Payload,
  verbs: readonly ('get' | 'patch' | 'update')[] = ['get', 'patch', 'update'],
): readonly Request[] {
  const requests = { get: read, patch, update: replace };
  return verbs.map((verb) => requests[verb](identity, payload));
}

/** What is not an object but a stream is connected to; a log, which a plain GET reads, is read. */
function connectRequests(kind: Kind, subresource: Subresource & { readonly type: 'connect' }): readonly Request[] {
  const { verbs, options } = subresource;
  const identity = { group: kind.group, version: kind.version, kind: subresource.kind };
  const response: Payload = { type: 'text' };
  const query = queryOf(options);
  const [verb] = verbs;
  if (verbs.length === 1 && verb === 'get') {
    const { produces, ...reading } = read(identity, response);
    return [{ ...reading, query: [...reading.query, ...query], produces: ['text/plain', ...produces] }];
  }
  // Whoever proxies writes proxies everything.
  const others: readonly HttpMethod[] = subresource.pathSuffix ? ['options', 'head'] : [];
  const methods = [...verbs.map((verb) => CONNECT_METHODS[verb]), ...others];
  const carried = { query, consumes: ANY_TYPE, produces: ANY_TYPE, codes: [200], response } as const;
  return methods.map((method) => ({ action: 'connect', method, identity, ...carried }));
}
