// Thousands of requests that nobody would think of, the same ones at every run: over all kinds and verbs, with bodies that
// are nearly right, quite wrong or no text at all. The server has an answer for each, and what it stores can be read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '../../src/api/catalog.ts';
import type { Kind } from '../../src/api/kind.ts';
import { encodeProtobuf } from '../../src/api/protobuf-codec.ts';
import { readInput } from '../../src/api/read-input.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { pathOf } from '../../src/client/client.ts';
import { mutated, pick, plausibleObject, scrambled, type Value } from '../support/fuzz.ts';
import { type Http2Requests, http2Requests, type WireAnswer, type WireRequest } from '../support/http2-requests.ts';
import { type ServedCluster, servedCluster } from '../support/served-cluster.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 36);
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 8000);
const AT_ONCE = 16;
const NAMESPACE = 'fuzz';
const NAMES = ['one', 'two', 'three', 'four'];
/** These would decide about all requests that follow. */
const DRY_GROUPS: ReadonlySet<string> = new Set(['admissionregistration.k8s.io', 'flowcontrol.apiserver.k8s.io']);
const COMMON_FORMS = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;g=meta.k8s.io;v=v1',
];
const LIST_FORMS = [...COMMON_FORMS, 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'];
const OBJECT_FORMS = [...COMMON_FORMS, 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'];
const ODD_TEXTS = [
  '',
  '0',
  '-1',
  '1',
  '999999999999999999999',
  'x',
  'a=b',
  'a in (b,c),!d',
  'a in (',
  '=',
  ',,,',
  'metadata.name=one',
  'spec.nodeName!=x',
  '%00',
  '%e2%98%83',
  '..',
  'true',
  'All',
  'Exact',
  'NotOlderThan',
  'Foreground',
  'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0',
  'a'.repeat(3000),
];
const PARAMETERS = [
  'limit',
  'continue',
  'labelSelector',
  'fieldSelector',
  'resourceVersion',
  'resourceVersionMatch',
  'timeoutSeconds',
  'allowWatchBookmarks',
  'sendInitialEvents',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'gracePeriodSeconds',
  'propagationPolicy',
  'orphanDependents',
  'pretty',
  'includeObject',
  'nonsense',
];
const PATCH_TYPES = [
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/json-patch+json',
  'application/apply-patch+yaml',
  'application/nonsense',
];

test('every request has an answer, and everything stored can be read, written and deleted', async (t) => {
  await using cluster = await servedCluster({ simulatedNodes: 2 });
  await cluster.inNamespace(NAMESPACE);
  const { ca, superAdmin } = cluster.certificates;
  await using requests = await http2Requests(cluster.url, { ca: ca.certificate, client: superAdmin });
  const random = seededRandom(SEED);
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  let left = REQUESTS;
  const worker = async () => {
    while (left-- > 0) {
      const request = oddRequest(random);
      const answer = await requests.send(request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const fault = faultOf(request, answer);
      if (fault !== undefined) faults.push(fault);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  t.diagnostic(
    `seed ${SEED}: ${[...statuses]
      .sort()
      .map(([status, count]) => `${count} x ${status}`)
      .join(', ')}`,
  );
  assert.deepEqual(faults, []);
  assert.ok((statuses.get(201) ?? 0) > REQUESTS / 100, 'some objects were stored');
  for (const kind of KINDS) await checkStored(requests, kind);
  assert.deepEqual(cluster.errors.map(describeError), []);
});

function describeError({ message, fields }: ServedCluster['errors'][number]): string {
  return `${message} ${fields['method'] ?? ''} ${fields['path'] ?? ''} ${String((fields['error'] as Error)?.stack ?? fields['error'])}`;
}

function oddRequest(random: Random): WireRequest {
  const kind = pick(random, KINDS);
  const object = plausibleObject(random, kind, pick(random, NAMES), NAMESPACE);
  const name = pick(random, NAMES);
  const namespace = random.next() < 0.95 ? NAMESPACE : pick(random, ['default', 'nowhere', 'Bad_Name']);
  const collection = pathOf(kind, { namespace });
  const item = pathOf(kind, { namespace, name });
  const how = random.next();
  if (how < 0.4) return { method: 'POST', path: withQuery(random, kind, collection), ...bodyOf(random, kind, object) };
  if (how < 0.5)
    return {
      method: 'PUT',
      path: withQuery(random, kind, item),
      ...bodyOf(random, kind, { ...object, metadata: { name, namespace } }),
    };
  if (how < 0.65)
    return { method: 'PATCH', path: withQuery(random, kind, item, ['fieldManager=fuzz']), ...patchOf(random, object) };
  if (how < 0.75) return onSubresource(random, kind, item, object);
  if (how < 0.79) return { method: 'DELETE', path: withQuery(random, kind, item), ...deleteOptions(random) };
  if (how < 0.8) return { method: 'DELETE', path: `${collection}?labelSelector=fuzz%3Dyes`, ...deleteOptions(random) };
  // The first of two timeouts counts, so that every watch ends.
  if (how < 0.81) return { method: 'GET', path: withQuery(random, kind, collection, ['watch=1', 'timeoutSeconds=1']) };
  if (how < 0.97)
    return {
      method: 'GET',
      path: withQuery(random, kind, random.next() < 0.7 ? collection : item),
      headers: { accept: pick(random, random.next() < 0.5 ? LIST_FORMS : OBJECT_FORMS) },
    };
  return {
    method: pick(random, ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']),
    path: oddPath(random, item),
  };
}

function withQuery(random: Random, kind: Kind, path: string, first: readonly string[] = []): string {
  const parts = [...first, ...(DRY_GROUPS.has(kind.group) ? ['dryRun=All'] : [])];
  const count = random.next() < 0.5 ? 0 : Math.ceil(random.next() * 3);
  for (let i = 0; i < count; i++) {
    const text = pick(random, ODD_TEXTS);
    const value = text.startsWith('%') ? text : encodeURIComponent(text);
    parts.push(`${pick(random, PARAMETERS)}=${value}`);
  }
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}

type Sent = Pick<WireRequest, 'headers' | 'body'>;

function bodyOf(random: Random, kind: Kind, object: { [key: string]: Value }): Sent {
  const how = random.next();
  const value = how < 0.4 ? object : mutated(random, object);
  if (how < 0.75) return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
  if (how < 0.85)
    return { headers: { 'content-type': 'application/yaml' }, body: scrambled(random, Buffer.from(yamlOf(value))) };
  if (how < 0.9)
    return {
      headers: { 'content-type': 'application/json' },
      body: scrambled(random, Buffer.from(JSON.stringify(object))),
    };
  return { headers: { 'content-type': 'application/vnd.kubernetes.protobuf' }, body: protobufOf(random, kind, object) };
}

/** Flow style, which is what JSON is; block style for the outermost part. */
function yamlOf(value: Value): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${JSON.stringify(inner)}\n`)
    .join('');
}

function protobufOf(random: Random, kind: Kind, object: { [key: string]: Value }): Uint8Array {
  const bytes = encodeProtobuf(kind, readInput(kind, object as never) as object);
  return random.next() < 0.5 ? bytes : scrambled(random, bytes);
}

function patchOf(random: Random, object: { [key: string]: Value }): Sent {
  const type = pick(random, PATCH_TYPES);
  const paths = [
    '/metadata/labels/a',
    '/spec',
    '/spec/containers/0/image',
    '/metadata/name',
    '',
    '/~2',
    '/status/-',
    'x',
  ];
  const operations = (): Value => [
    {
      op: pick(random, ['add', 'remove', 'replace', 'move', 'copy', 'test', 'x']),
      path: pick(random, paths),
      from: pick(random, paths),
      value: pick(random, [1, null, 'x', {}]),
    },
  ];
  const body = type === 'application/json-patch+json' ? operations() : object;
  return {
    headers: { 'content-type': type },
    body: JSON.stringify(random.next() < 0.3 ? body : mutated(random, body)),
  };
}

function deleteOptions(random: Random): Sent {
  if (random.next() < 0.3) return {};
  const options = {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    gracePeriodSeconds: 1,
    propagationPolicy: 'Background',
    preconditions: { uid: 'x' },
  };
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(mutated(random, options)) };
}

function onSubresource(random: Random, kind: Kind, item: string, object: { [key: string]: Value }): WireRequest {
  const names = Object.entries(kind.subresources).filter(([, { type }]) => type !== 'connect');
  const [name] = pick(random, names) ?? ['nonsense'];
  const path = `${item}/${name}`;
  if (random.next() < 0.2) return { method: 'GET', path };
  if (random.next() < 0.5) return { method: 'PATCH', path: `${path}?fieldManager=fuzz`, ...patchOf(random, object) };
  const body = JSON.stringify(
    mutated(random, {
      ...object,
      status: { replicas: 1, phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    }),
  );
  return { method: pick(random, ['PUT', 'POST']), path, headers: { 'content-type': 'application/json' }, body };
}

function oddPath(random: Random, path: string): string {
  const at = 1 + Math.floor(random.next() * path.length); // HTTP/2 takes no path that does not begin with a slash.
  const odd = pick(random, ['%', '%2f', '%00', '//', '/..', '%ff', ';', '/%2e%2e', '?', '%E0%A4%A', '/a/b/c/d']);
  return path.slice(0, at) + odd + path.slice(at);
}

/** Nothing is the server's fault, and what it refuses it refuses with a Status. */
function faultOf(request: WireRequest, { status, headers, bytes }: WireAnswer): string | undefined {
  const { method, path, headers: sent = {}, body = '' } = request;
  const said = bytes.toString();
  const what = `${method} ${path} ${JSON.stringify(sent)} ${String(body).slice(0, 2000)}: ${status} ${said.slice(0, 2000)}`;
  const tooNew = status === 504 && path.includes('resourceVersion');
  // What is applied and not of its type, or to what is not, is answered so, as upstream answers it.
  if (status === 500 && /failed to create typed (patch|live) object/.test(said)) return undefined;
  if (status >= 500 && !tooNew) return what;
  if (status < 400 || method === 'HEAD' || headers['content-type'] !== 'application/json') return undefined;
  const answer = JSON.parse(said);
  const isFailure = answer.kind === 'Status' && answer.apiVersion === 'v1' && answer.status === 'Failure';
  return isFailure && answer.code === status && answer.message && answer.reason ? undefined : what;
}

/** In every form, alone and in lists; and as it is read it can be written back. */
async function checkStored(requests: Http2Requests, kind: Kind): Promise<void> {
  if (kind.virtual) return;
  const collection = kind.namespaced ? pathOf(kind, { namespace: NAMESPACE }) : pathOf(kind, {});
  for (const accept of LIST_FORMS) {
    const { status, bytes } = await requests.send({ method: 'GET', path: collection, headers: { accept } });
    assert.equal(status, 200, `${collection} as ${accept}: ${bytes}`);
  }
  const listed = await requests.send({ method: 'GET', path: `${collection}?labelSelector=fuzz%3Dyes` });
  for (const { metadata } of JSON.parse(listed.bytes.toString()).items) {
    const path = pathOf(kind, metadata);
    for (const accept of OBJECT_FORMS) {
      const { status, bytes } = await requests.send({ method: 'GET', path, headers: { accept } });
      assert.ok(status === 200 || status === 404, `${path} as ${accept}: ${bytes}`);
    }
    const read = await requests.send({ method: 'GET', path });
    if (read.status === 404 || !kind.verbs.includes('update')) continue;
    const headers = { 'content-type': 'application/json' };
    const written = await requests.send({ method: 'PUT', path, headers, body: read.bytes });
    assert.ok([200, 404, 409].includes(written.status), `${path} as it was read: ${written.bytes}\n${read.bytes}`);
    const removed = await requests.send({ method: 'DELETE', path });
    assert.ok([200, 202, 404].includes(removed.status), `${path} is not deleted: ${removed.bytes}`);
  }
}
