// Types of authorization that v1.36 knows and serves nothing as unless it is told to.

import {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewStatus,
} from '../../../src/api/authorization/access-attributes.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { list, map, message, string, struct } from '../../../src/api/schema.ts';

const SubjectAccessReviewSpec = struct('authorization.k8s.io/v1beta1.SubjectAccessReviewSpec', {
  resourceAttributes: message(1, ResourceAttributes, { optional: true }),
  nonResourceAttributes: message(2, NonResourceAttributes, { optional: true }),
  user: string(3),
  group: list(4, 'string'),
  extra: map(5, 'stringList'),
  uid: string(6),
});

const LocalSubjectAccessReview = struct('authorization.k8s.io/v1beta1.LocalSubjectAccessReview', {
  metadata: message(1, ObjectMeta),
  spec: message(2, SubjectAccessReviewSpec),
  status: message(3, SubjectAccessReviewStatus),
});

export const AUTHORIZATION_TYPES: readonly ObjectType[] = [
  {
    group: 'authorization.k8s.io',
    version: 'v1beta1',
    kind: 'LocalSubjectAccessReview',
    schema: LocalSubjectAccessReview,
  },
  { group: 'authorization.k8s.io', version: 'v1beta1', kind: 'SubjectAccessReview', schema: LocalSubjectAccessReview },
];
