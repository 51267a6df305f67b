import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { after, describe, test } from 'node:test';
import { type ContainerInput, containerOf, kubeletPod } from '../../../test/support/kubelet-objects.ts';
import type { Probe } from '../../api/core/probe.ts';
import { FakeClock, systemClock } from '../../base/clock.ts';
import { createAuthority } from '../../cluster/certificate-authority.ts';
import { decode, encode, enumeration, message } from '../../cri/message.ts';
import { portNumber } from './container-port.ts';
import { probeAction } from './probe-action.ts';
import { requestHeaders } from './request-headers.ts';

const HOST = '127.0.0.1';
const ports: ContainerInput['ports'] = [{ name: 'web', containerPort: 8080 }];
const pod = kubeletPod({ spec: { containers: [{ name: 'main', ports }] } });
const target = { pod, container: containerOf(pod, 'main'), containerId: 'main-0', podIp: HOST };
const signal = new AbortController().signal;

describe('probeAction', () => {
  const stack = new AsyncDisposableStack();
  after(() => stack.disposeAsync());

  async function listening(server: Pick<Server, 'listen' | 'address' | 'close' | 'once'>): Promise<number> {
    const ready = once(server as Server, 'listening');
    server.listen(0, HOST);
    await ready;
    stack.defer(() => void server.close());
    return (server.address() as AddressInfo).port;
  }
  const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
    listening(createServer(answer));
  const probeBy = (clock = systemClock) =>
    probeAction(
      {
        clock,
        exec: async (_id, command) => ({
          exitCode: command[0] === 'false' ? 1 : 0,
          output: `ran ${command.join(' ')}`,
          timedOut: command[0] === 'sleep',
        }),
      },
      { version: '1.36' },
    );
  const ask = async (probe: Partial<Probe>) => {
    const { verdict, output } = await probeBy()(target, probe as Probe, signal);
    return `${verdict} ${output}`;
  };

  test('exec goes by the exit code, and says what was written', async () => {
    assert.equal(await ask({ exec: { command: ['true', 'x'] } }), 'success ran true x');
    assert.equal(await ask({ exec: { command: ['false'] } }), 'failure ran false');
    assert.equal(
      await ask({ exec: { command: ['sleep', '9'] }, timeoutSeconds: 2 }),
      'failure command timed out: "sleep 9" timed out after 2s',
    );
  });

  const statuses: readonly (readonly [number, string])[] = [
    [200, 'success hello'],
    [204, 'success '],
    [304, 'success '],
    [399, 'success hello'],
    [400, 'failure HTTP probe failed with statuscode: 400'],
    [503, 'failure HTTP probe failed with statuscode: 503'],
  ];
  for (const [status, expected] of statuses) {
    test(`HTTP takes ${status} for a ${expected.split(' ')[0]}`, async () => {
      const port = await serve((_request, response) =>
        response.writeHead(status).end(status === 204 || status === 304 ? undefined : 'hello'),
      );
      assert.equal(await ask({ httpGet: { port } }), expected);
    });
  }

  test('HTTP asks for the path, with the headers of the pod and its own', async () => {
    let asked: IncomingMessage | undefined;
    const port = await serve((request, response) => {
      asked = request;
      response.end();
    });
    const httpHeaders = [
      { name: 'X-Mine', value: 'one' },
      { name: 'Host', value: 'my.host' },
    ];
    await ask({ httpGet: { port, path: '/healthz?full=1', httpHeaders } });
    assert.equal(asked?.url, '/healthz?full=1');
    assert.deepEqual(
      ['x-mine', 'host', 'user-agent', 'accept'].map((name) => asked?.headers[name]),
      ['one', 'my.host', 'kube-probe/1.36', '*/*'],
    );
    await ask({ httpGet: { port, path: 'no/slash' } });
    assert.equal(asked?.url, '/no/slash');
  });

  test('HTTP follows redirects on its host, and is content with one to another', async () => {
    const port: number = await serve((request, response) => {
      const location =
        request.url === '/'
          ? '/next'
          : request.url === '/away'
            ? 'http://example.com/'
            : request.url === '/round'
              ? '/round'
              : undefined;
      response.writeHead(location ? 302 : 500, location ? { location } : {}).end('body');
    });
    assert.equal(await ask({ httpGet: { port } }), 'failure HTTP probe failed with statuscode: 500');
    assert.equal(
      await ask({ httpGet: { port, path: '/away' } }),
      'success Probe terminated redirects, Response body: body',
    );
    assert.match(
      await ask({ httpGet: { port, path: '/round' } }),
      /^failure Get ".*\/round": stopped after 10 redirects$/,
    );
  });

  test('HTTP reads no more of an endless answer than it needs', async () => {
    const port = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    assert.equal((await ask({ httpGet: { port } })).length, 'success '.length + 10 * 1024);
  });

  test('HTTPS does not ask who answers', async () => {
    const { certificate: cert, key } = createAuthority('nobody', { nowMs: Date.now(), lifetimeMs: 60_000 });
    const port = await listening(createSecureServer({ cert, key }, (_request, response) => response.end('safe')));
    assert.equal(await ask({ httpGet: { port, scheme: 'HTTPS' } }), 'success safe');
  });

  test('a port where nobody listens, in the words of Go', async () => {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    assert.equal(
      await ask({ httpGet: { port } }),
      `failure Get "http://${HOST}:${port}/": dial tcp ${HOST}:${port}: connect: connection refused`,
    );
    assert.equal(await ask({ tcpSocket: { port } }), `failure dial tcp ${HOST}:${port}: connect: connection refused`);
    assert.match(
      await ask({ grpc: { port, service: '' } }),
      /^failure error: failed to connect service "127\.0\.0\.1:\d+": /,
    );
  });

  test('TCP is content with a connection', async () => {
    const port = await listening(createTcpServer((socket) => socket.end()));
    assert.equal(await ask({ tcpSocket: { port } }), 'success ');
  });

  test('gives up when its time is over', async () => {
    const clock = new FakeClock();
    const port = await listening(createTcpServer((socket) => socket.on('error', () => {}).resume()));
    const asking = probeBy(clock)(target, { httpGet: { port }, timeoutSeconds: 3 } as Probe, signal);
    await clock.advance(2_999);
    await clock.advance(1);
    assert.deepEqual(await asking, {
      verdict: 'failure',
      output: 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    });
    assert.equal(clock.pending, 0);
  });

  test('throws when it is called off, and when there is nothing to ask', async () => {
    const port = await listening(createTcpServer((socket) => socket.on('error', () => {}).resume()));
    const gone = new AbortController();
    const asking = probeBy()(target, { httpGet: { port } } as Probe, gone.signal);
    gone.abort(new Error('no longer'));
    await assert.rejects(asking, /no longer/);
    await assert.rejects(ask({}), /missing probe handler/);
    await assert.rejects(ask({ tcpSocket: { port: 'nobody' } }), /couldn't find port: "nobody"/);
  });

  const healthRequest = message({ service: [1, 'string'] });
  const healthResponse = message({ status: [1, enumeration('UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN')] });
  const healthy: Readonly<Record<string, 'SERVING' | 'NOT_SERVING'>> = { '': 'SERVING', db: 'NOT_SERVING' };

  test('gRPC asks the health service', async () => {
    const server = createHttp2Server();
    server.on('stream', (stream, headers) => {
      assert.equal(headers[':path'], '/grpc.health.v1.Health/Check');
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { service } = decode(healthRequest, Buffer.concat(chunks).subarray(5));
        const status = healthy[service];
        if (!status) {
          stream.respond(
            {
              'content-type': 'application/grpc',
              'grpc-status': service === 'none' ? 12 : 5,
              'grpc-message': 'unknown service',
            },
            { endStream: true },
          );
          return;
        }
        stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': 0 }));
        const body = encode(healthResponse, { status });
        stream.end(Buffer.concat([Buffer.of(0, 0, 0, 0, body.length), body]));
      });
    });
    const port = await listening(server as unknown as Server);
    assert.equal(await ask({ grpc: { port, service: '' } }), 'success service healthy');
    assert.equal(
      await ask({ grpc: { port, service: 'db' } }),
      'failure service unhealthy (responded with "NOT_SERVING")',
    );
    assert.match(
      await ask({ grpc: { port, service: 'x' } }),
      /^failure error: health rpc probe failed: rpc error: code = 5 desc = unknown service$/,
    );
    assert.match(await ask({ grpc: { port, service: 'none' } }), /does not implement the grpc health protocol/);
  });

  test('gRPC fails where something else answers', async () => {
    const port = await serve((_request, response) => response.end('hello'));
    assert.match(await ask({ grpc: { port, service: '' } }), /^failure error: health rpc probe failed /);
  });
});

test('portNumber takes numbers and the container’s own names', () => {
  assert.deepEqual(
    [portNumber(target.container, 80), portNumber(target.container, 'web'), portNumber(target.container, '81')],
    [80, 8080, 81],
  );
  for (const wrong of ['nobody', 0, 70_000]) assert.throws(() => portNumber(target.container, wrong));
});

test('requestHeaders lets the pod overrule what is sent, and send a name twice', () => {
  const own = [
    { name: 'accept', value: '' },
    { name: 'USER-AGENT', value: 'mine' },
    { name: 'X', value: '1' },
    { name: 'x', value: '2' },
  ];
  assert.deepEqual(requestHeaders(own, 'theirs'), { 'USER-AGENT': 'mine', X: ['1', '2'] });
  assert.deepEqual(requestHeaders([], 'theirs'), { 'User-Agent': 'theirs', Accept: '*/*' });
});
