// A request to a resource, as the verbs see it: known who makes it, and allowed.

import type { RequestBody } from '../../client/transport.ts';
import type { User } from '../../client/user.ts';
import type { Resource } from '../registry/resource.ts';
import type { RequestInfo } from '../request-info.ts';
import type { RequestHead } from './incoming-request.ts';
import type { RequestLifetime } from './request-lifetime.ts';

export interface Call {
  readonly request: RequestHead;
  readonly body: RequestBody | undefined;
  readonly info: RequestInfo;
  readonly resource: Resource;
  readonly user: User;
  readonly lifetime: RequestLifetime;
  /** Has a text for the client's `Warning` headers. */
  warn(text: string): void;
}
