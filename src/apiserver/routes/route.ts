// What is served besides resources: discovery, health, metrics, OpenAPI. A route looks at a request and answers it, or
// leaves it to the next.

import type { ApiResponse } from '../../client/transport.ts';
import type { User } from '../../client/user.ts';
import type { RequestHead } from '../chain/incoming-request.ts';
import type { RequestInfo } from '../request-info.ts';

export interface RouteRequest {
  readonly info: RequestInfo;
  readonly request: RequestHead;
  readonly user: User;
}

/** Throws StatusError. */
export type Route = (request: RouteRequest) => ApiResponse | Promise<ApiResponse> | undefined;

const encoder = new TextEncoder();

export function textResponse(status: number, text: string, contentType = 'text/plain; charset=utf-8'): ApiResponse {
  return bytesResponse(status, encoder.encode(text), contentType);
}

export function bytesResponse(status: number, bytes: Uint8Array, contentType: string): ApiResponse {
  return { status, headers: {}, body: { type: 'bytes', contentType, bytes } };
}
