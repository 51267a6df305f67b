// Hands questions to other DNS servers as they came and gives back what they answer: over UDP, and over TCP when an answer
// was cut short. A server that does not answer is passed over.

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';

/** Resolves with the answer's bytes. Rejects when no server answered. */
export type Forwarder = (message: Buffer) => Promise<Buffer>;

export interface DnsUpstream {
  readonly address: string;
  readonly port: number;
}

const TIMEOUT_MS = 2_000;
/** Questions under way at once; more are refused, since each holds a socket. */
const MAX_PENDING = 1_000;
const HEADER_BYTES = 12;
/** The TC bit, in the third byte of the header. */
const TRUNCATED = 0x02;

/** Servers are tried in order; without any, every question is refused. */
export function createForwarder({ clock }: { readonly clock: Clock }, servers: readonly DnsUpstream[]): Forwarder {
  let pending = 0;
  return async (message) => {
    if (message.length < HEADER_BYTES) throw new Error('this is no question');
    if (servers.length === 0) throw new Error('this machine has no DNS servers of its own');
    if (pending >= MAX_PENDING) throw new Error('too many questions are waiting for an answer');
    pending++;
    try {
      return await askInTurn(clock, servers, message);
    } finally {
      pending--;
    }
  };
}

async function askInTurn(clock: Clock, servers: readonly DnsUpstream[], message: Buffer): Promise<Buffer> {
  let last: unknown;
  for (const server of servers) {
    try {
      const answer = await overUdp(clock, server, message);
      return ((answer[2] ?? 0) & TRUNCATED) === 0 ? answer : await overTcp(clock, server, message);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function overUdp(clock: Clock, { address, port }: DnsUpstream, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const end = (act: () => void) => {
      timer[Symbol.dispose]();
      socket.removeAllListeners();
      socket.on('error', () => {}); // Refusals that come late are nobody's business.
      socket.close();
      act();
    };
    const timer = clock.after(TIMEOUT_MS, () => end(() => reject(noAnswer(address))));
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('message', (answer) => {
      // Answers to other questions may arrive late, or be forged.
      if (answersTo(message, answer)) end(() => resolve(answer));
    });
    // From then on the kernel lets pass only what comes from this server, and tells when nobody listens there.
    socket.connect(port, address, () => socket.send(message));
  });
}

function overTcp(clock: Clock, { address, port }: DnsUpstream, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const timer = clock.after(TIMEOUT_MS, () => socket.destroy(noAnswer(address)));
    let received: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const answer = received.subarray(2, 2 + received.readUInt16BE(0));
      if (answersTo(message, answer)) resolve(answer);
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      timer[Symbol.dispose]();
      reject(new Error(`${address} closed the connection`)); // Nothing happens where it has answered before.
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
  });
}

/** The same number, and marked as an answer. */
function answersTo(question: Buffer, answer: Buffer): boolean {
  return (
    answer.length >= HEADER_BYTES &&
    answer.readUInt16BE(0) === question.readUInt16BE(0) &&
    ((answer[2] ?? 0) & 0x80) !== 0
  );
}

function noAnswer(address: string): Error {
  return new Error(`${address} did not answer within ${TIMEOUT_MS} ms`);
}
