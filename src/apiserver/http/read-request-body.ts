// Reads a request's body whole, up to the limit that etcd has set for all of Kubernetes.

import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';
import { StatusError } from '../../api/status-error.ts';
import type { RequestBody } from '../../client/transport.ts';

/** Upstream: --max-request-bytes of the API server's body reader. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Undefined for an empty body. Throws StatusError `RequestEntityTooLarge`, and the stream's error when it breaks. */
export function readRequestBody(
  stream: Readable,
  head: { readonly contentType: string; readonly contentLength: number | undefined },
): Promise<RequestBody | undefined> {
  return new Promise((resolve, reject) => {
    const { contentType, contentLength } = head;
    if (contentLength !== undefined && contentLength > MAX_BODY_BYTES) return reject(tooLarge());
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    stream.on('data', (chunk: Uint8Array) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk);
      else {
        stream.pause();
        reject(tooLarge());
      }
    });
    const onClose = () => reject(new Error('the connection closed before the body was complete'));
    stream.once('end', () => {
      stream.off('close', onClose);
      if (sizeBytes === 0) return resolve(undefined);
      const bytes = chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, sizeBytes);
      resolve({ type: 'bytes', contentType, bytes });
    });
    stream.once('error', reject);
    stream.once('close', onClose);
  });
}

function tooLarge(): StatusError {
  return new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`, {
    details: {},
  });
}
