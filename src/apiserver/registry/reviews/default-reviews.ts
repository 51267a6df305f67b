// All reviews, by the plural of their kind.

import type { TokenAuthenticator } from '../../authentication/bearer-token.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { RbacAuthorizer } from '../../authorization/rbac.ts';
import type { Review } from '../handlers.ts';
import { selfSubjectAccessReview, subjectAccessReview } from './access-reviews.ts';
import { selfSubjectReview, tokenReview } from './identity-reviews.ts';
import { selfSubjectRulesReview } from './self-subject-rules-review.ts';

export interface ReviewDeps {
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
  readonly tokens: TokenAuthenticator;
}

export function defaultReviews(
  { authorizer, rbac, tokens }: ReviewDeps,
  options: { readonly audiences: readonly string[] },
): Readonly<Record<string, Review>> {
  return {
    subjectaccessreviews: subjectAccessReview({ authorizer }),
    localsubjectaccessreviews: subjectAccessReview({ authorizer }),
    selfsubjectaccessreviews: selfSubjectAccessReview({ authorizer }),
    selfsubjectrulesreviews: selfSubjectRulesReview({ rbac }),
    tokenreviews: tokenReview({ tokens }, options),
    selfsubjectreviews: selfSubjectReview(),
  };
}
