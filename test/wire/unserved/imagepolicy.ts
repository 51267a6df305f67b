// What is posted to image policy webhooks; it is served nowhere.

import type { ObjectType } from '../../../src/api/decode-object.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { bool, list, map, message, string, struct } from '../../../src/api/schema.ts';

const ImageReviewContainerSpec = struct('imagepolicy.k8s.io/v1alpha1.ImageReviewContainerSpec', {
  image: string(1),
});

const ImageReviewSpec = struct('imagepolicy.k8s.io/v1alpha1.ImageReviewSpec', {
  containers: list(1, ImageReviewContainerSpec),
  annotations: map(2, 'string'),
  namespace: string(3),
});

const ImageReviewStatus = struct('imagepolicy.k8s.io/v1alpha1.ImageReviewStatus', {
  allowed: bool(1, { omit: 'never' }),
  reason: string(2),
  auditAnnotations: map(3, 'string'),
});

const ImageReview = struct('imagepolicy.k8s.io/v1alpha1.ImageReview', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ImageReviewSpec),
  status: message(3, ImageReviewStatus),
});

export const IMAGEPOLICY_TYPES: readonly ObjectType[] = [
  { group: 'imagepolicy.k8s.io', version: 'v1alpha1', kind: 'ImageReview', schema: ImageReview },
];
