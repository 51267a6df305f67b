// /api and /apis with what is below them up to a group and version.

import { encodeJson } from '../../api/json-encode.ts';
import type { Kind } from '../../api/kind.ts';
import { APIGroup, APIGroupList, APIResourceList, APIVersions } from '../../api/meta/discovery.ts';
import { encodeProtobuf } from '../../api/protobuf-codec.ts';
import type { Struct } from '../../api/schema.ts';
import type { ApiResponse } from '../../client/transport.ts';
import { clausesOf, type Format, negotiate } from '../negotiation/accept.ts';
import { wantsPretty } from '../negotiation/pretty.ts';
import { bytesResponse, type Route, type RouteRequest } from '../routes/route.ts';
import { aggregatedGroups, apiResourceList, groupsOf } from './api-resources.ts';
import { fingerprint } from './digest.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

interface Discovered {
  readonly schema: Struct;
  object(): object | Promise<object>;
}

/** `serverAddress`: `10.0.0.1:6443`, for clients that ask where else to go. */
export function discoveryRoute(kinds: readonly Kind[], options: { readonly serverAddress: string }): Route {
  const documents = documentsOf(kinds, options.serverAddress);
  const aggregated = new Map<string, () => Promise<Aggregated>>([
    ['/api', once(() => aggregate(kinds, true))],
    ['/apis', once(() => aggregate(kinds, false))],
  ]);
  return (request) => {
    const path = request.info.path.length > 1 ? request.info.path.replace(/\/$/, '') : request.info.path;
    const whole = aggregated.get(path);
    if (whole && wantsAggregated(request)) return whole().then((document) => aggregatedResponse(request, document));
    const document = documents.get(path);
    return document && answer(request, document);
  };
}

/** Everything that discovery answers, for the list of paths at `/`. */
export function discoveryPaths(kinds: readonly Kind[]): readonly string[] {
  const paths = ['/api', '/api/v1', '/apis', '/apis/'];
  for (const [group, versions] of groupsOf(kinds)) {
    if (group === '') continue;
    paths.push(`/apis/${group}`, ...[...versions.keys()].map((version) => `/apis/${group}/${version}`));
  }
  return paths;
}

function documentsOf(kinds: readonly Kind[], serverAddress: string): ReadonlyMap<string, Discovered> {
  const addresses = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
  const documents = new Map<string, Discovered>();
  const groups: ReturnType<typeof groupObject>[] = [];
  for (const [group, versions] of groupsOf(kinds)) {
    for (const [version, ofVersion] of versions) {
      const groupVersion = group === '' ? version : `${group}/${version}`;
      const path = group === '' ? `/api/${version}` : `/apis/${groupVersion}`;
      documents.set(path, { schema: APIResourceList, object: once(() => apiResourceList(groupVersion, ofVersion)) });
    }
    if (group === '') continue;
    const described = groupObject(group, [...versions.keys()]);
    groups.push(described);
    documents.set(`/apis/${group}`, {
      schema: APIGroup,
      object: () => ({ kind: 'APIGroup', apiVersion: 'v1', ...described }),
    });
  }
  documents.set('/api', {
    schema: APIVersions,
    object: () => ({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: addresses }),
  });
  documents.set('/apis', {
    schema: APIGroupList,
    object: () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups }),
  });
  return documents;
}

function groupObject(name: string, versions: readonly string[]) {
  const described = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: described, preferredVersion: described[0] };
}

async function answer(request: RouteRequest, { schema, object }: Discovered): Promise<ApiResponse> {
  const { format } = negotiate(request.request.headers['accept']);
  const value = await object();
  return bytesResponse(200, encodeAs(request, format, schema, value), CONTENT_TYPES[format]);
}

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  yaml: 'application/json', // Nobody asks for discovery in YAML; JSON is YAML.
  protobuf: 'application/vnd.kubernetes.protobuf',
};

function encodeAs({ request }: RouteRequest, format: Format, schema: Struct, value: object): Uint8Array {
  if (format !== 'protobuf') {
    return wantsPretty(request) ? new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`) : encodeJson(value);
  }
  const kind = (value as { kind: string }).kind;
  return encodeProtobuf({ group: '', version: 'v1', kind, schema }, value);
}

interface Aggregated {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

async function aggregate(kinds: readonly Kind[], core: boolean): Promise<Aggregated> {
  const bytes = encodeJson(aggregatedGroups(kinds, { core }));
  return { bytes, etag: `"${await fingerprint(bytes)}"` };
}

function wantsAggregated({ request }: RouteRequest): boolean {
  return clausesOf(request.headers['accept'] ?? '').some(
    ({ mediaType, parameters }) =>
      mediaType === 'application/json' &&
      parameters['g'] === 'apidiscovery.k8s.io' &&
      parameters['v'] === 'v2' &&
      parameters['as'] === 'APIGroupDiscoveryList',
  );
}

function aggregatedResponse({ request }: RouteRequest, { bytes, etag }: Aggregated): ApiResponse {
  const headers = { etag, vary: 'Accept', 'cache-control': 'public' };
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: { type: 'none' } };
  return { status: 200, headers, body: { type: 'bytes', contentType: AGGREGATED, bytes } };
}

/** Remembers the first result. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
