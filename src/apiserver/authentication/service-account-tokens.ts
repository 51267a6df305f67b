// Tokens of service accounts: what they say and how they are signed. Checking them is service-account-authenticator.ts;
// asking for one is the action serviceaccounts/token. Upstream: k8s.io/kubernetes/pkg/serviceaccount/claims.go.

import { SignJWT } from 'jose/jwt/sign';
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
  const token = new SignJWT({ ...claims, aud: [...claims.aud] });
  return token.setProtectedHeader({ alg: key.algorithm, kid: key.id }).sign(key.privateKey);
}
