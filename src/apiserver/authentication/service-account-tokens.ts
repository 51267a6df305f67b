// Tokens of service accounts: what they say and how they are signed. Checking them is service-account-authenticator.ts;
// asking for one is the action serviceaccounts/token. Upstream: k8s.io/kubernetes/pkg/serviceaccount/claims.go.

import type { JWTPayload } from 'jose';
import { SignJWT } from 'jose/jwt/sign';
import { underWay } from '../../base/under-way.ts';
import type { ServiceAccountKey } from './service-account-keys.ts';

/** An object with its uid, as tokens name it. */
export interface ClaimReference {
  readonly name: string;
  readonly uid?: string;
}

/** The payload of a token. Times are seconds since the epoch. */
export interface TokenClaims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly iss: string;
  readonly jti: string;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly node?: ClaimReference;
    readonly pod?: ClaimReference;
    readonly secret?: ClaimReference;
    readonly serviceaccount: ClaimReference;
    /** When whoever still uses the token should be warned: it was meant to end then. */
    readonly warnafter?: number;
  };
  readonly nbf: number;
  readonly sub: string;
}

export interface TokenSubject {
  readonly namespace: string;
  readonly account: ClaimReference;
  /** What the token is bound to; it dies with it. A pod brings its node along. */
  readonly pod?: ClaimReference;
  readonly node?: ClaimReference;
  readonly secret?: ClaimReference;
}

export interface TokenTerms {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly id: string;
  readonly nowMs: number;
  readonly expirationSeconds: number;
  readonly warnAfterSeconds?: number;
}

export function tokenClaims(subject: TokenSubject, terms: TokenTerms): TokenClaims {
  const { namespace, account, pod, node, secret } = subject;
  const now = Math.floor(terms.nowMs / 1000);
  return {
    aud: terms.audiences,
    exp: now + terms.expirationSeconds,
    iat: now,
    iss: terms.issuer,
    jti: terms.id,
    'kubernetes.io': {
      namespace,
      ...(node ? { node } : {}),
      ...(pod ? { pod } : {}),
      ...(secret ? { secret } : {}),
      serviceaccount: account,
      ...(terms.warnAfterSeconds === undefined ? {} : { warnafter: now + terms.warnAfterSeconds }),
    },
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${account.name}`,
  };
}

export function signToken(key: ServiceAccountKey, claims: TokenClaims): Promise<string> {
  return sign(key, { ...claims, aud: [...claims.aud] });
}

/** Who issues the tokens that are kept in Secrets. */
export const LEGACY_ISSUER = 'kubernetes/serviceaccount';

/** The payload of a token that is kept in a Secret. It is good for as long as that holds it. */
export interface LegacyTokenClaims {
  readonly iss: typeof LEGACY_ISSUER;
  readonly 'kubernetes.io/serviceaccount/namespace': string;
  readonly 'kubernetes.io/serviceaccount/secret.name': string;
  readonly 'kubernetes.io/serviceaccount/service-account.name': string;
  readonly 'kubernetes.io/serviceaccount/service-account.uid': string;
  readonly sub: string;
}

export function signLegacyToken(
  key: ServiceAccountKey,
  { namespace, account, secret }: { namespace: string; account: Required<ClaimReference>; secret: string },
): Promise<string> {
  const claims: LegacyTokenClaims = {
    iss: LEGACY_ISSUER,
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': secret,
    'kubernetes.io/serviceaccount/service-account.name': account.name,
    'kubernetes.io/serviceaccount/service-account.uid': account.uid,
    sub: `system:serviceaccount:${namespace}:${account.name}`,
  };
  return sign(key, { ...claims });
}

function sign(key: ServiceAccountKey, payload: JWTPayload): Promise<string> {
  const unsigned = new SignJWT(payload).setProtectedHeader({ alg: key.algorithm, kid: key.id });
  return underWay(unsigned.sign(key.privateKey));
}
