import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { ProtobufReader, ProtobufWriter, WIRE_BYTES } from '../../src/base/protobuf.ts';
import { until } from './until.ts';

const script = join(import.meta.dirname, 'echo-server.pl');

describe('echo-server', {
  skip: process.platform === 'linux' ? false : 'the server of the test image needs Linux',
}, () => {
  let server: ChildProcess;
  const ports = new Map<string, number>();

  before(async () => {
    server = spawn('perl', [script, 'http=0', 'tcp=0', 'udp=0', 'grpc=0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface(server.stdout!)) {
      const [protocol = '', port] = line.split(' ');
      ports.set(protocol, Number(port));
      if (ports.size === 4) break;
    }
  });
  after(async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
    assert.equal(server.exitCode, 0);
  });

  const url = (path: string) => `http://127.0.0.1:${ports.get('http')}${path}`;

  test('says over HTTP what reached it', async () => {
    const response = await fetch(url('/a?b=c'), { method: 'POST', body: 'grüße "x"', headers: { 'X-Mine': 'yes' } });
    assert.equal(response.status, 200);
    const said = (await response.json()) as Record<string, unknown> & { headers: Record<string, string> };
    assert.equal(said['hostname'], hostname());
    assert.equal(said['method'], 'POST');
    assert.equal(said['target'], '/a?b=c');
    assert.equal(Buffer.from(String(said['body']), 'latin1').toString(), 'grüße "x"');
    assert.match(String(said['client']), /^127\.0\.0\.1:\d+$/);
    assert.equal(said['server'], `127.0.0.1:${ports.get('http')}`);
    assert.equal(said.headers['x-mine'], 'yes');
  });

  test('answers /status and /delay over HTTP, and others meanwhile', async () => {
    assert.equal((await fetch(url('/status/503'))).status, 503);
    const late = fetch(url('/delay/1')).then(() => 'late');
    assert.equal(await Promise.race([late, fetch(url('/')).then(() => 'at once')]), 'at once');
    assert.equal(await late, 'late');
  });

  test('is healthy over HTTP for as long as it was told to be', async () => {
    assert.equal((await fetch(url('/healthy/3600'))).status, 200);
    await until(async () => (await fetch(url('/healthy/0'))).status === 500);
  });

  test('says over HTTP what it has received', async () => {
    await fetch(url('/write?x'), { method: 'POST', body: '{"a": "b"}' });
    const received = (await (await fetch(url('/received'))).json()) as readonly unknown[];
    assert.deepEqual(received.at(-1), { method: 'POST', target: '/write?x', body: '{"a": "b"}' });
    const again = (await (await fetch(url('/received'))).json()) as readonly unknown[];
    assert.deepEqual(again, received, 'but not that it was asked');
  });

  test('keeps a connection and answers pipelined requests in order', async () => {
    const socket = connect(ports.get('http')!, '127.0.0.1');
    socket.write('GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nConnection: close\r\n\r\n');
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk);
    const targets = [
      ...Buffer.concat(chunks)
        .toString()
        .matchAll(/"target":"(.*?)"/g),
    ].map(([, target]) => target);
    assert.deepEqual(targets, ['/1', '/2', '/3']);
  });

  test('sends back over TCP what it gets', async () => {
    const socket = connect(ports.get('tcp')!, '127.0.0.1');
    const sent = Buffer.alloc(300_000, 'abc');
    socket.end(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk);
    assert.deepEqual(Buffer.concat(chunks), sent);
  });

  for (const [sent, back] of [
    ['ping', 'ping'],
    ['hostname', hostname()],
  ] as const) {
    test(`answers the datagram ${sent} over UDP`, async () => {
      const socket = createSocket('udp4');
      socket.send(sent, ports.get('udp')!, '127.0.0.1');
      const [message] = (await once(socket, 'message')) as [Buffer];
      socket.close();
      assert.equal(message.toString(), back);
    });
  }

  const verdicts: readonly [service: string, verdict: number | string][] = [
    ['', 1],
    ['down', 2],
    ['missing', 'NOT_FOUND'],
  ];
  for (const [service, verdict] of verdicts) {
    test(`is asked for the health of "${service}" over gRPC and says ${verdict}`, async () => {
      const client = new Client(`127.0.0.1:${ports.get('grpc')}`, credentials.createInsecure());
      const health = new Promise<number>((resolve, reject) => {
        client.makeUnaryRequest(
          '/grpc.health.v1.Health/Check',
          () => Buffer.from(healthRequest(service)),
          (bytes) => healthStatus(bytes),
          {},
          (error, status) => (error ? reject(error) : resolve(status!)),
        );
      });
      if (typeof verdict === 'number') assert.equal(await health, verdict);
      else await assert.rejects(health, { code: 5 });
      client.close();
    });
  }
});

function healthRequest(service: string): Uint8Array {
  const writer = new ProtobufWriter();
  if (service !== '') {
    writer.tag(1, WIRE_BYTES);
    writer.string(service);
  }
  return writer.finish();
}

function healthStatus(bytes: Uint8Array): number {
  const reader = new ProtobufReader(bytes);
  return reader.next() ? reader.int32() : 0;
}
