// Several authorizers as one, and the one for superusers. Upstream: k8s.io/apiserver/pkg/authorization/union and
// authorizerfactory.NewPrivilegedGroups.

import type { Authorizer } from './authorizer.ts';

/** Members of it may do everything, whatever the roles say. */
export const SUPERUSER_GROUP = 'system:masters';

/** Asks one after the other until one allows or denies; otherwise their reasons are joined, one a line. */
export function authorizerUnion(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(user, request) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = authorizer.authorize(user, request);
        if (decision.verdict !== 'noOpinion') return decision;
        if (decision.reason !== '') reasons.push(decision.reason);
      }
      return { verdict: 'noOpinion', reason: reasons.join('\n') };
    },
  };
}

export const superuserAuthorizer: Authorizer = {
  authorize: (user) => ({ verdict: user.groups.includes(SUPERUSER_GROUP) ? 'allow' : 'noOpinion', reason: '' }),
};
