import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type ApiOverTls, apiOverTls, requestOverHttp2 } from '../../../test/support/api-over-tls.ts';
import { until } from '../../../test/support/until.ts';
import { silentLogger } from '../../base/log.ts';
import { createAuthority, issueCertificate } from '../../cluster/certificate-authority.ts';
import { throughProxy } from './html-links.ts';
import { proxyTo } from './reverse-proxy.ts';

const POD = '/api/v1/namespaces/a/pods/p/proxy';
const PAGE = '<a href="/x">x</a><a href="rel">r</a><img src=/i.png><!-- <a href="/no"> --><script>"/s"</script>';
const REWRITTEN = PAGE.replace('"/x"', `"${POD}/x"`).replace('<img src=/i.png>', `<img src="${POD}/i.png">`);

let tls: ApiOverTls;
let backend: Server;
let tlsBackend: ReturnType<typeof createTlsServer>;
let port = '';
let lastHeaders: IncomingMessage['headers'] = {};

/** Where the proxy subresource of the only pod leads: to the backends of this test, by the port in the name. */
before(async () => {
  backend = createServer(serve).listen(0, '127.0.0.1');
  backend.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  await once(backend, 'listening');
  const terms = { nowMs: Date.now(), lifetimeMs: 3_600_000 };
  const { certificate, key } = issueCertificate(
    createAuthority('somebody', terms),
    { commonName: 'backend', usages: ['server'] },
    terms,
  );
  tlsBackend = createTlsServer({ cert: certificate, key }, serve).listen(0, '127.0.0.1');
  await once(tlsBackend, 'listening');
  port = String((backend.address() as AddressInfo).port);
  const tlsPort = String((tlsBackend.address() as AddressInfo).port);
  tls = await apiOverTls({
    parts: () => ({
      connectors: {
        'pods/proxy': async (request) => {
          const { scheme, port: named } = request.target;
          const to = named === 'nobody' ? '1' : scheme === 'https' ? tlsPort : port;
          return proxyTo({ log: silentLogger }, { scheme: scheme || 'http', host: '127.0.0.1', port: to }, request);
        },
      },
    }),
  });
  const body = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  assert.equal((await tls.api.send('POST /api/v1/namespaces/a/pods', { body })).status, 201);
});
after(async () => {
  backend.close();
  tlsBackend.close();
  await tls[Symbol.asyncDispose]();
});

function serve(request: IncomingMessage, response: ServerResponse): void {
  lastHeaders = request.headers;
  const [path] = (request.url ?? '').split('?');
  switch (path) {
    case '/page':
      return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
    case '/zipped':
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
      return void response.end(gzipSync(PAGE));
    case '/moved':
      return void response.writeHead(302, { location: '/there?x=1' }).end();
    case '/broken':
      response.writeHead(200, { 'content-length': '100' });
      response.write('some', () => response.destroy());
      return;
    default:
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      response.setHeader('access-control-allow-origin', '*');
      response.writeHead(207, { 'content-type': 'text/plain' });
      response.write(`${request.method} ${request.url} `);
      request.pipe(response);
  }
}

async function ask(path: string, { method = 'GET', headers = {}, body = undefined as string | undefined } = {}) {
  const session = tls.connect();
  try {
    return await requestOverHttp2(session, { ':method': method, ':path': path, ...headers }, body);
  } finally {
    session.close();
  }
}

