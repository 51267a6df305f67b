// SelfSubjectRulesReview.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, list, message, type Read, string, struct } from '../schema.ts';

export const SelfSubjectRulesReviewSpec = struct('authorization.k8s.io/v1.SelfSubjectRulesReviewSpec', {
  namespace: string(1),
});
export type SelfSubjectRulesReviewSpec = Read<typeof SelfSubjectRulesReviewSpec>;

export const ResourceRule = struct('authorization.k8s.io/v1.ResourceRule', {
  verbs: list(1, 'string', { required: true, list: 'atomic' }),
  apiGroups: list(2, 'string', { list: 'atomic' }),
  resources: list(3, 'string', { list: 'atomic' }),
  resourceNames: list(4, 'string', { list: 'atomic' }),
});
export type ResourceRule = Read<typeof ResourceRule>;

export const NonResourceRule = struct('authorization.k8s.io/v1.NonResourceRule', {
  verbs: list(1, 'string', { required: true, list: 'atomic' }),
  nonResourceURLs: list(2, 'string', { list: 'atomic' }),
});
export type NonResourceRule = Read<typeof NonResourceRule>;

export const SubjectRulesReviewStatus = struct('authorization.k8s.io/v1.SubjectRulesReviewStatus', {
  resourceRules: list(1, ResourceRule, { required: true, list: 'atomic' }),
  nonResourceRules: list(2, NonResourceRule, { required: true, list: 'atomic' }),
  incomplete: bool(3, { required: true }),
  evaluationError: string(4),
});
export type SubjectRulesReviewStatus = Read<typeof SubjectRulesReviewStatus>;

export const SelfSubjectRulesReview = kind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  scope: 'Cluster',
  verbs: ['create'],
  virtual: true,
  schema: struct('authorization.k8s.io/v1.SelfSubjectRulesReview', {
    metadata: message(1, ObjectMeta),
    spec: message(2, SelfSubjectRulesReviewSpec, { required: true }),
    status: message(3, SubjectRulesReviewStatus),
  }),
});
export type SelfSubjectRulesReview = ObjectOf<typeof SelfSubjectRulesReview>;
