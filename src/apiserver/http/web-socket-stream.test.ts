import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { overWebSocket } from './web-socket-stream.ts';

/** What a client gets that offers the protocols, and the code with which it is closed. */
async function received(source: Readable, protocols: readonly string[]) {
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    overWebSocket(source).takeOver({ type: 'upgrade', request, socket, head });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, [...protocols]);
  const messages: (string | Buffer)[] = [];
  socket.on('message', (data: Buffer, isBinary) => messages.push(isBinary ? data : data.toString('latin1')));
  const [code] = (await once(socket, 'close')) as [number];
  server.close();
  return { messages, code, protocol: socket.protocol };
}

describe('overWebSocket', () => {
  const chunks = () => Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]);
  const bytes = ['', 'one\n', 'two\n'].map((text) => Buffer.from(text));

  test('sends the bytes as they come, after an empty message', async () => {
    assert.deepEqual(await received(chunks(), ['binary.k8s.io']), {
      messages: bytes,
      code: 1000,
      protocol: 'binary.k8s.io',
    });
    assert.deepEqual(await received(chunks(), []), { messages: bytes, code: 1000, protocol: '' });
  });

  test('sends base64 to those who want it', async () => {
    const { messages } = await received(chunks(), ['base64.binary.k8s.io']);
    assert.deepEqual(messages, ['', 'b25lCg==', 'dHdvCg==']);
  });

  test('breaks off what has broken off', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('one\n');
        throw new Error('the node has gone');
      })(),
    );
    assert.deepEqual(await received(broken, ['binary.k8s.io']), {
      messages: bytes.slice(0, 2),
      code: 1006,
      protocol: 'binary.k8s.io',
    });
  });
});
