import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request as requestHttps } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type ApiOverTls, apiOverTls, requestOverHttp2 } from '../../../test/support/api-over-tls.ts';
import { ADMIN } from '../../../test/support/api-requests.ts';
import { until } from '../../../test/support/until.ts';
import { createAuthority } from '../../cluster/certificate-authority.ts';
import type { Credentials } from '../authentication/authenticator.ts';

const CONFIG_MAPS = '/api/v1/namespaces/a/configmaps';
const POD = '/api/v1/namespaces/a/pods/p';

let tls: ApiOverTls;
let lastCredentials: Credentials | undefined;

before(async () => {
  tls = await apiOverTls({
    parts: () => ({
      authenticator: {
        async authenticate(credentials) {
          lastCredentials = credentials;
          return ADMIN;
        },
      },
      connectors: {
        'pods/log': async ({ options }) => ({
          status: 200,
          headers: {},
          body: { type: 'stream', contentType: 'text/plain', chunks: lines(Number(options['tailLines'] ?? 2)) },
        }),
        'pods/exec': async ({ options }) => ({
          takeOver(exchange) {
            if (exchange.type !== 'upgrade') throw new TypeError('no upgrade');
            const { socket } = exchange;
            socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
            socket.write(JSON.stringify(options));
            socket.pipe(socket);
          },
        }),
        'pods/proxy': async ({ suffix, request }) => ({
          takeOver(exchange) {
            if (exchange.type !== 'request') throw new TypeError('an upgrade');
            const to = exchange.respond(207, { 'x-path': suffix, connection: 'close', 'set-cookie': ['a=1', 'b=2'] });
            to.write(`${request.method} `);
            exchange.body.pipe(to);
          },
        }),
      },
    }),
  });
  const body = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  assert.equal((await tls.api.send('POST /api/v1/namespaces/a/pods', { body })).status, 201);
});
after(() => tls[Symbol.asyncDispose]());

async function* lines(count: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield Buffer.from(`line ${i}\n`);
}

interface Http1Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

