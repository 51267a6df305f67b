// Exec and attach over a WebSocket, as kubectl speaks it (v4 and v5.channel.k8s.io: the first byte of each message is its
// channel), carried on to the runtime's streaming server over SPDY. Upstream: KEP-4006, k8s.io/streaming.

import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { SpdySession, type SpdyStream } from './spdy-session.ts';

export interface RemoteCommandStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
/** v5 only: the other side will write no more to the channel in the next byte. */
const CLOSE = 255;

export const REMOTE_COMMAND_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;
const RUNTIME_PROTOCOL = 'v4.channel.k8s.io';
/** The runtime closes what nobody has connected to after a while; so does this when it does not answer. */
const CONNECT_TIMEOUT_MS = 30_000;

/** Carries the streams until the command has ended or one side has gone. `url` is where the runtime streams. */
export async function bridgeRemoteCommand(
  socket: WebSocket,
  url: string,
  streams: RemoteCommandStreams,
): Promise<void> {
  socket.pause();
  const { connection, head } = await upgradeToSpdy(url);
  const session = new SpdySession(connection, head);
  try {
    const error = await session.open({ streamtype: 'error' });
    const stdin = streams.stdin ? await session.open({ streamtype: 'stdin' }) : undefined;
    const stdout = streams.stdout ? await session.open({ streamtype: 'stdout' }) : undefined;
    const stderr = streams.stderr && !streams.tty ? await session.open({ streamtype: 'stderr' }) : undefined;
    const resize = streams.tty ? await session.open({ streamtype: 'resize' }) : undefined;
    // An empty message tells the client that the streams are there.
    const [firstChannel = ERROR] = [stdout && STDOUT, stderr && STDERR].filter((channel) => channel !== undefined);
    socket.send(Uint8Array.of(firstChannel));
    takeMessages(socket, { stdin, resize, gone: () => session.close() });
    socket.resume();
    await Promise.all([
      stdout && copy(stdout, socket, STDOUT),
      stderr && copy(stderr, socket, STDERR),
      copy(error, socket, ERROR),
    ]);
    socket.close(1000);
  } finally {
    session.close();
  }
}

/** What the client sends goes to the streams in order; reading from it stops while a stream is full. */
function takeMessages(
  socket: WebSocket,
  to: { readonly stdin: SpdyStream | undefined; readonly resize: SpdyStream | undefined; readonly gone: () => void },
): void {
  let last = Promise.resolve();
  let pending = 0;
  socket.on('message', (data: RawData) => {
    pending++;
    socket.pause();
    last = last
      .then(() => deliver(asBuffer(data), to))
      .catch(() => {}) // The command has ended; its status is on the way.
      .finally(() => {
        if (--pending === 0) socket.resume();
      });
  });
  socket.on('close', to.gone);
  socket.on('error', to.gone);
}

async function deliver(
  message: Buffer,
  { stdin, resize }: { readonly stdin: SpdyStream | undefined; readonly resize: SpdyStream | undefined },
): Promise<void> {
  const [channel] = message;
  if (channel === STDIN && message.length > 1) await stdin?.write(message.subarray(1));
  else if (channel === RESIZE) await resize?.write(message.subarray(1));
  else if (channel === CLOSE && message[1] === STDIN) stdin?.end();
}

async function copy(stream: SpdyStream, socket: WebSocket, channel: number): Promise<void> {
  for await (const chunk of stream.data) {
    await new Promise<void>((resolve) => {
      // An error means that the client has gone, which its 'close' event tells.
      socket.send(Buffer.concat([Uint8Array.of(channel), chunk]), () => resolve());
    });
  }
}

function upgradeToSpdy(url: string): Promise<{ readonly connection: Duplex; readonly head: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: {
        connection: 'Upgrade',
        upgrade: 'SPDY/3.1',
        'x-stream-protocol-version': RUNTIME_PROTOCOL,
        'content-length': '0',
      },
      signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS),
      agent: false,
    });
    sent.on('upgrade', (_response, connection, head) => resolve({ connection, head }));
    sent.on('response', (response) => {
      response.resume();
      reject(new Error(`the container runtime answered ${response.statusCode} instead of streaming`));
    });
    sent.on('error', reject);
    sent.end();
  });
}

function asBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
