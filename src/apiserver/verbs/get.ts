// Reads one object, or a subresource that is a view of it.

import { notFound } from '../../api/status-error.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { revisionOf } from '../chain/request-options.ts';
import type { Registry } from '../registry/registry.ts';
import { keyOf } from '../registry/resource.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import { freshness } from './freshness.ts';
import { readMadeUp } from './made-up-objects.ts';

export async function getObject(registry: Registry, call: Call): Promise<Answer> {
  const version = await readVersion(registry, call);
  return { type: 'version', status: 200, resource: call.resource, version };
}

/** The newest version of the object that a call names, at least as new as the call asks for. Throws `NotFound`. */
export async function readVersion(registry: Registry, call: Call): Promise<ObjectVersion> {
  const { resource, info, request } = call;
  const { storage, name } = resource;
  if (!storage) return readMadeUp(registry, call);
  await freshness(registry, revisionOf(request.query.get('resourceVersion') ?? ''));
  const version = storage.get(keyOf(storage.kind, info));
  if (!version) throw notFound(name, info.name);
  return version;
}