describe('proxyTo', () => {
  for (const method of ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT'])
    test(`passes on ${method}, the path and query as they came, and the body`, async () => {
      const answer = await ask(`${POD}/a%2Fb/c/?q=%20&e`, { method, body: 'x'.repeat(100_000) });
      assert.equal(answer.status, 207);
      assert.equal(answer.text, `${method} /a%2Fb/c/?q=%20&e ${'x'.repeat(100_000)}`);
      assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    });

  test('passes on headers, but not who the client is', async () => {
    const headers = { authorization: 'Bearer secret', 'x-own': 'yes', te: 'trailers' };
    assert.equal((await ask(`${POD}/`, { headers })).text, 'GET / ');
    assert.equal(lastHeaders['x-own'], 'yes');
    assert.equal(lastHeaders['authorization'], undefined);
    assert.equal(lastHeaders['te'], undefined);
    assert.equal(lastHeaders['host'], `127.0.0.1:${port}`);
    assert.equal(lastHeaders['x-forwarded-uri'], `${POD}/`);
  });

  test('sends a client without a slash at the end to one with it', async () => {
    const answer = await ask(`${POD}?a=b`);
    assert.equal(answer.status, 301);
    assert.equal(answer.headers.location, `${POD}/?a=b`);
    assert.equal((await ask(POD, { method: 'POST', body: '' })).text, 'POST / ');
  });

  test('rewrites the links of pages, zipped ones too, and redirects', async () => {
    assert.equal((await ask(`${POD}/page`)).text, REWRITTEN);
    assert.equal((await ask(`${POD}/moved`)).headers.location, `${POD}/there?x=1`);
    const session = tls.connect();
    const stream = session.request({ ':path': `${POD}/zipped` });
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part);
    session.close();
    assert.equal(gunzipSync(Buffer.concat(parts)).toString(), REWRITTEN);
  });

  test('trusts a pod whatever certificate it shows', async () => {
    assert.equal((await ask('/api/v1/namespaces/a/pods/https:p:1/proxy/x')).text, 'GET /x ');
  });

  test('tells of a backend that is not there, and of names that are none', async () => {
    const { status, text } = await ask('/api/v1/namespaces/a/pods/p:nobody/proxy/x');
    assert.equal(status, 503);
    assert.match(JSON.parse(text).message, /^error trying to reach service: connect ECONNREFUSED/);
    assert.equal((await ask('/api/v1/namespaces/a/pods/none:80/proxy/x')).status, 404);
    const wrong = await ask('/api/v1/namespaces/a/pods/ftp:p:21/proxy/x');
    assert.equal(wrong.status, 400);
    assert.equal(JSON.parse(wrong.text).message, 'invalid pod request "ftp:p:21"');
  });

  test('an answer that breaks off breaks off for the client', async () => {
    await assert.rejects(ask(`${POD}/broken`));
  });

  test('passes an upgraded connection on', async () => {
    const ca = tls.authority.certificate;
    const socket = connectTls({ host: '127.0.0.1', port: tls.port, ca, ALPNProtocols: ['http/1.1'] });
    await once(socket, 'secureConnect');
    socket.write(`GET ${POD}/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`);
    let seen = '';
    socket.on('data', (chunk) => {
      seen += chunk;
    });
    await until(() => seen.endsWith('\r\n\r\n'));
    assert.match(seen, /^HTTP\/1\.1 101 /);
    socket.write('ping');
    await until(() => seen.endsWith('ping'));
    socket.destroy();
  });
});

describe('throughProxy', () => {
  const context = { prefix: '/proxy', hosts: ['10.0.0.1:80', 'api:6443'] };
  const cases: readonly (readonly [string, string])[] = [
    ['/a?b#c', '/proxy/a?b#c'],
    ['/', '/proxy/'],
    ['a/b', 'a/b'],
    ['#top', '#top'],
    ['mailto:me@example.com', 'mailto:me@example.com'],
    ['http://10.0.0.1:80/a', '/proxy/a'],
    ['//10.0.0.1:80', '/proxy/'],
    ['https://api:6443/proxy/a', '/proxy/a'],
    ['https://example.com/a', 'https://example.com/a'],
    ['/proxy/a', '/proxy/a'],
    ['/proxyish', '/proxy/proxyish'],
  ];
  for (const [link, expected] of cases) test(link, () => assert.equal(throughProxy(link, context), expected));
});
