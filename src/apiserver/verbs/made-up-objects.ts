// Objects of virtual kinds, which their source makes up when they are asked for: as versions that are in no store, so that
// what follows (selectors, tables, encodings) is as for all others.

import { encodeJson } from '../../api/json-encode.ts';
import { parseLabelSelector } from '../../api/label-selector.ts';
import { notFound } from '../../api/status-error.ts';
import type { Call } from '../chain/call.ts';
import type { ListRequestOptions } from '../chain/request-options.ts';
import type { MadeUpObject, Wanted } from '../registry/handlers.ts';
import type { Registry } from '../registry/registry.ts';
import { keyOf, type Resource } from '../registry/resource.ts';
import { ObjectShelf, ObjectVersion } from '../watch/object-version.ts';
import { selects } from '../watch/selection.ts';
import { selectionOf } from './request-selection.ts';

/** Throws StatusError `NotFound`. */
export async function readMadeUp(registry: Registry, call: Call): Promise<ObjectVersion> {
  const { name, namespace } = call.info;
  const [version] = await make(registry, call, { namespace, name, labels: undefined });
  if (!version) throw notFound(call.resource.name, name);
  return version;
}

/** Throws StatusError `BadRequest` for selectors that make no sense for the kind. */
export async function listMadeUp(
  registry: Registry,
  call: Call,
  options: Pick<ListRequestOptions, 'labelSelector' | 'fieldSelector'>,
): Promise<ObjectVersion[]> {
  const selection = selectionOf(call, options);
  const { namespace, key } = selection;
  const labels = options.labelSelector === '' ? undefined : parseLabelSelector(options.labelSelector);
  const name = key?.slice(key.indexOf('/') + 1);
  const versions = await make(registry, call, { namespace, name, labels });
  return versions.filter((version) => selects(selection, version));
}

/** In the order of their keys. */
async function make(registry: Registry, { resource, lifetime }: Call, wanted: Wanted): Promise<ObjectVersion[]> {
  const { group, resource: plural } = resource.name;
  const source = registry.sources[group === '' ? plural : `${plural}.${group}`];
  if (!source) return [];
  const objects = await source(wanted, { signal: lifetime.signal });
  // They are kept for as long as the request lasts and no longer.
  const shelf = new ObjectShelf({ limitBytes: 0 });
  return objects
    .map((object) => versionOf(resource, shelf, object))
    .filter(({ key }) => wanted.name === undefined || key.slice(key.indexOf('/') + 1) === wanted.name)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function versionOf({ kind }: Resource, shelf: ObjectShelf, object: MadeUpObject): ObjectVersion {
  const { name, namespace } = object.metadata;
  return new ObjectVersion(
    { shelf },
    { key: keyOf(kind, { name, namespace }), revision: 0, stored: encodeJson(object) },
  );
}