function overHttp1(
  method: string,
  path: string,
  { body, agent, headers = {} }: { body?: string | Uint8Array; agent?: Agent; headers?: Record<string, string> } = {},
): Promise<Http1Answer> {
  return new Promise((resolve, reject) => {
    const request = requestHttps({
      host: '127.0.0.1',
      port: tls.port,
      ca: tls.authority.certificate,
      method,
      path,
      ...(agent ? { agent } : {}),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    });
    request.on('response', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() });
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('one port', () => {
  test('speaks HTTP/2 without headers that it does not have', async () => {
    const session = tls.connect();
    try {
      const created = await requestOverHttp2(
        session,
        { ':method': 'POST', ':path': CONFIG_MAPS, 'content-type': 'application/json' },
        JSON.stringify({ metadata: { name: 'two' }, data: { big: 'x'.repeat(300_000) } }),
      );
      assert.equal(created.status, 201);
      const read = await requestOverHttp2(session, { ':path': `${CONFIG_MAPS}/two` });
      assert.equal(read.text, created.text);
      assert.equal(read.headers['content-length'], String(read.text.length));
      assert.equal(read.headers.connection, undefined);
      assert.equal(session.remoteSettings.maxConcurrentStreams, 1000);
      const head = await requestOverHttp2(session, { ':method': 'HEAD', ':path': `${CONFIG_MAPS}/two` });
      assert.equal(head.status, 200);
      assert.equal(head.text, '');
      assert.equal(head.headers['content-length'], read.headers['content-length']);
      assert.equal((await requestOverHttp2(session, { ':method': 'BREW', ':path': '/' })).status, 405);
      const many = await Promise.all(
        Array.from({ length: 200 }, () => requestOverHttp2(session, { ':path': `${CONFIG_MAPS}/two` })),
      );
      assert.ok(many.every(({ status, text }) => status === 200 && text === read.text));
    } finally {
      session.close();
    }
  });

  test('speaks HTTP/1.1, many requests on a connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const created = await overHttp1('POST', CONFIG_MAPS, { agent, body: '{"metadata":{"name":"one"}}' });
      assert.equal(created.status, 201);
      for (let i = 0; i < 5; i++)
        assert.equal((await overHttp1('GET', `${CONFIG_MAPS}/one`, { agent })).text, created.text);
      const head = await overHttp1('HEAD', `${CONFIG_MAPS}/one`, { agent });
      assert.equal(head.headers['content-length'], String(created.text.length));
      assert.equal((await overHttp1('OPTIONS', `${CONFIG_MAPS}/one`, { agent })).status, 405);
      assert.equal((await overHttp1('GET', '/api/v1/%zz/x', { agent })).status, 400);
    } finally {
      agent.destroy();
    }
  });

  for (const protocol of ['HTTP/2', 'HTTP/1.1']) {
    test(`refuses a body above 3 MiB over ${protocol}, whether it says so or not`, async () => {
      const body = Buffer.alloc(3 * 1024 * 1024 + 1, 0x20);
      for (const headers of [{ 'content-length': String(body.length) }, {}] as Record<string, string>[]) {
        let answer: { readonly status: number; readonly text: string };
        if (protocol === 'HTTP/2') {
          const session = tls.connect();
          const all = { ':method': 'POST', ':path': CONFIG_MAPS, 'content-type': 'application/json', ...headers };
          answer = await requestOverHttp2(session, all, body);
          session.close();
        } else {
          answer = await overHttp1('POST', CONFIG_MAPS, { body, headers });
        }
        assert.equal(answer.status, 413);
        assert.equal(JSON.parse(answer.text).message, 'Request entity too large: limit is 3145728');
      }
      const largest = `{"metadata":{"name":"l"}}${' '.repeat(3 * 1024 * 1024 - 25)}`;
      const session = tls.connect();
      const headers = { ':method': 'POST', ':path': `${CONFIG_MAPS}?dryRun=All`, 'content-type': 'application/json' };
      assert.equal((await requestOverHttp2(session, headers, largest)).status, 201);
      session.close();
    });
  }

  test('knows clients by certificates that its authority vouches for, and no others', async () => {
    const certificateSeen = async (client?: ReturnType<ApiOverTls['clientCertificate']>) => {
      const session = tls.connect(client);
      assert.equal((await requestOverHttp2(session, { ':path': '/version', authorization: 'Bearer t' })).status, 200);
      session.close();
      assert.equal(lastCredentials?.authorization, 'Bearer t');
      return lastCredentials?.certificate;
    };
    assert.equal(await certificateSeen(), undefined);
    assert.ok((await certificateSeen(tls.clientCertificate('alice')))!.length > 100);
    const stranger = createAuthority('stranger', { nowMs: Date.now(), lifetimeMs: 60_000 });
    assert.equal(await certificateSeen(tls.clientCertificate('eve', stranger)), undefined);
  });

  test('takes a new certificate without closing connections', async () => {
    const session = tls.connect();
    await once(session, 'connect');
    const before = (session.socket as TLSSocket).getPeerCertificate().fingerprint256;
    tls.renewCertificate();
    const fresh = tls.connect();
    await once(fresh, 'connect');
    assert.notEqual((fresh.socket as TLSSocket).getPeerCertificate().fingerprint256, before);
    assert.equal((await requestOverHttp2(session, { ':path': '/version' })).status, 200);
    session.close();
    fresh.close();
  });
});

