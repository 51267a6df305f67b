// The part of a request that comes before its body, in the form the chain reads.

import type { IncomingHttpHeaders } from 'node:http';
import { StatusError } from '../../api/status-error.ts';
import type { Method } from '../../client/transport.ts';
import type { RequestHead } from '../chain/incoming-request.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
const NO_QUERY = new URLSearchParams();

/** Undefined for a method that the API does not know. */
export function requestHead(method: string, target: string, headers: IncomingHttpHeaders): RequestHead | undefined {
  if (!METHODS.has(method)) return undefined;
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? NO_QUERY : new URLSearchParams(target.slice(mark + 1));
  return { method: method as Method, path, query, headers: plainHeaders(headers) };
}

export function unknownMethod(): StatusError {
  const why = 'the server does not allow this method on the requested resource';
  return new StatusError('MethodNotAllowed', why, { details: {} });
}

/** Without HTTP/2's pseudo headers; what was sent several times is joined. */
function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || name.charCodeAt(0) === 0x3a) continue;
    plain[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return plain;
}
