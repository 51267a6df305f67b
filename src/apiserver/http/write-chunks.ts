// Writes chunks as they are made, no faster than the peer takes them.

import type { Writable } from 'node:stream';

/**
 * What a stream takes at once. A connection with many streams encrypts all that they have taken in one stretch, so this
 * bounds what a hundred watches of one client can hold up.
 */
const PIECE_BYTES = 64 * 1024;

/** Resolves when everything is written, or the stream has closed. The chunks' own errors reject. */
export async function writeChunks(stream: Writable, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      if (stream.destroyed) return;
      if (!stream.write(chunk.subarray(at, at + PIECE_BYTES))) await drained(stream);
    }
  }
  stream.end();
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    if (stream.destroyed) return resolve();
    stream.on('drain', done);
    stream.on('close', done);
  });
}
