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
 * What a stream is given at once. A connection with many streams encrypts all that they have been given in one stretch, so
 * this bounds what a hundred watches of one client can hold up.
 */
const PIECE_BYTES = 64 * 1024;
/** The next piece is there when one has been taken, so that the connection never waits for us. */
const AHEAD_BYTES = PIECE_BYTES;
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
  using progress = new Progress(terms, stream);
  for await (const chunk of chunks) {
    for (const piece of inPieces(chunk)) {
      if (stream.destroyed) return;
      stream.write(piece, progress.noted);
      while (stream.writableLength > AHEAD_BYTES && !stream.destroyed) await progress.made();
    }
  }
  stream.end(progress.noted);
  while (!stream.writableFinished && !stream.destroyed) await progress.made();
}

/** Whether an answer is long enough to be written in pieces. */
export function isLong(bytes: Uint8Array): boolean {
  return bytes.length > LONG_BYTES;
}

function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}

/** Whether the peer takes anything, and how long it lets us wait. */
class Progress implements Disposable {
  readonly #terms: WriteTerms;
  readonly #stream: Writable;
  #wake: (() => void) | undefined;

  constructor(terms: WriteTerms, stream: Writable) {
    this.#terms = terms;
    this.#stream = stream;
    stream.on('close', this.noted);
  }

  /** Called back when something was taken, or never will be. */
  readonly noted = (): void => this.#wake?.();

  /** Resolves when something is taken, or the stream has closed, as it does for a peer that takes too long. */
  made(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#terms.clock.after(this.#terms.takeMs, () => this.#stream.destroy());
      this.#wake = () => {
        this.#wake = undefined;
        timer[Symbol.dispose]();
        resolve();
      };
    });
  }

  [Symbol.dispose](): void {
    this.#stream.off('close', this.noted);
  }
}
