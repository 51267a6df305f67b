// Large answers in gzip, for clients that take it. Node compresses on its thread pool, so nothing here holds up the event
// loop. Upstream: APIResponseCompression (KEP-156), negotiateContentEncoding in endpoints/handlers/responsewriters.

import { pipeline, Readable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { ApiResponse } from '../../client/transport.ts';
import type { RequestHead } from '../chain/incoming-request.ts';

/** Below this a network is faster than the compression. */
const THRESHOLD_BYTES = 128 * 1024;
/** Within a tenth of what more thorough levels come to, at a fraction of their time. */
const LEVEL = constants.Z_BEST_SPEED;
const CHUNK_BYTES = 64 * 1024;

/** The answer as it is sent: what is read, large and not told piece by piece goes out compressed if the client likes. */
export async function compressAnswer({ method, headers }: RequestHead, answer: ApiResponse): Promise<ApiResponse> {
  if (method !== 'GET' || !takesGzip(headers['accept-encoding'])) return answer;
  const { body } = answer;
  switch (body.type) {
    case 'bytes':
      if (body.bytes.length <= THRESHOLD_BYTES) return answer;
      return inGzip(answer, body.contentType, only(body.bytes));
    case 'stream': {
      if (!body.isWhole) return answer;
      // The first chunk of a long list is full: it tells whether there is enough to compress.
      const chunks = body.chunks[Symbol.asyncIterator]();
      const first = await chunks.next();
      const all = resumed(first, chunks);
      if (first.done || first.value.length <= THRESHOLD_BYTES) return { ...answer, body: { ...body, chunks: all } };
      return inGzip(answer, body.contentType, all);
    }
    default:
      return answer;
  }
}

function takesGzip(acceptEncoding: string | undefined): boolean {
  return acceptEncoding?.split(',').some((token) => token.trim() === 'gzip') === true;
}

function inGzip(answer: ApiResponse, contentType: string, chunks: AsyncIterable<Uint8Array>): ApiResponse {
  const vary = [answer.headers['vary'], 'Accept-Encoding'].filter(Boolean).join(', ');
  return {
    status: answer.status,
    headers: { ...answer.headers, 'content-encoding': 'gzip', vary },
    body: { type: 'stream', contentType, chunks: gzipped(chunks) },
  };
}

/** Reads no further ahead than its reader follows; errors of the source reach the reader. */
function gzipped(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gzip = createGzip({ level: LEVEL, chunkSize: CHUNK_BYTES });
  // One chunk ahead, and no more: they are made in the same few buffers in turn.
  const source = Readable.from(chunks, { objectMode: true, highWaterMark: 1 });
  pipeline(source, gzip, () => {}); // Whoever reads is told.
  return gzip;
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* resumed(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
