// SubjectAccessReview.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { message, struct } from '../schema.ts';
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from './access-attributes.ts';
import { validateSubjectAccessReview } from './access-review-validation.ts';

const schema = struct('authorization.k8s.io/v1.SubjectAccessReview', {
  metadata: message(1, ObjectMeta),
  spec: message(2, SubjectAccessReviewSpec, { required: true }),
  status: message(3, SubjectAccessReviewStatus),
});
export type SubjectAccessReview = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const SubjectAccessReview = kind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  scope: 'Cluster',
  verbs: ['create'],
  virtual: true,
  schema,
  validate: validateSubjectAccessReview,
});
