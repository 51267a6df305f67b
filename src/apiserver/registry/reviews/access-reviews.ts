// SubjectAccessReview, LocalSubjectAccessReview and SelfSubjectAccessReview: may somebody do something? Upstream:
// k8s.io/kubernetes/pkg/registry/authorization.

import type { SubjectAccessReviewStatus } from '../../../api/authorization/access-attributes.ts';
import { LocalSubjectAccessReview } from '../../../api/authorization/local-subject-access-review.ts';
import { SelfSubjectAccessReview } from '../../../api/authorization/self-subject-access-review.ts';
import { SubjectAccessReview } from '../../../api/authorization/subject-access-review.ts';
import { type FieldError, fieldError } from '../../../api/field-error.ts';
import type { Kind } from '../../../api/kind.ts';
import { badRequest, invalid } from '../../../api/status-error.ts';
import type { User } from '../../../client/user.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { Review } from '../handlers.ts';
import { type AccessQuestion, metadataErrors, questionErrors, requestOf, subjectErrors } from './access-question.ts';

interface AuthorizerDeps {
  readonly authorizer: Authorizer;
}

export function subjectAccessReview(deps: AuthorizerDeps): Review {
  return async (object) => {
    const { spec } = object as unknown as SubjectAccessReview;
    refuse(SubjectAccessReview, [...questionErrors(spec), ...subjectErrors(spec), ...metadataErrors(object)]);
    return { ...object, status: judge(deps, subjectOf(spec), spec) };
  };
}

export function localSubjectAccessReview(deps: AuthorizerDeps): Review {
  return async (object, { namespace }) => {
    const { spec } = object as unknown as LocalSubjectAccessReview;
    refuse(LocalSubjectAccessReview, [
      ...questionErrors(spec),
      ...subjectErrors(spec),
      ...metadataErrors(object, ['namespace']),
      ...(spec.nonResourceAttributes ? [notForLocal()] : []),
    ]);
    if ((spec.resourceAttributes?.namespace ?? '') !== namespace) {
      throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
    }
    return { ...object, status: judge(deps, subjectOf(spec), spec) };
  };
}

export function selfSubjectAccessReview(deps: AuthorizerDeps): Review {
  return async (object, { user }) => {
    const { spec } = object as unknown as SelfSubjectAccessReview;
    refuse(SelfSubjectAccessReview, [...questionErrors(spec), ...metadataErrors(object)]);
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

function notForLocal(): FieldError {
  return fieldError.forbidden('spec.nonResourceAttributes', 'disallowed on this kind of request');
}

function refuse(kind: Kind, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(kind, '', errors);
}
