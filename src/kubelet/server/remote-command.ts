// Exec and attach over a WebSocket, as kubectl (v4 and v5.channel.k8s.io) and older clients speak it: the first byte of each
// message is its channel. It is carried on to the runtime's streaming server over SPDY. Upstream: KEP-4006, k8s.io/streaming.

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

interface RemoteCommandProtocol {
  /** Whether messages are text: the channel as a digit, and base64. */
  readonly isText: boolean;
  /** How the end is told: as a Status, whatever it is, or in words and only when it was no success. */
  readonly status: 'object' | 'words';
}

/** By their names, and what is spoken with clients that name none. */
const PROTOCOLS: Readonly<Record<string, RemoteCommandProtocol>> = {
  'v5.channel.k8s.io': { isText: false, status: 'object' },
  'v4.channel.k8s.io': { isText: false, status: 'object' },
  'v4.base64.channel.k8s.io': { isText: true, status: 'object' },
  'channel.k8s.io': { isText: false, status: 'words' },
  'base64.channel.k8s.io': { isText: true, status: 'words' },
  '': { isText: false, status: 'words' },
};

/** The best of those that a client offers. */
export function remoteCommandProtocol(offered: ReadonlySet<string>): string | undefined {
  return Object.keys(PROTOCOLS).find((protocol) => offered.has(protocol));
}

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
  const { isText, status } = PROTOCOLS[socket.protocol]!;
  const send = sender(socket, isText);
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
    await send(firstChannel, NOTHING);
    takeMessages(socket, isText, { stdin, resize, gone: () => session.close() });
    socket.resume();
    await Promise.all([
      stdout && copy(stdout, (chunk) => send(STDOUT, chunk)),
      stderr && copy(stderr, (chunk) => send(STDERR, chunk)),
      status === 'object'
        ? copy(error, (chunk) => send(ERROR, chunk))
        : tellFailure(error, (words) => send(ERROR, words)),
    ]);
    socket.close(1000);
  } finally {
    session.close();
  }
}

/** What the client sends goes to the streams in order; reading from it stops while a stream is full. */
function takeMessages(
  socket: WebSocket,
  isText: boolean,
  to: { readonly stdin: SpdyStream | undefined; readonly resize: SpdyStream | undefined; readonly gone: () => void },
): void {
  let last = Promise.resolve();
  let pending = 0;
  socket.on('message', (data: RawData) => {
    pending++;
    socket.pause();
    last = last
      .then(() => deliver(isText ? fromText(asBuffer(data)) : asBuffer(data), to))
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

type Send = (channel: number, bytes: Uint8Array) => Promise<void>;

const NOTHING = new Uint8Array();

/** Resolves when the message is on its way. An error means that the client has gone, which its 'close' event tells. */
function sender(socket: WebSocket, isText: boolean): Send {
  return (channel, bytes) =>
    new Promise((resolve) => {
      const message = Buffer.concat([Uint8Array.of(channel), bytes]);
      socket.send(isText ? toText(message) : message, () => resolve());
    });
}

async function copy(stream: SpdyStream, send: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  for await (const chunk of stream.data) await send(chunk);
}

/** The runtime says how the command has ended as a Status. */
async function tellFailure(stream: SpdyStream, send: (words: Uint8Array) => Promise<void>): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.data) chunks.push(chunk);
  const words = failureIn(Buffer.concat(chunks).toString('utf8'));
  if (words !== undefined) await send(Buffer.from(words));
}

/** What a Status says of a failure; undefined for a success, and where there is none because the command was broken off. */
export function failureIn(status: string): string | undefined {
  if (status === '') return undefined;
  const { status: outcome, message } = JSON.parse(status) as { readonly status?: string; readonly message?: string };
  return outcome === 'Success' ? undefined : (message ?? status);
}

/** A message whose first byte is its channel, as protocols have it that are text. */
export function toText(message: Uint8Array): string {
  return `${message[0]}${Buffer.from(message.subarray(1)).toString('base64')}`;
}

/** The same back. */
export function fromText(text: Buffer): Buffer {
  const [channel = 0] = text;
  return Buffer.concat([
    Uint8Array.of(channel - ASCII_ZERO),
    Buffer.from(text.subarray(1).toString('latin1'), 'base64'),
  ]);
}

const ASCII_ZERO = 48;

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
