// SubjectAccessReview, LocalSubjectAccessReview and SelfSubjectAccessReview: may somebody do something? Upstream:
// k8s.io/kubernetes/pkg/registry/authorization.

import type { SubjectAccessReviewStatus } from '../../../api/authorization/access-attributes.ts';
import type { SelfSubjectAccessReview } from '../../../api/authorization/self-subject-access-review.ts';
import type { SubjectAccessReview } from '../../../api/authorization/subject-access-review.ts';
import type { User } from '../../../client/user.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { Review } from '../handlers.ts';
import { type AccessQuestion, requestOf } from './access-question.ts';

interface AuthorizerDeps {
  readonly authorizer: Authorizer;
}

/** Also of the local ones, which ask the same of one namespace. */
export function subjectAccessReview(deps: AuthorizerDeps): Review {
  return async (object) => {
    const { spec } = object as unknown as SubjectAccessReview;
    return { ...object, status: judge(deps, subjectOf(spec), spec) };
  };
}

export function selfSubjectAccessReview(deps: AuthorizerDeps): Review {
  return async (object, { user }) => {
    const { spec } = object as unknown as SelfSubjectAccessReview;
    return { ...object, status: judge(deps, user, spec) };
  };
}

function judge({ authorizer }: AuthorizerDeps, user: User, question: AccessQuestion): SubjectAccessReviewStatus {
  const { verdict, reason } = authorizer.authorize(user, requestOf(question));
  return {
    allowed: verdict === 'allow',
    ...(verdict === 'deny' ? { denied: true } : {}),
    ...(reason === '' ? {} : { reason }),
  };
}

function subjectOf({ user, uid, groups, extra }: SubjectAccessReview['spec']): User {
  return { name: user ?? '', uid: uid || undefined, groups: groups ?? [], extra: extra ?? {} };
}
