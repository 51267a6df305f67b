// Hands questions to other DNS servers as they came and gives back what they answer: over UDP, and over TCP when an answer
// was cut short. A server that does not answer is passed over.

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

/** Resolves with the answer's bytes. Rejects when no server answered. */
export type Forwarder = (message: Buffer) => Promise<Buffer>;

const TIMEOUT_MS = 2_000;
/** Questions under way at once; more are refused, since each holds a socket. */
const MAX_PENDING = 1_000;

/** `servers` are addresses, tried in order; without any, every question is refused. */
export function createForwarder(servers: readonly string[]): Forwarder {
  let pending = 0;
  return async (message) => {
    if (servers.length === 0) throw new Error('this machine has no DNS servers of its own');
    if (pending >= MAX_PENDING) throw new Error('too many questions are waiting for an answer');
    pending++;
    try {
      let last: unknown;
      for (const server of servers) {
        try {
          const answer = await overUdp(server, message);
          return isTruncated(answer) ? await overTcp(server, message) : answer;
        } catch (error) {
          last = error;
        }
      }
      throw last;
    } finally {
      pending--;
    }
  };
}

/** The TC bit. */
function isTruncated(answer: Buffer): boolean {
  return ((answer[2] ?? 0) & 0x02) !== 0;
}

function overUdp(server: string, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(server.includes(':') ? 'udp6' : 'udp4');
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const end = (act: () => void) => {
      timeout.onabort = null;
      socket.close();
      act();
    };
    timeout.onabort = () => end(() => reject(new Error(`${server} did not answer within ${TIMEOUT_MS} ms`)));
    socket.once('error', (error) => end(() => reject(error)));
    socket.on('message', (answer) => {
      // Answers to other questions may arrive late, or be forged.
      if (answer.length >= 12 && answer.readUInt16BE(0) === message.readUInt16BE(0)) end(() => resolve(answer));
    });
    socket.connect(53, server, () => socket.send(message));
  });
}

function overTcp(server: string, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server, port: 53 });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`${server} did not answer within ${TIMEOUT_MS} ms`)));
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      resolve(received.subarray(2, 2 + received.readUInt16BE(0)));
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${server} closed the connection`)));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
  });
}
