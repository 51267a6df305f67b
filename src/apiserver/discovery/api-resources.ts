// What resources there are, as the older form of discovery tells it: a list for each group and version.

import type { Kind, Subresource } from '../../api/kind.ts';
import type { GroupVersionKind } from '../../api/meta/group-version.ts';
import { sha256 } from './digest.ts';
import { groupVersionOf, type ServedVersion } from './served-groups.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
const WRITE_VERBS = ['get', 'patch', 'update'];

export async function apiResourceList(version: ServedVersion): Promise<object> {
  const resources = await Promise.all(version.kinds.map(apiResources));
  const byName = resources.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: groupVersionOf(version), resources: byName };
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
      verbs: subresourceVerbs(subresource),
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

/** Which kind a subresource answers with. */
export function answeredKind(kind: Kind, subresource: Subresource): GroupVersionKind {
  switch (subresource.type) {
    case 'status':
    case 'view':
      return kind;
    case 'scale':
      return SCALE;
    case 'action':
      return subresource;
    case 'connect':
      return { group: kind.group, version: kind.version, kind: subresource.kind };
    default:
      return subresource satisfies never;
  }
}

export function subresourceVerbs(subresource: Subresource): readonly string[] {
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
