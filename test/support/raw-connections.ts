// Bytes over TLS, for clients that do not keep to any protocol.

import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

export interface RawTarget {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
}

export interface Said {
  /** What the server sent until it closed the connection. */
  readonly bytes: Buffer;
  /** It did so by a reset. */
  readonly reset: boolean;
}

const DEADLINE_MS = 10_000;

/** Sends the pieces, then waits for the server to close the connection. Rejects when it does not. */
export async function talk(
  { port, ca }: RawTarget,
  protocol: 'h2' | 'http/1.1',
  pieces: readonly (string | Uint8Array)[],
): Promise<Said> {
  const socket = connectTls({ port, host: '127.0.0.1', ca, ALPNProtocols: [protocol] });
  await once(socket, 'secureConnect');
  const parts: Buffer[] = [];
  let reset = false;
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.on('error', () => {
    reset = true;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve)); // Not events.once: a reset is no failure here.
  for (const piece of pieces) {
    if (socket.destroyed) break;
    if (!socket.write(piece)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
  }
  await endedIn(closed, DEADLINE_MS, () => socket.destroy());
  return { bytes: Buffer.concat(parts), reset };
}

/** Connects without ever starting the TLS handshake; resolves when the server has had enough of it. */
export async function sayNothing({ port }: RawTarget): Promise<void> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {}); // A reset closes as well.
  socket.resume();
  await endedIn(new Promise((resolve) => socket.once('close', resolve)), DEADLINE_MS, () => socket.destroy());
}

/** Sends a piece from time to time until the server closes the connection. */
export async function drip({ port, ca }: RawTarget, first: string, piece: string, everyMs: number): Promise<Said> {
  const socket = connectTls({ port, host: '127.0.0.1', ca, ALPNProtocols: ['http/1.1'] });
  await once(socket, 'secureConnect');
  const parts: Buffer[] = [];
  let reset = false;
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.on('error', () => {
    reset = true;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const deadline = performance.now() + DEADLINE_MS;
  socket.write(first);
  while (!socket.destroyed && performance.now() < deadline) {
    await wait(everyMs);
    if (socket.writable) socket.write(piece);
  }
  await endedIn(closed, 0, () => socket.destroy());
  return { bytes: Buffer.concat(parts), reset };
}

async function endedIn(closed: Promise<unknown>, withinMs: number, destroy: () => void): Promise<void> {
  const stop = new AbortController();
  const late = wait(withinMs, 'late', { signal: stop.signal }).catch(() => 'stopped');
  const outcome = await Promise.race([closed.then(() => 'closed'), late]);
  stop.abort();
  destroy();
  if (outcome === 'late') throw new Error('the server has kept the connection');
}

// HTTP/2 by hand.

export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const END_STREAM = 0x1;
export const END_HEADERS = 0x4;

export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** The headers of `GET /healthz` of an HTTPS server, by HPACK's static table and literals. */
export function healthHeaders(): Buffer {
  const literal = (nameIndex: number, value: string) =>
    Buffer.concat([Buffer.from([nameIndex, value.length]), Buffer.from(value)]);
  return Buffer.concat([Buffer.from([0x82, 0x87]), literal(0x04, '/healthz'), literal(0x01, 'localhost')]);
}