describe('watch over the wire', () => {
  const watchers = () => {
    const counts = [...metrics.matchAll(/^apiserver_longrunning_requests\{verb="WATCH",.*\} (\d+)$/gm)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  };
  let metrics = '';
  const settled = async (count: number) =>
    until(async () => {
      metrics = String((await tls.api.send('GET /metrics')).body);
      return watchers() === count;
    });

  test('answers at once, sends events as they happen, and ends with its client', async () => {
    const session = tls.connect();
    const stream = session.request({ ':path': `${CONFIG_MAPS}?watch=1&resourceVersion=1000000` });
    const [headers] = await once(stream, 'response');
    assert.equal(headers[':status'], 200);
    assert.equal(headers['content-type'], 'application/json');
    stream.close();
    const live = session.request({ ':path': `${CONFIG_MAPS}?watch=1&fieldSelector=metadata.name%3Dlive` });
    await once(live, 'response');
    await settled(1);
    await tls.api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'live' } } });
    const [chunk] = await once(live, 'data');
    assert.equal(JSON.parse(String(chunk)).object.metadata.name, 'live');
    session.destroy();
    await settled(0);
  });

  test('works over HTTP/1.1, too', async () => {
    const request = requestHttps({
      host: '127.0.0.1',
      port: tls.port,
      ca: tls.authority.certificate,
      path: `${CONFIG_MAPS}?watch=1&fieldSelector=metadata.name%3Dlive`,
    });
    request.on('error', () => {});
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const [chunk] = await once(response, 'data');
    assert.equal(JSON.parse(String(chunk)).type, 'ADDED');
    request.destroy();
    await settled(0);
  });

  test('of a thousand streams tells all of them', async () => {
    const sessions = Array.from({ length: 10 }, () => tls.connect());
    const streams = sessions.flatMap((session) =>
      Array.from({ length: 100 }, () =>
        session.request({ ':path': `${CONFIG_MAPS}?watch=1&resourceVersion=0&labelSelector=fan` }),
      ),
    );
    await Promise.all(streams.map((stream) => once(stream, 'response')));
    const lines = streams.map(async (stream) => {
      let line = '';
      for await (const chunk of stream) {
        line += chunk;
        if (line.endsWith('\n')) break;
      }
      return line;
    });
    await tls.api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'fan', labels: { fan: 'out' } } } });
    const told = await Promise.all(lines);
    assert.equal(JSON.parse(told[0]!).object.metadata.name, 'fan');
    assert.equal(new Set(told).size, 1);
    for (const session of sessions) session.destroy();
    await settled(0);
  });
});

