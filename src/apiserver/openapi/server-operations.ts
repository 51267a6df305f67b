// The requests outside of resources that OpenAPI tells of: discovery, the version, and what verifies tokens.

import { APIGroup, APIGroupList, APIResourceList, APIVersions } from '../../api/meta/discovery.ts';
import { VersionInfo } from '../../api/meta/version-info.ts';
import type { Struct } from '../../api/schema.ts';
import { capitalized, groupWord, type Operation } from './operations.ts';
import { BODY_TYPES, type Payload } from './requests.ts';

const JSON_TYPES = ['application/json'];

/** What a group version has: `api/v1`, `apis/apps/v1`. */
export function resourcesOperation({
  group,
  version,
}: {
  readonly group: string;
  readonly version: string;
}): Operation {
  const word = groupWord(group);
  const path = group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`;
  const id = `get${capitalized(word)}${capitalized(version)}APIResources`;
  return discovery({ path, id, tag: `${word}_${version}` }, APIResourceList);
}

/** What versions a group has; the core group has no such document but that of `/api/`. */
export function groupOperation(group: string): Operation {
  const word = groupWord(group);
  return discovery({ path: `/apis/${group}/`, id: `get${capitalized(word)}APIGroup`, tag: word }, APIGroup);
}

/** The documents that are always there, by their names in the index. */
export const SERVER_OPERATIONS: Readonly<Record<string, Operation>> = {
  '.well-known/openid-configuration': plain(
    { path: '/.well-known/openid-configuration/', id: 'getServiceAccountIssuerOpenIDConfiguration', tag: 'WellKnown' },
    { type: 'text' },
    { consumes: [], produces: JSON_TYPES },
  ),
  api: discovery({ path: '/api/', id: 'getCoreAPIVersions', tag: 'core' }, APIVersions),
  apis: discovery({ path: '/apis/', id: 'getAPIVersions', tag: 'apis' }, APIGroupList),
  'openid/v1/jwks': plain(
    { path: '/openid/v1/jwks/', id: 'getServiceAccountIssuerOpenIDKeyset', tag: 'openid' },
    { type: 'text' },
    { consumes: [], produces: ['application/jwk-set+json'] },
  ),
  version: plain(
    { path: '/version/', id: 'getCodeVersion', tag: 'version' },
    { type: 'struct', struct: VersionInfo },
    { consumes: JSON_TYPES, produces: JSON_TYPES },
  ),
};

function discovery(what: Pick<Operation, 'path' | 'id' | 'tag'>, struct: Struct): Operation {
  const [, kind = ''] = struct.name.split('.');
  const payload: Payload = { type: 'object', struct, identity: { group: '', version: 'v1', kind } };
  return plain(what, payload, { consumes: BODY_TYPES, produces: BODY_TYPES });
}

function plain(
  what: Pick<Operation, 'path' | 'id' | 'tag'>,
  response: Payload,
  types: Pick<Operation, 'consumes' | 'produces'>,
): Operation {
  return { ...what, ...types, method: 'get', parameters: [], codes: [200], response };
}
