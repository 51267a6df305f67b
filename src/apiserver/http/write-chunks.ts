// Writes chunks as they are made, no faster than the peer takes them, and gives up on a peer that does not take them: who asks for
// much and does not read it holds it in our memory.

import type { Writable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';

export interface WriteTerms {
  readonly clock: Clock;
  /** How long a peer may take for a piece. */
  readonly takeMs: number;
}

/**
 * What a stream takes at once. A connection with many streams encrypts all that they have taken in one stretch, so this
 * bounds what a hundred watches of one client can hold up.
 */
const PIECE_BYTES = 64 * 1024;
/** Answers above this are written in pieces. */
const LONG_BYTES = 256 * 1024;

/**
 * Resolves when everything is taken, or the stream has closed; it is destroyed when the peer takes too long. The chunks' own
 * errors reject.
 */
export async function writeChunks(
  terms: WriteTerms,
  stream: Writable,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  for await (const chunk of chunks) {
    for (const piece of inPieces(chunk)) {
      if (stream.destroyed) return;
      if (!stream.write(piece)) await taken(terms, stream, 'drain');
    }
  }
  stream.end();
  if (!stream.writableFinished) await taken(terms, stream, 'finish');
}

/** Whether an answer is long enough to be written in pieces. */
export function isLong(bytes: Uint8Array): boolean {
  return bytes.length > LONG_BYTES;
}

function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}

function taken({ clock, takeMs }: WriteTerms, stream: Writable, event: 'drain' | 'finish'): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    const done = () => {
      timer[Symbol.dispose]();
      stream.off(event, done);
      stream.off('close', done);
      resolve();
    };
    const timer = clock.after(takeMs, () => stream.destroy());
    stream.on(event, done);
    stream.on('close', done);
  });
}
