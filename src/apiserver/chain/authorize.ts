// May this user do that?

import type { User } from '../../client/user.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { forbiddenRequest } from '../authorization/forbidden.ts';
import type { RequestInfo } from '../request-info.ts';

/** Throws StatusError `Forbidden`. */
export function authorize(authorizer: Authorizer, user: User, info: RequestInfo): void {
  const decision = authorizer.authorize(user, info);
  if (decision.verdict !== 'allow') throw forbiddenRequest(user, info, decision.reason);
}
