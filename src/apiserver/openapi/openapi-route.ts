// /openapi/v2, /openapi/v3 and the documents below it. Upstream: kube-openapi's pkg/handler and pkg/handler3.

import type { ApiResponse } from '../../client/transport.ts';
import type { ServedGroups } from '../discovery/served-groups.ts';
import { clausesOf, notAcceptable } from '../negotiation/accept.ts';
import { matchesEtag } from '../negotiation/etag.ts';
import type { Route, RouteRequest } from '../routes/route.ts';
import { addressOf, type OpenApiDependencies, type OpenApiDocument, openApiDocuments } from './openapi-documents.ts';

type Version = 'v2' | 'v3';
type Form = 'json' | 'protobuf';

const V3_FOLDER = '/openapi/v3/';
const JSON_TYPE = 'application/json';
const YEAR_MS = 365 * 24 * 3_600_000;

/** The `@` in the older name is something that no media type has. */
const protobufTypes = (version: Version) => [
  `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`,
  `application/com.github.proto-openapi.spec.${version}@v1.0+protobuf`,
];

/** `version`: the release that is documented, `v1.36.0`. */
export function openApiRoute(deps: OpenApiDependencies, served: ServedGroups, version: string): Route {
  const documents = openApiDocuments(deps, served, version);
  return ({ info, request }) => {
    const path = info.path.replace(/\/$/, '');
    if (path === '/openapi/v2') return documentResponse(request, 'v2', documents().v2, {});
    if (path === '/openapi/v3') return indexResponse(request, documents().index());
    if (!path.startsWith(V3_FOLDER)) return undefined;
    const name = path.slice(V3_FOLDER.length);
    const document = documents().v3.get(name);
    return document && addressedResponse(deps, request, name, document);
  };
}

type Head = RouteRequest['request'];

async function indexResponse(request: Head, index: Promise<{ bytes: Uint8Array; hash: string }>): Promise<ApiResponse> {
  const { bytes, hash } = await index;
  return unlessKnown(request, { etag: `"${hash}"` }, JSON_TYPE, async () => bytes);
}

/** What is asked for by its hash never changes. Who knows an older hash is shown to what there is now. */
async function addressedResponse(
  { clock }: OpenApiDependencies,
  request: Head,
  name: string,
  document: OpenApiDocument,
): Promise<ApiResponse> {
  const asked = request.query.get('hash');
  if (!asked) return documentResponse(request, 'v3', document, {});
  const hash = await document.hash();
  if (asked !== hash) return { status: 301, headers: { location: addressOf(name, hash) }, body: { type: 'none' } };
  const expires = new Date(clock.now() + YEAR_MS).toUTCString();
  return documentResponse(request, 'v3', document, { 'cache-control': 'public, immutable', expires });
}

async function documentResponse(
  request: Head,
  version: Version,
  document: OpenApiDocument,
  headers: Readonly<Record<string, string>>,
): Promise<ApiResponse> {
  const form = wantedForm(request.headers['accept'], version);
  const contentType = form === 'json' ? JSON_TYPE : (protobufTypes(version)[0] ?? '');
  const tagged = { ...headers, etag: `"${await document.hash()}"`, vary: 'Accept' };
  return unlessKnown(request, tagged, contentType, () => document[form]());
}

async function unlessKnown(
  request: Head,
  headers: Readonly<Record<string, string>> & { readonly etag: string },
  contentType: string,
  bytes: () => Promise<Uint8Array>,
): Promise<ApiResponse> {
  if (matchesEtag(request.headers['if-none-match'], headers.etag)) {
    return { status: 304, headers, body: { type: 'none' } };
  }
  return { status: 200, headers, body: { type: 'bytes', contentType, bytes: await bytes() } };
}

/** The first of the client's wishes that there is. Throws StatusError `NotAcceptable`. */
function wantedForm(accept: string | undefined, version: Version): Form {
  for (const { mediaType } of clausesOf(accept || '*/*')) {
    if (mediaType === JSON_TYPE || mediaType === '*/*' || mediaType === 'application/*') return 'json';
    if (protobufTypes(version).includes(mediaType)) return 'protobuf';
  }
  throw notAcceptable([JSON_TYPE, ...protobufTypes(version)]);
}
