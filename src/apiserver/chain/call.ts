// A request to a resource, as the verbs see it: known who makes it, and allowed.

import type { ApiRequest } from '../../client/transport.ts';
import type { User } from '../../client/user.ts';
import type { Resource } from '../registry/resource.ts';
import type { RequestInfo } from '../request-info.ts';

export interface Call {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly resource: Resource;
  readonly user: User;
  /** The caller has gone, or its time is up. */
  readonly signal: AbortSignal;
  /** Has a text for the client's `Warning` headers. */
  warn(text: string): void;
}
