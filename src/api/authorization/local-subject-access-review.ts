// LocalSubjectAccessReview.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { message, struct } from '../schema.ts';
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from './access-attributes.ts';
import { validateLocalSubjectAccessReview } from './access-review-validation.ts';

const schema = struct('authorization.k8s.io/v1.LocalSubjectAccessReview', {
  metadata: message(1, ObjectMeta),
  spec: message(2, SubjectAccessReviewSpec, { required: true }),
  status: message(3, SubjectAccessReviewStatus),
});
export type LocalSubjectAccessReview = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const LocalSubjectAccessReview = kind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  scope: 'Namespaced',
  verbs: ['create'],
  virtual: true,
  schema,
  validate: validateLocalSubjectAccessReview,
});
