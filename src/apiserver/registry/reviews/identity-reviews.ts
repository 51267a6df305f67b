// TokenReview and SelfSubjectReview: whose token is this, and who am I? Upstream:
// k8s.io/kubernetes/pkg/registry/authentication.

import type { TokenReview, TokenReviewStatus } from '../../../api/authentication/token-review.ts';
import { badRequest } from '../../../api/status-error.ts';
import { messageOf } from '../../../base/message-of.ts';
import { userInfoOf } from '../../../client/user.ts';
import type { TokenAuthenticator } from '../../authentication/bearer-token.ts';
import type { Review } from '../handlers.ts';

/** `audiences`: the server's own, for reviews that name none. */
export function tokenReview(
  { tokens }: { readonly tokens: TokenAuthenticator },
  { audiences: ownAudiences }: { readonly audiences: readonly string[] },
): Review {
  return async (object) => {
    const { token, audiences } = (object as unknown as TokenReview).spec;
    if (!token) throw badRequest('token is required for TokenReview in authentication');
    return { ...object, status: await review(tokens, token, audiences?.length ? audiences : ownAudiences) };
  };
}

export function selfSubjectReview(): Review {
  return async (object, { user }) => ({ ...object, status: { userInfo: userInfoOf(user) } });
}

async function review(
  tokens: TokenAuthenticator,
  token: string,
  audiences: readonly string[],
): Promise<TokenReviewStatus> {
  try {
    const found = await tokens.authenticateToken(token, audiences);
    if (!found) return { user: {}, error: 'invalid bearer token' };
    return { authenticated: true, user: userInfoOf(found.user), audiences: found.audiences };
  } catch (error) {
    return { user: {}, error: messageOf(error) };
  }
}
