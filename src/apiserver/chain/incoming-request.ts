// A request as it arrives: the body is read only when somebody has been found who may send it.

import type { ApiRequest, RequestBody } from '../../client/transport.ts';
import { RequestLifetime } from './request-lifetime.ts';

/** What a request says before its body. */
export type RequestHead = Omit<ApiRequest, 'body' | 'signal'>;

export interface IncomingRequest {
  readonly head: RequestHead;
  readonly lifetime: RequestLifetime;
  /** The answer goes out as it is made: whoever reads its chunks has used one up when it asks for the next but two. */
  readonly sendsInTurn?: true;
  /** Throws StatusError `RequestEntityTooLarge`. */
  readBody(): Promise<RequestBody | undefined>;
}

/** A request whose body is there. */
export function incoming(request: ApiRequest): IncomingRequest {
  const { body, signal } = request;
  return { head: request, lifetime: new RequestLifetime(signal), readBody: async () => body };
}
