// Applies manifests of any kinds, which the server tells of: server-side apply, one object after the other.

import { parseAllDocuments } from 'yaml';
import type { AnyObject } from '../api/kind.ts';
import { settled } from '../base/under-way.ts';
import { type Client, pathOf } from '../client/client.ts';

/** An object as it stands in a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** YAML (several documents, Lists) or objects. */
export type Manifests = string | Manifest | readonly Manifest[];

export interface ApplyOptions {
  /** Of objects that name none. Absent: `default`. */
  readonly namespace?: string;
  /** Who is to own the fields. Absent: `test`. */
  readonly fieldManager?: string;
}

interface DiscoveredResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/**
 * Resolves with the objects as they are stored, in order. What others own of them is taken over. Throws StatusError for an
 * object that is refused or whose group is not served, TypeError for one whose kind is not; what came before it stays.
 */
export async function applyManifests(
  { client }: { readonly client: Client },
  manifests: Manifests,
  { namespace = 'default', fieldManager = 'test' }: ApplyOptions,
): Promise<readonly AnyObject[]> {
  const applied: AnyObject[] = [];
  for (const manifest of objectsOf(manifests)) {
    // What the objects before it have set off may be what serves it: the definition of its kind, its namespace.
    await settled();
    const { name, namespace: own = namespace } = manifest.metadata;
    const resource = await discover(client, manifest);
    const path = pathOf(resource, { name, namespace: own });
    const query = new URLSearchParams({ fieldManager, force: 'true' });
    const options = { body: manifest, contentType: 'application/apply-patch+yaml' };
    applied.push((await client.request('PATCH', `${path}?${query}`, options)) as AnyObject);
  }
  return applied;
}

/** Throws an Error for text that is no YAML, and TypeError for what is no object. */
function objectsOf(manifests: Manifests): readonly Manifest[] {
  if (typeof manifests !== 'string') return [manifests].flat().flatMap(itemsOf);
  return parseAllDocuments(manifests).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw error;
    const content: unknown = document.toJS();
    return content === null ? [] : itemsOf(content as Manifest);
  });
}

function itemsOf(manifest: Manifest & { readonly items?: readonly Manifest[] }): readonly Manifest[] {
  if (manifest.kind === 'List' && manifest.items) return manifest.items.flatMap(itemsOf);
  const { apiVersion, kind, metadata } = manifest;
  if (!apiVersion || !kind || !metadata?.name) throw new TypeError('a manifest has an apiVersion, a kind and a name');
  return [manifest];
}

async function discover(client: Client, { apiVersion, kind }: Manifest) {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const { resources } = (await client.request('GET', path)) as { readonly resources: readonly DiscoveredResource[] };
  const found = resources.find((each) => each.kind === kind && !each.name.includes('/'));
  if (!found) throw new TypeError(`the cluster serves no ${kind} in ${apiVersion}`);
  return { group, version, plural: found.name, namespaced: found.namespaced };
}
