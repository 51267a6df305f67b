// SelfSubjectReview.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { message, type Read, struct } from '../schema.ts';
import { UserInfo } from './user-info.ts';

export const SelfSubjectReviewStatus = struct('authentication.k8s.io/v1.SelfSubjectReviewStatus', {
  userInfo: message(1, UserInfo),
});
export type SelfSubjectReviewStatus = Read<typeof SelfSubjectReviewStatus>;

export const SelfSubjectReview = kind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  scope: 'Cluster',
  verbs: ['create'],
  virtual: true,
  schema: struct('authentication.k8s.io/v1.SelfSubjectReview', {
    metadata: message(1, ObjectMeta),
    status: message(2, SelfSubjectReviewStatus),
  }),
});
export type SelfSubjectReview = ObjectOf<typeof SelfSubjectReview>;
