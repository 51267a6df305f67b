// A request as it arrives: the body is read only when somebody has been found who may send it.

import type { ApiRequest, RequestBody } from '../../client/transport.ts';

export interface IncomingRequest extends Omit<ApiRequest, 'body'> {
  /** Throws StatusError `RequestEntityTooLarge`. */
  readBody(): Promise<RequestBody | undefined>;
}

/** A request whose body is there. */
export function incoming({ body, ...request }: ApiRequest): IncomingRequest {
  return { ...request, readBody: async () => body };
}
