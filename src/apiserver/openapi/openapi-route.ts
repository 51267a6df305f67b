// /openapi/v2, /openapi/v3 and the documents below it.

import { encodeJson } from '../../api/json-encode.ts';
import type { Kind } from '../../api/kind.ts';
import type { ApiResponse } from '../../client/transport.ts';
import { groupsOf } from '../discovery/api-resources.ts';
import { fingerprint } from '../discovery/digest.ts';
import { clausesOf, notAcceptable } from '../negotiation/accept.ts';
import type { Route, RouteRequest } from '../routes/route.ts';
import { openApiV2, openApiV3 } from './documents.ts';

interface Document {
  readonly bytes: Uint8Array;
  readonly hash: string;
}

const JSON_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/*', '*/*']);

/** `version`: `v1.36.0`. */
export function openApiRoute(kinds: readonly Kind[], version: string): Route {
  const v2 = once(async () => documentOf(await openApiV2(kinds, version)));
  const v3 = new Map<string, () => Promise<Document>>();
  for (const [group, versions] of groupsOf(kinds)) {
    for (const [groupVersion, ofVersion] of versions) {
      const name = group === '' ? `api/${groupVersion}` : `apis/${group}/${groupVersion}`;
      v3.set(
        name,
        once(async () => documentOf(await openApiV3(ofVersion, version))),
      );
    }
  }
  const root = once(async () => documentOf(encodeJson({ paths: await rootPaths(v3) })));
  return (request) => {
    const path = request.info.path.replace(/\/$/, '');
    if (path === '/openapi/v2') return respond(request, v2);
    if (path === '/openapi/v3') return respond(request, root);
    const document = path.startsWith('/openapi/v3/') ? v3.get(path.slice('/openapi/v3/'.length)) : undefined;
    return document && respond(request, document);
  };
}

/** Where each document is; the hash in its address lets clients keep it for as long as it is the same. */
async function rootPaths(documents: ReadonlyMap<string, () => Promise<Document>>): Promise<object> {
  const paths: Record<string, { serverRelativeURL: string }> = {};
  for (const [name, document] of documents) {
    paths[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${(await document()).hash}` };
  }
  return paths;
}

async function respond({ request }: RouteRequest, document: () => Promise<Document>): Promise<ApiResponse> {
  refuseOtherTypes(request.headers['accept'] ?? '');
  const { bytes, hash } = await document();
  const etag = `"${hash}"`;
  const isNamed = request.query.get('hash') === hash;
  const headers = {
    etag,
    vary: 'Accept',
    ...(isNamed ? { 'cache-control': 'public, immutable' } : {}),
  };
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: { type: 'none' } };
  return { status: 200, headers, body: { type: 'bytes', contentType: 'application/json', bytes } };
}

/** Only JSON is spoken here; clients that would like protobuf better fall back to it. */
function refuseOtherTypes(accept: string): void {
  if (accept === '' || clausesOf(accept).some(({ mediaType }) => JSON_TYPES.has(mediaType))) return;
  throw notAcceptable(['application/json']);
}

async function documentOf(bytes: Uint8Array): Promise<Document> {
  return { bytes, hash: await fingerprint(bytes) };
}

/** Remembers the first result. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
