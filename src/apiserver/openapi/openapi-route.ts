// /openapi/v2, /openapi/v3 and the documents below it: made when they are first asked for, and kept as bytes.

import { encodeJson } from '../../api/json-encode.ts';
import type { Kind } from '../../api/kind.ts';
import type { ApiResponse } from '../../client/transport.ts';
import { groupsOf } from '../discovery/api-resources.ts';
import { fingerprint } from '../discovery/digest.ts';
import { clausesOf, notAcceptable } from '../negotiation/accept.ts';
import type { Route, RouteRequest } from '../routes/route.ts';
import { openApiV2, openApiV3 } from './documents.ts';
import { openApiProtobuf } from './gnostic.ts';

interface Document {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly hash: string;
}

const JSON_TYPE = 'application/json';
/** Asked for under the first name by older clients, with an `@` that no media type has. Upstream: kube-openapi. */
const PROTOBUF_TYPES = [
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
] as const;

type Forms = Readonly<Record<string, () => Promise<Document>>>;

/** `version`: `v1.36.0`. */
export function openApiRoute(kinds: readonly Kind[], version: string): Route {
  const json = once(async () => documentOf(encodeJson(await openApiV2(kinds, version))));
  const protobuf = once(async () => {
    return documentOf(await openApiProtobuf(await openApiV2(kinds, version)), PROTOBUF_TYPES[1]);
  });
  const v2: Forms = { [JSON_TYPE]: json, [PROTOBUF_TYPES[0]]: protobuf, [PROTOBUF_TYPES[1]]: protobuf };
  const v3 = new Map<string, () => Promise<Document>>();
  for (const [group, versions] of groupsOf(kinds)) {
    for (const [groupVersion, ofVersion] of versions) {
      const name = group === '' ? `api/${groupVersion}` : `apis/${group}/${groupVersion}`;
      v3.set(
        name,
        once(async () => documentOf(encodeJson(await openApiV3(ofVersion, version)))),
      );
    }
  }
  const root = once(async () => documentOf(encodeJson({ paths: await rootPaths(v3) })));
  return (request) => {
    const path = request.info.path.replace(/\/$/, '');
    if (path === '/openapi/v2') return respond(request, v2);
    if (path === '/openapi/v3') return respond(request, { [JSON_TYPE]: root });
    const document = path.startsWith('/openapi/v3/') ? v3.get(path.slice('/openapi/v3/'.length)) : undefined;
    return document && respond(request, { [JSON_TYPE]: document });
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

async function respond({ request }: RouteRequest, forms: Forms): Promise<ApiResponse> {
  const { contentType, bytes, hash } = await wantedForm(forms, request.headers['accept'] ?? '')();
  const etag = `"${hash}"`;
  const isNamed = request.query.get('hash') === hash;
  const headers = {
    etag,
    vary: 'Accept',
    ...(isNamed ? { 'cache-control': 'public, immutable' } : {}),
  };
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: { type: 'none' } };
  return { status: 200, headers, body: { type: 'bytes', contentType, bytes } };
}

/** The first of the client's wishes that there is. Throws StatusError `NotAcceptable`. */
function wantedForm(forms: Forms, accept: string): () => Promise<Document> {
  const clauses = clausesOf(accept === '' ? '*/*' : accept);
  for (const { mediaType } of clauses) {
    const form = forms[mediaType === '*/*' || mediaType === 'application/*' ? JSON_TYPE : mediaType];
    if (form) return form;
  }
  throw notAcceptable(Object.keys(forms));
}

async function documentOf(bytes: Uint8Array, contentType = JSON_TYPE): Promise<Document> {
  return { contentType, bytes, hash: await fingerprint(bytes) };
}

/** Remembers the first result. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
