// Aggregated discovery (KEP-3352): all groups with their versions and resources in one document, subresources within
// their resources.

import type { Kind } from '../../api/kind.ts';
import type { GroupVersionKind } from '../../api/meta/group-version.ts';
import { remembered } from '../../base/remembered.ts';
import { answeredKind, subresourceVerbs } from './api-resources.ts';
import type { ServedGroup, ServedVersion } from './served-groups.ts';

/** Of groups that this server answers itself, what is told is always what is so. */
const FRESHNESS = 'Current';

const versionDiscovery = remembered(({ version, kinds }: ServedVersion) => ({
  version,
  resources: kinds.map(resourceDiscovery).sort((a, b) => (a.resource < b.resource ? -1 : 1)),
  freshness: FRESHNESS,
}));

export function aggregatedGroups(groups: readonly ServedGroup[]): readonly object[] {
  return groups.map(({ name, versions }) => ({
    metadata: name === '' ? {} : { name },
    versions: versions.map(versionDiscovery),
  }));
}

function resourceDiscovery(kind: Kind) {
  const { shortNames, categories } = kind;
  const subresources = Object.entries(kind.subresources)
    .map(([name, subresource]) => ({
      subresource: name,
      responseKind: responseKind(kind, answeredKind(kind, subresource)),
      verbs: subresourceVerbs(subresource),
    }))
    .sort((a, b) => (a.subresource < b.subresource ? -1 : 1));
  return {
    resource: kind.plural,
    responseKind: responseKind(kind, kind),
    scope: kind.scope,
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

/** Group and version are said where they are others than those around. */
function responseKind(around: GroupVersionKind, { group, version, kind }: GroupVersionKind): GroupVersionKind {
  const isOwn = group === around.group && version === around.version;
  return isOwn ? { group: '', version: '', kind } : { group, version, kind };
}
