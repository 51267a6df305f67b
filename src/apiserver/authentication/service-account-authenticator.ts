// Checks service account tokens: the signature once, and with every request whether what the token rests on is still
// there. Upstream: k8s.io/kubernetes/pkg/serviceaccount (jwt.go, claims.go).

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
import { isIssuedBy, VerifiedTokens } from './verified-tokens.ts';

/** How far clocks may be apart, and how long an object may be deleted before its tokens are. */
const LEEWAY_MS = 60_000;

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
  const verified = new VerifiedTokens(deps.keys, (payload): VerifiedToken => {
    const claims = claimsOf(payload as Parameters<typeof claimsOf>[0]);
    return { claims, user: userOf(claims) };
  });
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
