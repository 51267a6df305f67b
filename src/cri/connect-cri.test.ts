import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { silentLogger } from '../base/log.ts';
import { connectCri } from './connect-cri.ts';
import { type AnyCall, CALLS, CONTAINER_EVENTS, type Cri, CriError } from './cri.ts';
import { decode, encode, type Message } from './message.ts';

// The runtime at the other end is a real gRPC server on a real socket; only what it answers is made up.

function definitionOf(call: AnyCall, responseStream = false) {
  const serialize = (message: Message) => (value: object) => Buffer.from(encode(message, value));
  const deserialize = (message: Message) => (bytes: Buffer) => decode(message, bytes);
  return {
    path: call.method,
    requestStream: false,
    responseStream,
    requestSerialize: serialize(call.request),
    requestDeserialize: deserialize(call.request),
    responseSerialize: serialize(call.response),
    responseDeserialize: deserialize(call.response),
  };
}

function runtimeServer(onCancelled: () => void): Server {
  const server = new Server();
  server.addService(
    {
      version: definitionOf(CALLS.version),
      containerStatus: definitionOf(CALLS.containerStatus),
      stopContainer: definitionOf(CALLS.stopContainer),
      events: definitionOf(CONTAINER_EVENTS, true),
    },
    {
      version: (call: { request: object }, done: (error: null, response: object) => void) =>
        done(null, { ...call.request, runtimeName: 'made-up', runtimeVersion: '1' }),
      containerStatus: (_call: unknown, done: (error: object) => void) =>
        done({ code: status.NOT_FOUND, details: 'container "c" not found' }),
      stopContainer: (call: { on(event: 'cancelled', listener: () => void): void }) =>
        call.on('cancelled', onCancelled),
      events: (call: {
        write(value: object): void;
        end(): void;
        on(event: 'cancelled', listener: () => void): void;
      }) => {
        for (const containerId of ['a', 'b', 'c']) {
          call.write({ containerId, containerEventType: 'CONTAINER_STOPPED_EVENT', createdAt: 12 });
        }
        call.on('cancelled', onCancelled);
      },
    },
  );
  return server;
}

describe('connectCri', () => {
  let directory: string;
  let server: Server;
  let cri: Cri;
  let cancelled = Promise.withResolvers<void>();

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 't8s-cri-'));
    server = runtimeServer(() => cancelled.resolve());
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix://${directory}/cri.sock`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    cri = connectCri({ endpoint: `unix://${directory}/cri.sock`, log: silentLogger });
  });

  after(async () => {
    await cri[Symbol.asyncDispose]();
    server.forceShutdown();
    await rm(directory, { recursive: true });
  });

  test('answers with the decoded response', async () => {
    assert.deepEqual(await cri.version({ version: 'v1' }), {
      version: 'v1',
      runtimeName: 'made-up',
      runtimeVersion: '1',
      runtimeApiVersion: '',
    });
  });

  test('rejects with CriError: code, details and the text of upstream', async () => {
    await assert.rejects(cri.containerStatus({ containerId: 'c' }), (error) => {
      assert.ok(error instanceof CriError);
      assert.equal(error.code, 'NOT_FOUND');
      assert.equal(error.method, 'containerStatus');
      assert.equal(error.details, 'container "c" not found');
      assert.equal(error.message, 'rpc error: code = NotFound desc = container "c" not found');
      return true;
    });
  });

  test('rejects with UNIMPLEMENTED for a call that the runtime does not have', async () => {
    await assert.rejects(cri.runtimeConfig({}), { name: 'CriError', code: 'UNIMPLEMENTED' });
  });

  test('rejects with DEADLINE_EXCEEDED after its timeout and lets go of the call', async () => {
    cancelled = Promise.withResolvers();
    await assert.rejects(cri.stopContainer({ containerId: 'c' }, { timeoutMs: 20 }), { code: 'DEADLINE_EXCEEDED' });
    await cancelled.promise;
  });

  test('rejects with the reason of the signal and lets go of the call', async () => {
    cancelled = Promise.withResolvers();
    const controller = new AbortController();
    const reason = new Error('enough');
    const stopped = cri.stopContainer({ containerId: 'c' }, { signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await assert.rejects(stopped, reason);
    await assert.rejects(cri.version({}, { signal: controller.signal }), reason);
  });

  test('rejects with UNAVAILABLE where nobody listens', async () => {
    await using nobody = connectCri({ endpoint: `${directory}/nobody.sock`, log: silentLogger });
    await assert.rejects(nobody.version({}), { code: 'UNAVAILABLE' });
  });

  test('getContainerEvents gives events until its reader stops', async () => {
    cancelled = Promise.withResolvers();
    const seen: string[] = [];
    for await (const event of cri.getContainerEvents()) {
      seen.push(`${event.containerId} ${event.containerEventType} ${event.createdAt}`);
      if (seen.length === 3) break;
    }
    assert.deepEqual(
      seen,
      ['a', 'b', 'c'].map((id) => `${id} CONTAINER_STOPPED_EVENT 12`),
    );
    await cancelled.promise;
  });

  test('getContainerEvents throws the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    await assert.rejects(async () => {
      for await (const event of cri.getContainerEvents({ signal: controller.signal })) {
        if (event.containerId === 'c') controller.abort(reason);
      }
    }, reason);
  });

  test('refuses an endpoint that is no unix socket', () => {
    assert.throws(() => connectCri({ endpoint: 'tcp://127.0.0.1:1', log: silentLogger }), /not a unix socket/);
  });
});