describe('connect subresources', () => {
  test('a connector answers like any other verb', async () => {
    const session = tls.connect();
    const log = await requestOverHttp2(session, { ':path': `${POD}/log?tailLines=3` });
    assert.equal(log.headers['content-type'], 'text/plain');
    assert.equal(log.text, 'line 0\nline 1\nline 2\n');
    assert.equal((await requestOverHttp2(session, { ':path': `${POD}/log?tailLines=x` })).status, 400);
    assert.equal((await requestOverHttp2(session, { ':path': `${POD}/attach` })).status, 503);
    assert.equal((await requestOverHttp2(session, { ':path': '/api/v1/namespaces/a/pods/none/log' })).status, 404);
    assert.equal((await requestOverHttp2(session, { ':path': `${POD}/log/x` })).status, 404);
    session.close();
  });

  test('a connector takes an upgraded connection over', async () => {
    const socket = connectTls({
      host: '127.0.0.1',
      port: tls.port,
      ca: tls.authority.certificate,
      ALPNProtocols: ['http/1.1'],
    });
    await once(socket, 'secureConnect');
    socket.write(
      `GET ${POD}/exec?command=ls&command=-l&stdin=true HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly`,
    );
    let seen = '';
    socket.on('data', (chunk) => {
      seen += chunk;
    });
    await until(() => seen.includes('}'));
    assert.match(seen, /^HTTP\/1\.1 101 /);
    assert.match(seen, /"stdin":true,.*"command":\["ls","-l"\]/);
    socket.write('ping');
    await until(() => seen.endsWith('ping'));
    socket.destroy();
  });

  test('an upgrade that is refused is answered and closed', async () => {
    const socket = connectTls({
      host: '127.0.0.1',
      port: tls.port,
      ca: tls.authority.certificate,
      ALPNProtocols: ['http/1.1'],
    });
    await once(socket, 'secureConnect');
    socket.write(
      `GET /api/v1/namespaces/a/pods/none/exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`,
    );
    let seen = '';
    socket.on('data', (chunk) => {
      seen += chunk;
    });
    await once(socket, 'end');
    assert.match(seen, /^HTTP\/1\.1 404 /);
    assert.match(seen, /"reason":"NotFound"/);
  });

  test('a connector takes a request over, body and answer, in both protocols', async () => {
    const body = 'x'.repeat(4 * 1024 * 1024); // More than the API itself would read.
    const over1 = await overHttp1('POST', `${POD}/proxy/a%2Fb/c?d=e`, { body });
    assert.equal(over1.status, 207);
    assert.equal(over1.headers['x-path'], 'a%2Fb/c');
    assert.deepEqual(over1.headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(over1.text, `POST ${body}`);
    const session = tls.connect();
    const over2 = await requestOverHttp2(session, { ':method': 'PUT', ':path': `${POD}/proxy/` }, body);
    assert.equal(over2.status, 207);
    assert.equal(over2.headers.connection, undefined);
    assert.equal(over2.text, `PUT ${body}`);
    session.close();
  });
});

describe('bad peers', () => {
  const alive = async () => {
    const session = tls.connect();
    assert.equal((await requestOverHttp2(session, { ':path': '/version' })).status, 200);
    session.close();
  };

  test('noise instead of TLS, HTTP/1.1 or HTTP/2 frames stops nobody', async () => {
    const noise = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256));
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
    const frames: [protocol: string, bytes: Buffer | string][] = [
      ['http/1.1', noise],
      ['http/1.1', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n'],
      ['http/1.1', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
      ['http/1.1', `POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`],
      ['h2', noise],
      ['h2', Buffer.concat([Buffer.from(preface), noise])],
      [
        'h2',
        Buffer.concat([
          Buffer.from(preface),
          Buffer.from('000000040000000000', 'hex'),
          Buffer.from('ffffff010500000001', 'hex'),
          noise,
        ]),
      ],
      [
        'h2',
        Buffer.concat([
          Buffer.from(preface),
          Buffer.from('000000040000000000', 'hex'),
          Buffer.from('000004080000000000ffffffff', 'hex'),
        ]),
      ],
      [
        'h2',
        Buffer.concat([
          Buffer.from(preface),
          Buffer.from('000000040000000000', 'hex'),
          Buffer.from('000001010500000001ff', 'hex'),
        ]),
      ],
    ];
    for (const [protocol, bytes] of frames) {
      const socket = connectTls({
        host: '127.0.0.1',
        port: tls.port,
        ca: tls.authority.certificate,
        ALPNProtocols: [protocol],
      });
      socket.on('error', () => {});
      await once(socket, 'secureConnect');
      socket.on('data', () => {});
      socket.write(bytes);
      socket.end();
      await once(socket, 'close');
    }
    const { connect } = await import('node:net');
    const plain = connect(tls.port, '127.0.0.1');
    plain.on('error', () => {});
    plain.end('GET / HTTP/1.1\r\n\r\n');
    plain.resume();
    await once(plain, 'close');
    await alive();
  });

  test('clients that go in the middle of a body or an answer stop nobody', async () => {
    for (let i = 0; i < 20; i++) {
      const session = tls.connect();
      const stream = session.request({ ':method': 'POST', ':path': CONFIG_MAPS, 'content-type': 'application/json' });
      stream.on('error', () => {});
      stream.write('{"metadata":');
      await new Promise((resolve) => setImmediate(resolve));
      if (i % 2) stream.close();
      session.destroy();
    }
    await alive();
  });
});

describe('closing', () => {
  test('finishes writes, ends watches, and takes no more', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using closing = await apiOverTls({
      parts: () => ({
        admission: [{ name: 'Held', mutate: ({ kind }) => (kind.kind === 'Secret' ? held : undefined) }],
      }),
    });
    const session = closing.connect();
    const write = requestOverHttp2(
      session,
      { ':method': 'POST', ':path': '/api/v1/namespaces/a/secrets', 'content-type': 'application/json' },
      '{"metadata":{"name":"s"}}',
    );
    const watch = session.request({ ':path': `${CONFIG_MAPS}?watch=1` });
    await once(watch, 'response');
    watch.resume();
    const ended = once(watch, 'close');
    const closed = closing.close();
    await ended;
    assert.equal(watch.rstCode, 0);
    release();
    assert.equal((await write).status, 201);
    await closed;
    const late = closing.connect();
    await assert.rejects(requestOverHttp2(late, { ':path': '/version' }));
  });
});
