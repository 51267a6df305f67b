// SelfSubjectAccessReview.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { message, type Read, struct } from '../schema.ts';
import { NonResourceAttributes, ResourceAttributes, SubjectAccessReviewStatus } from './access-attributes.ts';
import { validateSelfSubjectAccessReview } from './access-review-validation.ts';

export const SelfSubjectAccessReviewSpec = struct('authorization.k8s.io/v1.SelfSubjectAccessReviewSpec', {
  resourceAttributes: message(1, ResourceAttributes, { optional: true }),
  nonResourceAttributes: message(2, NonResourceAttributes, { optional: true }),
});
export type SelfSubjectAccessReviewSpec = Read<typeof SelfSubjectAccessReviewSpec>;

const schema = struct('authorization.k8s.io/v1.SelfSubjectAccessReview', {
  metadata: message(1, ObjectMeta),
  spec: message(2, SelfSubjectAccessReviewSpec, { required: true }),
  status: message(3, SubjectAccessReviewStatus),
});
export type SelfSubjectAccessReview = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const SelfSubjectAccessReview = kind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  scope: 'Cluster',
  verbs: ['create'],
  virtual: true,
  schema,
  validate: validateSelfSubjectAccessReview,
});
