// SubjectAccessReview.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { message, struct } from '../schema.ts';
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from './access-attributes.ts';

export const SubjectAccessReview = kind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  scope: 'Cluster',
  verbs: ['create'],
  virtual: true,
  schema: struct('authorization.k8s.io/v1.SubjectAccessReview', {
    metadata: message(1, ObjectMeta),
    spec: message(2, SubjectAccessReviewSpec, { required: true }),
    status: message(3, SubjectAccessReviewStatus),
  }),
});
export type SubjectAccessReview = ObjectOf<typeof SubjectAccessReview>;
