import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, describe, test } from 'node:test';
import { FakeClock, systemClock } from '../../base/clock.ts';
import { createForwarder, type DnsUpstream } from './forwarder.ts';

const ADDRESS = '127.0.0.1';
const QUESTION = Buffer.from([0x12, 0x34, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 65, 0, 0, 1, 0, 1]);

function answerTo(question: Buffer, { id = question.readUInt16BE(0), flags = 0x8000, text = '' } = {}): Buffer {
  const answer = Buffer.concat([question.subarray(0, 12), Buffer.from(text)]);
  answer.writeUInt16BE(id, 0);
  answer.writeUInt16BE(flags, 2);
  return answer;
}

describe('createForwarder', () => {
  const stack = new AsyncDisposableStack();
  after(() => stack.disposeAsync());

  /** A server that answers as told; over TCP on the same port if that is asked for. */
  async function upstream(
    reply: (question: Buffer, socket: Socket, remote: { port: number; address: string }) => void,
    overTcp?: (question: Buffer) => Buffer,
  ): Promise<DnsUpstream & { asked: () => number }> {
    const socket = createSocket('udp4');
    let asked = 0;
    socket.on('message', (message, remote) => {
      asked++;
      reply(message, socket, remote);
    });
    socket.bind(overTcp ? await tcpServer(overTcp) : 0, ADDRESS);
    await once(socket, 'listening');
    stack.defer(() => new Promise<void>((resolve) => socket.close(() => resolve())));
    return { address: ADDRESS, port: socket.address().port, asked: () => asked };
  }

  /** Resolves to its port: the same of UDP is hardly ever taken, while the other way around it often is. */
  async function tcpServer(reply: (question: Buffer) => Buffer): Promise<number> {
    const server = createServer((connection) => {
      connection.once('data', (chunk: Buffer) => {
        const answer = reply(chunk.subarray(2));
        const framed = Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 0xff]), answer]);
        connection.write(framed.subarray(0, 7));
        connection.write(framed.subarray(7));
      });
    });
    server.listen(0, ADDRESS);
    await once(server, 'listening');
    stack.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
    return (server.address() as AddressInfo).port;
  }

  test('gives back what the first server answers', async () => {
    const first = await upstream((question, socket, to) =>
      socket.send(answerTo(question, { text: 'one' }), to.port, to.address),
    );
    const second = await upstream(() => {});
    const answer = await createForwarder({ clock: systemClock }, [first, second])(QUESTION);
    assert.equal(answer.subarray(12).toString(), 'one');
    assert.equal(second.asked(), 0);
  });

  test('passes over a server that is silent, and one where nobody listens', async () => {
    const clock = new FakeClock();
    const silent = await upstream(() => {});
    const gone = { address: ADDRESS, port: 1 };
    const good = await upstream((question, socket, to) => socket.send(answerTo(question), to.port, to.address));
    const answering = createForwarder({ clock }, [silent, gone, good])(QUESTION);
    while (silent.asked() === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(2_000);
    assert.equal((await answering).readUInt16BE(0), 0x1234);
    assert.equal(clock.pending, 0, 'no timer is left');
  });

  test('does not take an answer to another question for its own', async () => {
    const liar = await upstream((question, socket, to) => {
      socket.send(answerTo(question, { id: 1, text: 'forged' }), to.port, to.address);
      socket.send(question, to.port, to.address);
      socket.send(answerTo(question, { text: 'true' }), to.port, to.address);
    });
    const answer = await createForwarder({ clock: systemClock }, [liar])(QUESTION);
    assert.equal(answer.subarray(12).toString(), 'true');
  });

  test('asks again over TCP when the answer was cut short', async () => {
    const both = await upstream(
      (question, socket, to) => socket.send(answerTo(question, { flags: 0x8200 }), to.port, to.address),
      (question) => answerTo(question, { text: 'the whole truth' }),
    );
    const answer = await createForwarder({ clock: systemClock }, [both])(QUESTION);
    assert.equal(answer.subarray(12).toString(), 'the whole truth');
  });

  test('rejects when nobody answers, when there is nobody, and what is no question', async () => {
    const clock = new FakeClock();
    const silent = await upstream(() => {});
    const answering = assert.rejects(
      createForwarder({ clock }, [silent])(QUESTION),
      /127\.0\.0\.1 did not answer within 2000 ms/,
    );
    while (silent.asked() === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(2_000);
    await answering;
    await assert.rejects(createForwarder({ clock }, [])(QUESTION), /no DNS servers/);
    await assert.rejects(createForwarder({ clock }, [silent])(QUESTION.subarray(0, 5)), /no question/);
  });

  test('holds a thousand questions at most', async () => {
    const clock = new FakeClock();
    const silent = await upstream(() => {});
    const forward = createForwarder({ clock }, [silent]);
    const waiting = Array.from({ length: 1_000 }, () => forward(QUESTION).catch(() => 'none'));
    await assert.rejects(forward(QUESTION), /too many questions/);
    await clock.advance(2_000);
    assert.equal((await Promise.all(waiting)).length, 1_000);
  });
});
