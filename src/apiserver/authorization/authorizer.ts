// The contract of authorization: may this user do that?

import type { User } from '../../client/user.ts';
import type { RequestInfo } from '../request-info.ts';

export type Decision =
  | { readonly verdict: 'allow'; readonly reason: string }
  /** Ends the question: later authorizers are not asked. */
  | { readonly verdict: 'deny'; readonly reason: string }
  | { readonly verdict: 'noOpinion'; readonly reason: string };

export interface Authorizer {
  /** Synchronous: decisions are made from what is in memory. */
  authorize(user: User, request: RequestInfo): Decision;
}
