// Reads answers: bodies into values, failures into StatusError. Used by the client over every transport.

import { STATUS_CODES, StatusError, type StatusReason, statusErrorOf } from '../api/status-error.ts';
import { deepFreeze } from '../base/freeze.ts';
import type { ApiResponse } from './transport.ts';

/** The decoded JSON of an answer (frozen), its text if it is something else, undefined if it is empty. Throws `SyntaxError`. */
export async function responseValue({ body }: ApiResponse): Promise<unknown> {
  switch (body.type) {
    case 'none':
      return undefined;
    case 'object':
      return body.object;
    case 'bytes':
      return decodeBody(body.contentType, body.bytes);
    case 'stream':
      return decodeBody(body.contentType, await collect(body.chunks));
    case 'watch':
      throw new TypeError('a watch has no single value');
    default:
      return body satisfies never;
  }
}

/** The error that a failed answer (400 and above) stands for. */
export async function responseError(response: ApiResponse): Promise<StatusError> {
  const retryAfterSeconds = Number.parseInt(response.headers['retry-after'] ?? '', 10);
  const value = await responseValue(response).catch((error: unknown) => `an answer that cannot be read: ${error}`);
  const error = isStatus(value)
    ? statusErrorOf(value, response.status)
    : new StatusError(reasonOf(response.status), textOf(value, response.status), { code: response.status });
  if (Number.isNaN(retryAfterSeconds) || error.details?.retryAfterSeconds !== undefined) return error;
  return new StatusError(error.reason, error.message, {
    code: error.code,
    details: { ...error.details, retryAfterSeconds },
    ...(error.continueToken === undefined ? {} : { continueToken: error.continueToken }),
  });
}

/** The error that ends a watch. */
export function watchError(object: unknown): StatusError {
  return isStatus(object)
    ? statusErrorOf(object, object.code ?? 500)
    : new StatusError('InternalError', String(object));
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    sizeBytes += chunk.length;
  }
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function decodeBody(contentType: string, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  const text = new TextDecoder().decode(bytes);
  return /^application\/(\S+\+)?json\b/.test(contentType) ? deepFreeze(JSON.parse(text)) : text;
}

function isStatus(value: unknown): value is { kind: 'Status'; code?: number } {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'Status';
}

/** Several reasons share a code: the plainest of them, since the server named none. */
function reasonOf(httpStatus: number): StatusReason | '' {
  if (httpStatus === STATUS_CODES.Conflict) return 'Conflict';
  for (const [reason, code] of Object.entries(STATUS_CODES)) if (code === httpStatus) return reason as StatusReason;
  return '';
}

function textOf(value: unknown, httpStatus: number): string {
  const text = typeof value === 'string' ? value.trim().slice(0, 1024) : '';
  return text === '' ? `the server answered ${httpStatus}` : text;
}
