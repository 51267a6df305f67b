// Several authenticators as one. Upstream: k8s.io/apiserver/pkg/authentication/request/union.

import { isStatusError } from '../../api/status-error.ts';
import type { Authenticator } from './authenticator.ts';
import { reasonOf, unauthorized } from './unauthorized.ts';

/**
 * The user that the first of them finds. Bad credentials of one kind do not spoil good ones of another; they count when
 * there are no others.
 */
export function authenticatorUnion(authenticators: readonly Authenticator[]): Authenticator {
  return {
    async authenticate(credentials) {
      const reasons: string[] = [];
      for (const authenticator of authenticators) {
        try {
          const user = await authenticator.authenticate(credentials);
          if (user) return user;
        } catch (error) {
          if (!isStatusError(error, 'Unauthorized')) throw error;
          reasons.push(reasonOf(error));
        }
      }
      if (reasons.length === 0) return undefined;
      throw unauthorized(reasons.length === 1 ? reasons[0]! : `[${reasons.join(', ')}]`);
    },
  };
}
