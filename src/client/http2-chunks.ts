// What an HTTP/2 stream brings, chunk by chunk. Node's own iteration takes a stream that the peer has closed for one that
// broke, even while what it brought is still to be read; under load answers have often ended before anybody looks.

import type { Http2Stream } from 'node:http2';

/**
 * Reads to the end, no faster than the caller. Rejects with the stream's error, or when it closes before its end. Whoever
 * stops before the end destroys the stream.
 */
export async function* chunksOf(stream: Http2Stream): AsyncGenerator<Uint8Array> {
  let wake = () => {};
  const onEvent = () => wake();
  for (const name of EVENTS) stream.on(name, onEvent);
  try {
    for (;;) {
      const chunk = stream.destroyed ? null : (stream.read() as Uint8Array | null);
      if (chunk) yield chunk;
      else if (stream.readableEnded) return;
      else if (stream.errored) throw stream.errored;
      else if (stream.destroyed) throw new Error('the stream closed before its end');
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    for (const name of EVENTS) stream.off(name, onEvent);
    if (!stream.readableEnded) stream.destroy();
  }
}

const EVENTS = ['readable', 'end', 'error', 'close'] as const;
