// Checks service account tokens: the signature once, and with every request whether what the token rests on is still
// there. Upstream: k8s.io/kubernetes/pkg/serviceaccount (jwt.go, claims.go).

import { encode } from 'jose/base64url';
import { compactVerify } from 'jose/jws/compact/verify';
import { decodeJwt } from 'jose/jwt/decode';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { timeToMs } from '../../api/time.ts';
import type { Clock } from '../../base/clock.ts';
import { serviceAccountUser, type User } from '../../client/user.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AuthenticatedToken, TokenAuthenticator } from './bearer-token.ts';
import type { ServiceAccountKey } from './service-account-keys.ts';
import type { ClaimReference, TokenClaims } from './service-account-tokens.ts';

/** How far clocks may be apart, and how long an object may be deleted before its tokens are. */
const LEEWAY_MS = 60_000;

/** How many tokens' signatures are remembered. */
const MAX_VERIFIED_TOKENS = 8192;

export interface ServiceAccountAuthenticatorDeps {
  readonly objects: ObjectReader;
  readonly clock: Clock;
  readonly keys: readonly ServiceAccountKey[];
}

export interface ServiceAccountAuthenticatorOptions {
  readonly issuer: string;
  /** The server's own audiences: what a token without any is meant for. */
  readonly audiences: readonly string[];
}

export function serviceAccountAuthenticator(
  deps: ServiceAccountAuthenticatorDeps,
  { issuer, audiences: ownAudiences }: ServiceAccountAuthenticatorOptions,
): TokenAuthenticator {
  const verified = new VerifiedTokens(deps.keys);
  return {
    async authenticateToken(token, audiences): Promise<AuthenticatedToken | undefined> {
      if (!isIssuedBy(token, issuer)) return undefined;
      const { claims, user } = await verified.get(token);
      const meantFor = claims.aud.length > 0 ? claims.aud : ownAudiences;
      const common = meantFor.filter((audience) => audiences.includes(audience));
      if (common.length === 0) {
        const [are, wanted] = [meantFor, audiences].map((list) => JSON.stringify(list).replaceAll(',', ' '));
        throw new Error(`token audiences ${are} is invalid for the target audiences ${wanted}`);
      }
      checkClaims(deps, claims);
      return { user, audiences: common };
    },
  };
}

/** Throws an Error unless it is the token's time and everything it is bound to exists. */
export function checkClaims(
  { objects, clock }: Pick<ServiceAccountAuthenticatorDeps, 'objects' | 'clock'>,
  { exp, nbf, 'kubernetes.io': bound }: TokenClaims,
): void {
  const nowMs = clock.now();
  if (nowMs - LEEWAY_MS > exp * 1000) throw new Error('service account token has expired');
  if (nowMs + LEEWAY_MS < nbf * 1000) throw new Error('service account token is not valid yet');
  const { namespace, serviceaccount, secret, pod, node } = bound;
  const isGone = ({ metadata }: { metadata: { deletionTimestamp?: string } }) =>
    metadata.deletionTimestamp !== undefined && timeToMs(metadata.deletionTimestamp) < nowMs - LEEWAY_MS;

  const account = objects.get(ServiceAccount, { namespace, name: serviceaccount.name });
  if (!account) throw new Error(`serviceaccounts ${JSON.stringify(serviceaccount.name)} not found`);
  if (isGone(account)) throw new Error(`service account ${namespace}/${serviceaccount.name} has been deleted`);
  if (account.metadata.uid !== serviceaccount.uid) {
    throw new Error(`service account UID (${account.metadata.uid}) does not match claim (${serviceaccount.uid})`);
  }
  const check = (
    word: string,
    object: (Parameters<typeof isGone>[0] & { metadata: { uid: string } }) | undefined,
    claim: ClaimReference,
  ) => {
    if (!object || isGone(object)) throw new Error('service account token has been invalidated');
    if (object.metadata.uid === claim.uid) return;
    const lower = word.toLowerCase();
    throw new Error(
      `${word} UID (${object.metadata.uid}) does not match service account ${lower} ref claim (${claim.uid})`,
    );
  };
  if (secret) check('secret', objects.get(Secret, { namespace, name: secret.name }), secret);
  if (pod) check('pod', objects.get(Pod, { namespace, name: pod.name }), pod);
  // The node of a pod's token is there for information; the pod is what counts.
  else if (node) check('node', objects.get(Node, { name: node.name }), node);
}

interface VerifiedToken {
  readonly claims: TokenClaims;
  /** Made once, so that whoever remembers something by user finds it again. */
  readonly user: User;
}

/** Tokens whose signature has been found good, by their hash; the oldest is forgotten first. */
class VerifiedTokens {
  readonly #keys: ReadonlyMap<string, ServiceAccountKey>;
  readonly #tokens = new Map<string, VerifiedToken>();

  constructor(keys: readonly ServiceAccountKey[]) {
    this.#keys = new Map(keys.map((key) => [key.id, key]));
  }

  /** Throws an Error for a bad signature. */
  async get(token: string): Promise<VerifiedToken> {
    const hash = await hashOf(token);
    const known = this.#tokens.get(hash);
    if (known) return known;
    const claims = await this.#verify(token);
    const oldest = this.#tokens.keys().next();
    if (this.#tokens.size >= MAX_VERIFIED_TOKENS && !oldest.done) this.#tokens.delete(oldest.value);
    const found = { claims, user: userOf(claims) };
    this.#tokens.set(hash, found);
    return found;
  }

  async #verify(token: string): Promise<TokenClaims> {
    try {
      const { payload } = await compactVerify(token, ({ kid, alg }) => this.#keyFor(kid, alg));
      return claimsOf(JSON.parse(new TextDecoder().decode(payload)));
    } catch (error) {
      throw new Error('invalid bearer token', { cause: error });
    }
  }

  /** Only the algorithm that the key is for: what the token's header says is not to be trusted. */
  #keyFor(id: string | undefined, algorithm: string | undefined) {
    const key = id === undefined ? undefined : this.#keys.get(id);
    if (!key || key.algorithm !== algorithm) throw new Error('the token is signed with an unknown key');
    return key.publicKey;
  }
}

/** Whether the token, not verified yet, says to be from the issuer: others may know what to make of it. */
function isIssuedBy(token: string, issuer: string): boolean {
  try {
    return decodeJwt(token).iss === issuer;
  } catch {
    return false; // No JWT at all.
  }
}

/** Throws for a payload that has the right signature and is no token of a service account all the same. */
function claimsOf(payload: Partial<TokenClaims> & { aud?: string | readonly string[] }): TokenClaims {
  const bound = payload['kubernetes.io'];
  if (typeof payload.exp !== 'number' || !bound?.namespace || !bound.serviceaccount?.name) {
    throw new Error('the token is none of a service account');
  }
  const aud = typeof payload.aud === 'string' ? [payload.aud] : (payload.aud ?? []);
  return { ...payload, nbf: payload.nbf ?? 0, aud } as TokenClaims;
}

function userOf({ jti, 'kubernetes.io': { namespace, serviceaccount, pod, node } }: TokenClaims): User {
  const extra: Record<string, readonly string[]> = {};
  const add = (key: string, value: string | undefined) => {
    if (value) extra[`authentication.kubernetes.io/${key}`] = [value];
  };
  add('pod-name', pod?.name);
  add('pod-uid', pod?.uid);
  add('node-name', node?.name);
  add('node-uid', node?.uid);
  add('credential-id', jti && `JTI=${jti}`);
  return { ...serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid), extra };
}

async function hashOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return encode(new Uint8Array(digest));
}
