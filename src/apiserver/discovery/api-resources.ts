// What resources there are, as discovery tells it: the older form (a list for each group and version) and the aggregated
// one (KEP-3352). Both are made from the declarations.

import type { Kind, Subresource } from '../../api/kind.ts';
import { sha256 } from './digest.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
const WRITE_VERBS = ['get', 'patch', 'update'];

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Groups in the order of the declarations, each with its versions, the preferred one first. */
export function groupsOf(kinds: readonly Kind[]): ReadonlyMap<string, ReadonlyMap<string, readonly Kind[]>> {
  const groups = new Map<string, Map<string, Kind[]>>();
  for (const kind of kinds) {
    const versions = groups.get(kind.group) ?? new Map<string, Kind[]>();
    groups.set(kind.group, versions);
    versions.set(kind.version, [...(versions.get(kind.version) ?? []), kind]);
  }
  return groups;
}

export async function apiResourceList(groupVersion: string, kinds: readonly Kind[]): Promise<object> {
  const resources = await Promise.all(kinds.map(apiResources));
  const byName = resources.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: byName };
}

async function apiResources(kind: Kind): Promise<readonly { readonly name: string }[]> {
  const { plural, singular, namespaced, verbs, shortNames, categories } = kind;
  const resource = {
    name: plural,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(kind.virtual ? {} : { storageVersionHash: await storageVersionHash(kind) }),
  };
  const subresources = Object.entries(kind.subresources).map(([name, subresource]) => {
    const answer = answeredKind(kind, subresource);
    const elsewhere = answer.group !== kind.group || answer.version !== kind.version;
    return {
      name: `${plural}/${name}`,
      singularName: '',
      namespaced,
      ...(elsewhere ? { group: answer.group, version: answer.version } : {}),
      kind: answer.kind,
      verbs: verbsOf(subresource),
    };
  });
  return [resource, ...subresources];
}

/** By it clients notice that objects are stored in another version. Upstream: discovery.StorageVersionHash. */
async function storageVersionHash(kind: Kind): Promise<string> {
  const { group, version, kind: name } = kind.storedAs ?? kind;
  const digest = await sha256(`${group}/${version}/${name}`);
  return btoa(String.fromCharCode(...digest.subarray(0, 8)));
}

export function aggregatedGroups(kinds: readonly Kind[], { core }: { readonly core: boolean }): object {
  const items = [...groupsOf(kinds)]
    .filter(([group]) => (group === '') === core)
    .map(([name, versions]) => ({
      metadata: name === '' ? {} : { name },
      versions: [...versions].map(([version, ofVersion]) => ({
        version,
        resources: ofVersion.map(resourceDiscovery).sort((a, b) => (a.resource < b.resource ? -1 : 1)),
        freshness: 'Current',
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function resourceDiscovery(kind: Kind) {
  const { shortNames, categories } = kind;
  const subresources = Object.entries(kind.subresources)
    .map(([name, subresource]) => ({
      subresource: name,
      responseKind: answeredKind(kind, subresource),
      verbs: verbsOf(subresource),
    }))
    .sort((a, b) => (a.subresource < b.subresource ? -1 : 1));
  return {
    resource: kind.plural,
    responseKind: groupVersionKind(kind),
    scope: kind.scope,
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

function answeredKind(kind: Kind, subresource: Subresource): GroupVersionKind {
  switch (subresource.type) {
    case 'status':
    case 'view':
      return groupVersionKind(kind);
    case 'scale':
      return SCALE;
    case 'action':
      return groupVersionKind(subresource);
    case 'connect':
      return { group: kind.group, version: kind.version, kind: subresource.kind };
    default:
      return subresource satisfies never;
  }
}

function verbsOf(subresource: Subresource): readonly string[] {
  switch (subresource.type) {
    case 'status':
    case 'scale':
      return WRITE_VERBS;
    case 'action':
      return ['create'];
    case 'view':
    case 'connect':
      return subresource.verbs;
    default:
      return subresource satisfies never;
  }
}

function groupVersionKind({ group, version, kind }: GroupVersionKind): GroupVersionKind {
  return { group, version, kind };
}
