// LocalSubjectAccessReview.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { message, struct } from '../schema.ts';
import { SubjectAccessReviewSpec, SubjectAccessReviewStatus } from './access-attributes.ts';

export const LocalSubjectAccessReview = kind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  scope: 'Namespaced',
  verbs: ['create'],
  virtual: true,
  schema: struct('authorization.k8s.io/v1.LocalSubjectAccessReview', {
    metadata: message(1, ObjectMeta),
    spec: message(2, SubjectAccessReviewSpec, { required: true }),
    status: message(3, SubjectAccessReviewStatus),
  }),
});
export type LocalSubjectAccessReview = ObjectOf<typeof LocalSubjectAccessReview>;
