// Finds out which verb a request to a resource is, and lets it carry it out.

import { deprecationWarning } from '../../api/kind.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import type { Registry } from '../registry/registry.ts';
import { act, review } from './act.ts';
import type { ConnectSubresource } from './connect.ts';
import { create } from './create.ts';
import { deleteCollection, deleteOne } from './delete.ts';
import { getObject } from './get.ts';
import { listObjects } from './list.ts';
import { patch } from './patch.ts';
import { getScale, patchScale, updateScale } from './scale.ts';
import { update } from './update.ts';
import { watchObjects } from './watch.ts';

type Verb = (registry: Registry, call: Call) => Promise<Answer>;

const VERBS: Readonly<Record<string, Verb>> = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create,
  update,
  patch,
  delete: deleteOne,
  deletecollection: deleteCollection,
};

/** What is done to one object. */
const NAMED_VERBS: ReadonlySet<string> = new Set(['get', 'update', 'patch', 'delete']);

/** Throws StatusError: `NotFound` for what is not served, `MethodNotAllowed`. Rejects with what the verbs say. */
export function serve(registry: Registry, call: Call): Promise<Answer> {
  refuseMisplaced(call);
  const { kind } = call.resource;
  const warning = deprecationWarning(kind);
  if (warning !== undefined) call.warn(warning);
  if (call.info.subresource !== '') return serveSubresource(registry, call);
  const { info } = call;
  const verb = VERBS[info.verb];
  if (!verb || !(kind.verbs as readonly string[]).includes(info.verb)) throw methodNotAllowed();
  if (info.verb === 'watch' && call.request.method !== 'GET') throw methodNotAllowed();
  if (info.verb === 'create' ? info.name !== '' : NAMED_VERBS.has(info.verb) && info.name === '')
    throw methodNotAllowed();
  if (kind.virtual) return info.verb === 'create' ? review(registry, call) : verb(registry, call);
  return verb(registry, call);
}

function serveSubresource(registry: Registry, call: Call): Promise<Answer> {
  const { info, resource } = call;
  const subresource = resource.kind.subresources[info.subresource];
  if (!subresource || info.suffix !== '') throw notServed();
  switch (subresource.type) {
    case 'status':
    case 'view': {
      const verbs = subresource.type === 'view' ? subresource.verbs : (['get', 'patch', 'update'] as const);
      const verb = VERBS[info.verb];
      if (!verb || !(verbs as readonly string[]).includes(info.verb)) throw methodNotAllowed();
      return verb(registry, call);
    }
    case 'action':
      if (info.verb !== 'create') throw methodNotAllowed();
      return act(registry, call, subresource);
    case 'scale':
      if (info.verb === 'get') return getScale(registry, call, subresource);
      if (info.verb === 'update') return updateScale(registry, call, subresource);
      if (info.verb === 'patch') return patchScale(registry, call, subresource);
      throw methodNotAllowed();
    case 'connect':
      throw notServed(); // These were served before: see connectionOf.
    default:
      return subresource satisfies never;
  }
}

/** The subresource of a call that wants a connection, if it is one. Throws StatusError `MethodNotAllowed`. */
export function connectionOf({ info, resource }: Pick<Call, 'info' | 'resource'>): ConnectSubresource | undefined {
  const subresource = resource.kind.subresources[info.subresource];
  if (subresource?.type !== 'connect') return undefined;
  if (info.namespace === '' && resource.kind.namespaced) throw notServed();
  if (info.suffix !== '' && !subresource.pathSuffix) throw notServed();
  const isServed = subresource.pathSuffix || (subresource.verbs as readonly string[]).includes(info.verb);
  if (!isServed) throw methodNotAllowed();
  return subresource;
}

/** The namespace is in the path of what is in one, and only there; lists over all namespaces excepted. */
function refuseMisplaced({ info, resource }: Call): void {
  const { kind } = resource;
  const inNamespace = info.namespace !== '' && kind.plural !== 'namespaces';
  if (!kind.namespaced && inNamespace) throw notServed();
  const collection = info.verb === 'list' || info.verb === 'watch';
  if (kind.namespaced && !inNamespace && !collection) throw info.verb === 'create' ? methodNotAllowed() : notServed();
}

/** What upstream answers for a path that nothing is served under. */
export function notServed(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource', { details: {} });
}

export function methodNotAllowed(): StatusError {
  return new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {
    details: {},
  });
}
