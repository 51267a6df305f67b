// /api and /apis with what is below them up to a group and version.

import { APIGroupDiscoveryList } from '../../api/apidiscovery/api-group-discovery.ts';
import { encodeJson } from '../../api/json-encode.ts';
import { APIGroup, APIGroupList, APIResourceList, APIVersions } from '../../api/meta/discovery.ts';
import { encodeProtobuf } from '../../api/protobuf-codec.ts';
import type { Struct } from '../../api/schema.ts';
import { onceDone, remembered } from '../../base/remembered.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { Format } from '../negotiation/accept.ts';
import { matchesEtag } from '../negotiation/etag.ts';
import { wantsPretty } from '../negotiation/pretty.ts';
import { toYaml } from '../negotiation/yaml-renderer.ts';
import { bytesResponse, type Route, type RouteRequest } from '../routes/route.ts';
import { aggregatedGroups } from './aggregated-groups.ts';
import { apiResourceList } from './api-resources.ts';
import { fingerprint } from './digest.ts';
import { groupVersionOf, type ServedGroup, type ServedGroups, type ServedVersion } from './served-groups.ts';
import { AGGREGATED_GROUP, AGGREGATED_KIND, type AggregatedVersion, wantedDiscovery } from './wanted-discovery.ts';

interface Discovered {
  readonly schema: Struct;
  object(): object | Promise<object>;
}

interface Aggregated {
  readonly items: readonly object[];
  readonly etag: string;
}

interface Documents {
  readonly byPath: ReadonlyMap<string, Discovered>;
  /** By `/api` and `/apis`. */
  readonly aggregated: ReadonlyMap<string, () => Promise<Aggregated>>;
}

/** `serverAddress`: `10.0.0.1:6443`, for clients that ask where else to go. */
export function discoveryRoute(served: ServedGroups, options: { readonly serverAddress: string }): Route {
  const resourcesOf = remembered((version: ServedVersion) => onceDone(() => apiResourceList(version)));
  const documentsOf = remembered((groups: readonly ServedGroup[]): Documents => {
    const byPath = new Map<string, Discovered>(rootDocuments(groups, options.serverAddress));
    for (const group of groups) {
      for (const version of group.versions) {
        byPath.set(versionPath(version), { schema: APIResourceList, object: resourcesOf(version) });
      }
      if (group.name === '') continue;
      const object = { kind: 'APIGroup', apiVersion: 'v1', ...groupObject(group) };
      byPath.set(`/apis/${group.name}`, { schema: APIGroup, object: () => object });
    }
    const isCore = ({ name }: ServedGroup) => name === '';
    const core = groups.filter(isCore);
    const others = groups.filter((group) => !isCore(group));
    const aggregated = new Map([
      ['/api', onceDone(() => aggregate(core))],
      ['/apis', onceDone(() => aggregate(others))],
    ]);
    return { byPath, aggregated };
  });
  return (request) => {
    const path = request.info.path.length > 1 ? request.info.path.replace(/\/$/, '') : request.info.path;
    const { byPath, aggregated } = documentsOf(served());
    const document = byPath.get(path);
    return document && discoveryResponse(request, document, aggregated.get(path));
  };
}

/** Everything that discovery answers, for the list of paths at `/`. */
export function discoveryPaths(groups: readonly ServedGroup[]): readonly string[] {
  return ['/api', '/apis', '/apis/'].concat(
    groups.flatMap((group) => (group.name === '' ? [] : [`/apis/${group.name}`])),
    groups.flatMap(({ versions }) => versions.map(versionPath)),
  );
}

function versionPath(version: ServedVersion): string {
  return `${version.group === '' ? '/api' : '/apis'}/${groupVersionOf(version)}`;
}

function rootDocuments(groups: readonly ServedGroup[], serverAddress: string): readonly [string, Discovered][] {
  const versions = groups.find(({ name }) => name === '')?.versions.map(({ version }) => version) ?? [];
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
  const list = groups.filter(({ name }) => name !== '').map(groupObject);
  const core = { kind: 'APIVersions', versions, serverAddressByClientCIDRs };
  const others = { kind: 'APIGroupList', apiVersion: 'v1', groups: list };
  return [
    ['/api', { schema: APIVersions, object: () => core }],
    ['/apis', { schema: APIGroupList, object: () => others }],
  ];
}

function groupObject({ name, versions }: ServedGroup) {
  const described = versions.map((version) => ({ groupVersion: groupVersionOf(version), version: version.version }));
  return { name, versions: described, preferredVersion: described[0] };
}

async function aggregate(groups: readonly ServedGroup[]): Promise<Aggregated> {
  const items = aggregatedGroups(groups);
  return { items, etag: `"${await fingerprint(encodeJson(items))}"` };
}

async function discoveryResponse(
  request: RouteRequest,
  { schema, object }: Discovered,
  aggregated: (() => Promise<Aggregated>) | undefined,
): Promise<ApiResponse> {
  const wanted = wantedDiscovery(request.request.headers['accept'], { aggregated: aggregated !== undefined });
  const { format } = wanted;
  if (aggregated && wanted.aggregated) {
    return aggregatedResponse(request, await aggregated(), { format, version: wanted.aggregated });
  }
  const value = (await object()) as { readonly kind: string };
  const bytes = encodeAs(request, format, { group: '', version: 'v1', kind: value.kind, schema }, value);
  return bytesResponse(200, bytes, CONTENT_TYPES[format]);
}

/** Clients keep it, and ask whether it is still the same. */
function aggregatedResponse(
  request: RouteRequest,
  { items, etag }: Aggregated,
  { format, version }: { readonly format: Format; readonly version: AggregatedVersion },
): ApiResponse {
  const headers = { etag, vary: 'Accept', 'cache-control': 'public' };
  if (matchesEtag(request.request.headers['if-none-match'], etag)) {
    return { status: 304, headers, body: { type: 'none' } };
  }
  const type = { group: AGGREGATED_GROUP, version, kind: AGGREGATED_KIND, schema: APIGroupDiscoveryList };
  const list = { kind: AGGREGATED_KIND, apiVersion: `${AGGREGATED_GROUP}/${version}`, metadata: {}, items };
  const contentType = `${CONTENT_TYPES[format]};g=${AGGREGATED_GROUP};v=${version};as=${AGGREGATED_KIND}`;
  return { status: 200, headers, body: { type: 'bytes', contentType, bytes: encodeAs(request, format, type, list) } };
}

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};

type ObjectType = Parameters<typeof encodeProtobuf>[0];

function encodeAs({ request }: RouteRequest, format: Format, type: ObjectType, value: object): Uint8Array {
  switch (format) {
    case 'protobuf':
      return encodeProtobuf(type, value);
    case 'yaml':
      return toYaml(encodeJson(value));
    case 'json':
      if (!wantsPretty(request)) return encodeJson(value);
      return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
    default:
      return format satisfies never;
  }
}
