import assert from 'node:assert/strict';
import {
  createSecureServer,
  type Http2SecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { Pod } from '../api/core/pod.ts';
import { isStatusError } from '../api/status-error.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { createClient } from './create-client.ts';
import { createHttpsTransport, type HttpsTransportOptions } from './https-transport.ts';

// The other end is a bare HTTP/2 server whose answers each test gives by hand: what is tested is the wire.
interface Peer extends AsyncDisposable {
  readonly url: string;
  readonly sessions: ServerHttp2Session[];
  readonly requests: { readonly path: string; readonly headers: Record<string, unknown>; body: string }[];
  answer: (stream: ServerHttp2Stream, path: string, headers: Record<string, unknown>) => void;
}

// For 127.0.0.1, signed by itself, good for 100 years and for nothing else.
const identity = {
  certificate: `-----BEGIN CERTIFICATE-----
MIIBhzCCASygAwIBAgIUC2GyFF1pvEkITU1RU4Knt2q4psEwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjEwNDI3MjlaGA8yMTI2MTAyODA0Mjcy
OVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOzC
RlQ1y5OuiOG5QMOGM8IqggX3PgPChdpaPieXtx2Rsf/pQr5Oj+dGTKIFzbxXonwc
jXASeg+zczMJmXi9pCajZDBiMB0GA1UdDgQWBBSPdR6WaG4XGduWBzXQnAqNy+lJ
VzAfBgNVHSMEGDAWgBSPdR6WaG4XGduWBzXQnAqNy+lJVzAPBgNVHRMBAf8EBTAD
AQH/MA8GA1UdEQQIMAaHBH8AAAEwCgYIKoZIzj0EAwIDSQAwRgIhAOgYOFK32VBw
2bWR8vUxvnZwjbMP16t1xZ0E2sGRjuVRAiEA9oFSUSCF+VBNnpAYXyOCZrH1RSpf
Rr/7tQS8FYgyqes=
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHhXoD+sXvn31ktm8
N0KVgLyd1ienaybTq/NEKsVJD++hRANCAATswkZUNcuTrojhuUDDhjPCKoIF9z4D
woXaWj4nl7cdkbH/6UK+To/nRkyiBc28V6J8HI1wEnoPs3MzCZl4vaQm
-----END PRIVATE KEY-----
`,
};

const servers: Http2SecureServer[] = [];
after(() => {
  for (const server of servers) server.close();
});

async function listen(settings: { maxConcurrentStreams?: number } = {}, port = 0): Promise<Peer> {
  const server = createSecureServer({ cert: identity.certificate, key: identity.key, settings });
  servers.push(server);
  const sessions: ServerHttp2Session[] = [];
  const peer: Peer = {
    url: '',
    sessions,
    requests: [],
    answer: (stream) => stream.respond({ ':status': 404 }, { endStream: true }),
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('stream', async (stream, headers) => {
    stream.on('error', () => {});
    const path = String(headers[':path']);
    const request = { path, headers, body: '' };
    peer.requests.push(request);
    stream.on('data', (chunk) => {
      request.body += chunk;
    });
    stream.on('end', () => peer.answer(stream, path, headers));
    stream.resume();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return Object.assign(peer, { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function json(stream: ServerHttp2Stream, value: unknown, status = 200, extra: Record<string, string> = {}): void {
  const body = JSON.stringify(value);
  stream.respond({
    ':status': status,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...extra,
  });
  stream.end(body);
}

function open(peer: Peer, options: Partial<HttpsTransportOptions> = {}) {
  const deps = { clock: systemClock, random: systemRandom, log: silentLogger };
  return createClient(
    createHttpsTransport(deps, { server: peer.url, certificateAuthority: identity.certificate, ...options }),
    { userAgent: 'test/1' },
  );
}

const pod = (name: string, resourceVersion = '1') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name, resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { containers: [] },
  status: {},
});

test('createHttpsTransport sends a patch with its type and reads the object', async () => {
  await using peer = await listen();
  await using client = open(peer, { token: 'secret' });
  peer.answer = (stream) => json(stream, pod('a'));
  const patched = await client.patch(
    Pod,
    { name: 'a b', namespace: 'default' },
    { type: 'strategic', body: { metadata: { labels: { x: 'y' } } } },
    { fieldManager: 'me', subresource: 'status' },
  );
  assert.equal(patched.metadata.name, 'a');
  const [request] = peer.requests;
  assert.equal(request?.path, '/api/v1/namespaces/default/pods/a%20b/status?fieldManager=me');
  assert.equal(request?.headers['content-type'], 'application/strategic-merge-patch+json');
  assert.equal(request?.headers['authorization'], 'Bearer secret');
  assert.equal(request?.headers['user-agent'], 'test/1');
  assert.equal(request?.body, '{"metadata":{"labels":{"x":"y"}}}');
});

test('createHttpsTransport reads a failure into a StatusError', async () => {
  await using peer = await listen();
  await using client = open(peer);
  peer.answer = (stream) =>
    json(
      stream,
      { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', message: 'gone', code: 404 },
      404,
    );
  await assert.rejects(client.get(Pod, { name: 'a', namespace: 'default' }), (error) =>
    isStatusError(error, 'NotFound'),
  );
  peer.answer = (stream) => {
    stream.respond({ ':status': 429, 'retry-after': '7', 'content-type': 'text/plain' });
    stream.end('too many');
  };
  await assert.rejects(client.get(Pod, { name: 'a', namespace: 'default' }), (error) => {
    assert.ok(isStatusError(error, 'TooManyRequests'));
    assert.equal(error.details?.retryAfterSeconds, 7);
    assert.equal(error.message, 'too many');
    return true;
  });
});

test('createHttpsTransport gives the items of a list their kind where the server leaves it out', async () => {
  await using peer = await listen();
  await using client = open(peer);
  const { apiVersion: _version, kind: _kind, ...bare } = pod('a');
  peer.answer = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.end(
      JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '9' }, items: [bare] }),
    );
  };
  const list = await client.list(Pod, { namespace: 'default', labelSelector: 'a=b' });
  assert.equal(list.metadata.resourceVersion, '9');
  assert.equal(list.items[0]?.kind, 'Pod');
  assert.equal(peer.requests[0]?.path, '/api/v1/namespaces/default/pods?labelSelector=a%3Db');
});

test('createHttpsTransport decodes a watch as it comes, events split anywhere', async () => {
  await using peer = await listen();
  await using client = open(peer);
  let pushing: ServerHttp2Stream | undefined;
  peer.answer = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    pushing = stream;
  };
  const lines = ['α', 'b', 'c'].map(
    (name, i) => `${JSON.stringify({ type: 'ADDED', object: pod(name, `${i + 1}`) })}\n`,
  );
  const bytes = Buffer.from(lines.join(''));
  const seen: string[] = [];
  const closed = Promise.withResolvers<void>();
  const feeding = (async () => {
    while (!pushing) await new Promise((resolve) => setImmediate(resolve));
    pushing.once('close', () => closed.resolve());
    for (let at = 0; at < bytes.length; at += 37) {
      pushing.write(bytes.subarray(at, at + 37));
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for await (const batch of client.watch(Pod, { resourceVersion: '0', allowBookmarks: true })) {
    for (const event of batch) seen.push(event.object.metadata.name);
    if (seen.length === 3) break;
  }
  await feeding;
  assert.deepEqual(seen, ['α', 'b', 'c']);
  await closed.promise; // Leaving the loop has ended the stream at the server.
  assert.equal(peer.requests[0]?.path, '/api/v1/pods?watch=true&resourceVersion=0&allowWatchBookmarks=true');
});

test('createHttpsTransport ends a watch with the error that the server sends in it', async () => {
  await using peer = await listen();
  await using client = open(peer);
  peer.answer = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    const status = { kind: 'Status', status: 'Failure', reason: 'Expired', message: 'too old', code: 410 };
    stream.end(
      `${JSON.stringify({ type: 'ADDED', object: pod('a') })}\n${JSON.stringify({ type: 'ERROR', object: status })}\n`,
    );
  };
  const seen: string[] = [];
  await assert.rejects(
    async () => {
      for await (const batch of client.watch(Pod)) seen.push(...batch.map((event) => event.object.metadata.name));
    },
    (error) => isStatusError(error, 'Expired'),
  );
  assert.deepEqual(seen, ['a']);
});

test('createHttpsTransport asks for another token when the server refuses one, once', async () => {
  await using peer = await listen();
  const refused: string[] = [];
  await using client = open(peer, {
    token: { token: async () => `token-${refused.length}`, refused: (token) => void refused.push(token) },
  });
  peer.answer = (stream, _path, headers) =>
    headers['authorization'] === 'Bearer token-1' ? json(stream, pod('a')) : json(stream, {}, 401);
  assert.equal((await client.get(Pod, { name: 'a', namespace: 'default' })).metadata.name, 'a');
  assert.deepEqual(refused, ['token-0']);
  peer.answer = (stream) => json(stream, {}, 401);
  await assert.rejects(client.get(Pod, { name: 'a', namespace: 'default' }), (error) =>
    isStatusError(error, 'Unauthorized'),
  );
});

test('createHttpsTransport connects again after its connection broke', async () => {
  await using peer = await listen();
  await using client = open(peer);
  peer.answer = (stream) => json(stream, pod('a'));
  const ref = { name: 'a', namespace: 'default' };
  await client.get(Pod, ref);
  peer.answer = () => peer.sessions[0]?.destroy();
  await assert.rejects(client.get(Pod, ref));
  peer.answer = (stream) => json(stream, pod('a'));
  await client.get(Pod, ref);
  assert.equal(peer.sessions.length, 2);
});

test('createHttpsTransport queues what is above the limit of streams of its connections', async () => {
  await using peer = await listen({ maxConcurrentStreams: 2 });
  await using client = open(peer, { maxConnections: 2 });
  let underWay = 0;
  let most = 0;
  peer.answer = (stream) => {
    most = Math.max(most, ++underWay);
    setImmediate(() => {
      underWay--;
      json(stream, pod('a'));
    });
  };
  await client.get(Pod, { name: 'first', namespace: 'default' }); // The limit is known from here.
  await Promise.all(Array.from({ length: 40 }, (_, i) => client.get(Pod, { name: `p${i}`, namespace: 'default' })));
  assert.equal(peer.requests.length, 41);
  assert.ok(most <= 4, `${most} at once`);
  assert.ok(peer.sessions.length <= 2);
});

test('createHttpsTransport reads answers that have ended before anybody looks', async () => {
  await using peer = await listen();
  await using client = open(peer);
  peer.answer = (stream) => json(stream, pod('a'));
  const annotations = { long: 'x'.repeat(2000) };
  const writer = async (name: string) => {
    for (let i = 0; i < 50; i++) {
      await client.create(Pod, { metadata: { name: `${name}-${i}`, namespace: 'default', annotations } });
    }
  };
  await Promise.all(Array.from({ length: 32 }, (_, i) => writer(`pod-${i}`)));
  assert.equal(peer.requests.length, 32 * 50);
});

test('createHttpsTransport fails at once where nobody listens, and when the caller gives up', async () => {
  const peer = await listen();
  await using client = open(peer);
  peer.answer = () => {};
  const giveUp = new AbortController();
  const waiting = client.get(Pod, { name: 'a', namespace: 'default' }, { signal: giveUp.signal });
  while (peer.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  giveUp.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await peer[Symbol.asyncDispose]();
  await assert.rejects(client.get(Pod, { name: 'a', namespace: 'default' }), { code: 'ECONNREFUSED' });
});

test('createHttpsTransport gives up a connection whose other end no longer answers pings', async () => {
  await using peer = await listen();
  const pipes: Socket[] = [];
  const wire = createServer((near) => {
    const far = connectTcp(Number(new URL(peer.url).port), '127.0.0.1');
    pipes.push(near, far);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  const client = open(
    { ...peer, url: `https://127.0.0.1:${(wire.address() as AddressInfo).port}` },
    { keepAliveMs: 50 },
  );
  peer.answer = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.write(`${JSON.stringify({ type: 'ADDED', object: pod('a') })}\n`);
  };
  await assert.rejects(async () => {
    for await (const _ of client.watch(Pod)) for (const pipe of pipes) pipe.unpipe().pause();
  });
  await client[Symbol.asyncDispose]();
  for (const pipe of pipes) pipe.destroy();
  wire.close();
});
