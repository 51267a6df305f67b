// The program of the load generator: takes orders from its parent and sends requests over raw HTTP/2 streams. It looks at
// statuses and counts bytes and lines, no more: what it spends is not there for the server on a small machine.

import { type ClientHttp2Session, connect } from 'node:http2';
import { setTimeout as wait } from 'node:timers/promises';
import { percentile } from '../report.ts';
import type {
  Answer,
  Figures,
  Form,
  Order,
  RequestFigures,
  RequestLoad,
  Target,
  WatchFigures,
  WatchLoad,
} from './load-order.ts';

const NEWLINE = 10;
const PLACE = '{nnnnn}';
const MEDIA_TYPES: Readonly<Record<Form, string>> = {
  json: 'application/json',
  protobuf: 'application/vnd.kubernetes.protobuf',
};
/** Frames of a watch in protobuf begin with their length. */
const FRAME_HEAD_BYTES = 4;
const STREAM_WINDOW_BYTES = 1 << 20;
const CONNECTION_WINDOW_BYTES = 32 << 20;

/** Numbers go on over all orders, so that no name comes twice. */
const counter = { next: 0 };

process.on('message', (order: Order) => {
  const answer = (message: Answer) => process.send?.(message);
  carryOut(order, () => answer({ id: order.id, type: 'open' })).then(
    (figures) => answer({ id: order.id, type: 'done', figures }),
    (error: unknown) => answer({ id: order.id, type: 'failed', message: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

function carryOut({ target, load }: Order, opened: () => void): Promise<Figures> {
  return load.type === 'requests' ? sendRequests(target, load) : openWatches(target, load, opened);
}

async function sendRequests(target: Target, load: RequestLoad): Promise<RequestFigures> {
  const sessions = await openSessions(target, load.connections);
  const waits: number[] = [];
  let bytes = 0;
  const begin = performance.now() + load.warmUpMs;
  const end = begin + load.durationMs;
  const periodMs = load.perSecond === undefined ? 0 : (load.clients * 1000) / load.perSecond;
  const client = async (session: ClientHttp2Session, index: number) => {
    let due = performance.now() + (periodMs * index) / load.clients;
    for (;;) {
      if (periodMs > 0 && due > performance.now()) await wait(due - performance.now());
      due += periodMs;
      const sentAt = performance.now();
      if (sentAt >= end) return;
      const size = await exchange(session, load);
      const doneAt = performance.now();
      if (sentAt < begin || doneAt > end) continue;
      bytes += size;
      waits.push(doneAt - sentAt);
    }
  };
  await Promise.all(Array.from({ length: load.clients }, (_, i) => client(sessions[i % sessions.length]!, i)));
  for (const session of sessions) session.close();
  return {
    type: 'requests',
    requests: waits.length,
    perSecond: (waits.length / load.durationMs) * 1000,
    megabytesPerSecond: bytes / load.durationMs / 1000,
    p50Ms: percentile(waits, 0.5),
    p99Ms: percentile(waits, 0.99),
    maxMs: percentile(waits, 1),
  };
}

/** Resolves to the size of the answer's body; rejects when the answer is not a success. */
function exchange(session: ClientHttp2Session, { method, path, form, body, cycle }: RequestLoad): Promise<number> {
  const number = String(counter.next++ % (cycle ?? Number.MAX_SAFE_INTEGER)).padStart(PLACE.length, '0');
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': method,
      ':path': path.replace(PLACE, number),
      accept: MEDIA_TYPES[form],
      ...(body === undefined ? {} : { 'content-type': MEDIA_TYPES[form] }),
    });
    let status = 0;
    let size = 0;
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0;
    });
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    stream.on('end', () => {
      if (status >= 200 && status < 300) resolve(size);
      else reject(new Error(`${method} ${path} was answered with ${status}`));
    });
    stream.on('error', reject);
    stream.end(body && Buffer.from(body.replaceAll(PLACE, number), 'latin1'));
  });
}

async function openWatches(target: Target, load: WatchLoad, opened: () => void): Promise<WatchFigures> {
  const sessions = await openSessions(target, load.connections);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let events = 0;
  let bytes = 0;
  let firstAt = 0;
  const onData = (count: (chunk: Buffer) => number) => (chunk: Buffer) => {
    firstAt ||= performance.now();
    bytes += chunk.length;
    events += count(chunk);
    if (events >= load.events) resolve();
  };
  const open = (session: ClientHttp2Session) =>
    new Promise<void>((isOpen) => {
      const stream = session.request({ ':method': 'GET', ':path': load.path, accept: watchType(load.form) });
      stream.on('response', () => isOpen());
      stream.on('data', onData(load.form === 'json' ? countLines : frameCounter()));
      stream.on('error', reject);
      stream.on('end', () => reject(new Error(`a watch has ended after ${events} of ${load.events} events`)));
    });
  await Promise.all(Array.from({ length: load.watchers }, (_, i) => open(sessions[i % sessions.length]!)));
  opened();
  await promise;
  const elapsedMs = performance.now() - firstAt;
  for (const session of sessions) session.destroy();
  return { type: 'watch', events, elapsedMs, megabytes: bytes / 1e6 };
}

function watchType(form: Form): string {
  return form === 'json' ? MEDIA_TYPES.json : `${MEDIA_TYPES.protobuf};stream=watch`;
}

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

/** Counts the frames that end in the chunks of one stream. */
function frameCounter(): (chunk: Buffer) => number {
  let left = 0;
  let head = Buffer.alloc(0);
  return (chunk) => {
    let frames = 0;
    for (let at = 0; at < chunk.length; ) {
      if (left === 0) {
        const missing = FRAME_HEAD_BYTES - head.length;
        head = Buffer.concat([head, chunk.subarray(at, at + missing)]);
        at += missing;
        if (head.length < FRAME_HEAD_BYTES) break;
        left = head.readUInt32BE();
        head = Buffer.alloc(0);
      } else {
        const taken = Math.min(left, chunk.length - at);
        at += taken;
        left -= taken;
        if (left === 0) frames++;
      }
    }
    return frames;
  };
}

async function openSessions(target: Target, count: number): Promise<readonly ClientHttp2Session[]> {
  return Promise.all(Array.from({ length: count }, () => openSession(target)));
}

function openSession({ origin, ca, certificate, key }: Target): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const session = connect(origin, {
      ca,
      cert: certificate,
      key,
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false },
    });
    session.once('error', reject);
    session.once('connect', () => {
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      session.off('error', reject);
      session.on('error', () => {}); // Its streams break with it, and say so.
      resolve(session);
    });
  });
}
