// Access attributes.

import { FieldSelectorRequirement, LabelSelectorRequirement } from '../meta/label-selector.ts';
import { bool, list, map, message, type Read, string, struct } from '../schema.ts';

export const FieldSelectorAttributes = struct('authorization.k8s.io/v1.FieldSelectorAttributes', {
  rawSelector: string(1),
  requirements: list(2, FieldSelectorRequirement, { list: 'atomic' }),
});
export type FieldSelectorAttributes = Read<typeof FieldSelectorAttributes>;

export const LabelSelectorAttributes = struct('authorization.k8s.io/v1.LabelSelectorAttributes', {
  rawSelector: string(1),
  requirements: list(2, LabelSelectorRequirement, { list: 'atomic' }),
});
export type LabelSelectorAttributes = Read<typeof LabelSelectorAttributes>;

export const ResourceAttributes = struct('authorization.k8s.io/v1.ResourceAttributes', {
  namespace: string(1),
  verb: string(2),
  group: string(3),
  version: string(4),
  resource: string(5),
  subresource: string(6),
  name: string(7),
  fieldSelector: message(8, FieldSelectorAttributes, { optional: true }),
  labelSelector: message(9, LabelSelectorAttributes, { optional: true }),
});
export type ResourceAttributes = Read<typeof ResourceAttributes>;

export const NonResourceAttributes = struct('authorization.k8s.io/v1.NonResourceAttributes', {
  path: string(1),
  verb: string(2),
});
export type NonResourceAttributes = Read<typeof NonResourceAttributes>;

export const SubjectAccessReviewSpec = struct('authorization.k8s.io/v1.SubjectAccessReviewSpec', {
  resourceAttributes: message(1, ResourceAttributes, { optional: true }),
  nonResourceAttributes: message(2, NonResourceAttributes, { optional: true }),
  user: string(3),
  groups: list(4, 'string', { list: 'atomic' }),
  extra: map(5, 'stringList'),
  uid: string(6),
});
export type SubjectAccessReviewSpec = Read<typeof SubjectAccessReviewSpec>;

export const SubjectAccessReviewStatus = struct('authorization.k8s.io/v1.SubjectAccessReviewStatus', {
  allowed: bool(1, { required: true }),
  denied: bool(4),
  reason: string(2),
  evaluationError: string(3),
});
export type SubjectAccessReviewStatus = Read<typeof SubjectAccessReviewStatus>;
