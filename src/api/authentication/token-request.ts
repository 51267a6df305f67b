// Token request.

import { ObjectMeta } from '../meta/object-meta.ts';
import { int64, list, message, type Read, string, struct, time } from '../schema.ts';

export const BoundObjectReference = struct('authentication.k8s.io/v1.BoundObjectReference', {
  kind: string(1),
  apiVersion: string(2),
  name: string(3),
  uid: string(4),
});
export type BoundObjectReference = Read<typeof BoundObjectReference>;

export const TokenRequestSpec = struct('authentication.k8s.io/v1.TokenRequestSpec', {
  audiences: list(1, 'string', { omit: 'never', list: 'atomic' }),
  expirationSeconds: int64(4, { optional: true, omit: 'never', defaultsTo: 3600 }),
  boundObjectRef: message(3, BoundObjectReference, { optional: true, omit: 'never' }),
});
export type TokenRequestSpec = Read<typeof TokenRequestSpec>;

export const TokenRequestStatus = struct('authentication.k8s.io/v1.TokenRequestStatus', {
  token: string(1, { omit: 'never' }),
  expirationTimestamp: time(2, { omit: 'never' }),
});
export type TokenRequestStatus = Read<typeof TokenRequestStatus>;

export const TokenRequest = struct('authentication.k8s.io/v1.TokenRequest', {
  metadata: message(1, ObjectMeta),
  spec: message(2, TokenRequestSpec, { omit: 'never' }),
  status: message(3, TokenRequestStatus),
});
export type TokenRequest = Read<typeof TokenRequest>;
