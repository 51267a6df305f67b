// TokenReview.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { bool, list, message, type Read, string, struct } from '../schema.ts';
import { UserInfo } from './user-info.ts';

export const TokenReviewSpec = struct('authentication.k8s.io/v1.TokenReviewSpec', {
  token: string(1, { required: true, omit: 'empty' }),
  audiences: list(2, 'string', { list: 'atomic' }),
});
export type TokenReviewSpec = Read<typeof TokenReviewSpec>;

export const TokenReviewStatus = struct('authentication.k8s.io/v1.TokenReviewStatus', {
  authenticated: bool(1),
  user: message(2, UserInfo),
  audiences: list(4, 'string', { list: 'atomic' }),
  error: string(3),
});
export type TokenReviewStatus = Read<typeof TokenReviewStatus>;

export const TokenReview = kind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  scope: 'Cluster',
  verbs: ['create'],
  virtual: true,
  schema: struct('authentication.k8s.io/v1.TokenReview', {
    metadata: message(1, ObjectMeta),
    spec: message(2, TokenReviewSpec, { required: true }),
    status: message(3, TokenReviewStatus),
  }),
});
export type TokenReview = ObjectOf<typeof TokenReview>;
