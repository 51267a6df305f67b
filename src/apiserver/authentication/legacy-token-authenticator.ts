// Checks tokens that are kept in Secrets: each is good as long as its Secret and its account are there and hold to it. When
// one was last used is noted on its Secret, by the day, for those who clean up. Upstream: pkg/serviceaccount/legacy.go.

import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { dayOf, INVALID_SINCE_LABEL, LAST_USED_LABEL } from '../../api/core/token-secret.ts';
import { encodeBase64 } from '../../base/base64.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import { serviceAccountUser, type User } from '../../client/user.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { TokenAuthenticator } from './bearer-token.ts';
import type { ServiceAccountKey } from './service-account-keys.ts';
import { LEGACY_ISSUER, type LegacyTokenClaims } from './service-account-tokens.ts';
import { isIssuedBy, VerifiedTokens } from './verified-tokens.ts';

const DAY_MS = 86_400_000;

export interface LegacyTokenAuthenticatorDeps {
  readonly objects: ObjectReader;
  /** May label Secrets. */
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly keys: readonly ServiceAccountKey[];
}

interface LegacyToken {
  readonly namespace: string;
  readonly account: { readonly name: string; readonly uid: string };
  readonly secret: string;
  /** Made once, so that whoever remembers something by user finds it again. */
  readonly user: User;
}

/** Such tokens say nothing of audiences: they are for the server's own. */
export function legacyTokenAuthenticator(
  deps: LegacyTokenAuthenticatorDeps,
  { audiences: ownAudiences }: { readonly audiences: readonly string[] },
): TokenAuthenticator {
  const verified = new VerifiedTokens(deps.keys, tokenOf);
  return {
    async authenticateToken(text, audiences) {
      if (!isIssuedBy(text, LEGACY_ISSUER)) return undefined;
      const token = await verified.get(text);
      const common = ownAudiences.filter((audience) => audiences.includes(audience));
      if (common.length === 0) {
        const [are, wanted] = [ownAudiences, audiences].map((list) => JSON.stringify(list).replaceAll(',', ' '));
        throw new Error(`token audiences ${are} is invalid for the target audiences ${wanted}`);
      }
      const secret = checkToken(deps, token, text);
      await noteUse(deps, secret);
      if (secret.metadata.labels?.[INVALID_SINCE_LABEL]) throw new Error(invalidText(token));
      return { user: token.user, audiences: common };
    },
  };
}

/** The Secret that holds the token. Throws an Error for a token that is good no more. */
function checkToken(
  { objects }: LegacyTokenAuthenticatorDeps,
  { namespace, account: claimed, secret: name }: LegacyToken,
  text: string,
): Secret {
  const secret = objects.get(Secret, { namespace, name });
  if (!secret || secret.metadata.deletionTimestamp !== undefined) throw new Error('Token has been invalidated');
  if (secret.data?.['token'] !== encodeBase64(new TextEncoder().encode(text))) {
    throw new Error("Token does not match server's copy");
  }
  const account = objects.get(ServiceAccount, { namespace, name: claimed.name });
  if (!account) throw new Error(`serviceaccounts ${JSON.stringify(claimed.name)} not found`);
  if (account.metadata.deletionTimestamp !== undefined) {
    throw new Error(`ServiceAccount ${namespace}/${claimed.name} has been deleted`);
  }
  if (account.metadata.uid !== claimed.uid) {
    throw new Error(`ServiceAccount UID (${account.metadata.uid}) does not match claim (${claimed.uid})`);
  }
  return secret;
}

/** Once a day. Somebody whose clock is ahead may have done it for tomorrow. */
async function noteUse({ client, clock, log }: LegacyTokenAuthenticatorDeps, { metadata }: Secret): Promise<void> {
  const today = dayOf(clock.now());
  const tomorrow = dayOf(clock.now() + DAY_MS);
  const lastUsed = metadata.labels?.[LAST_USED_LABEL];
  if (lastUsed === today || lastUsed === tomorrow) return;
  const { namespace, name, uid } = metadata;
  const body = { metadata: { uid, labels: { [LAST_USED_LABEL]: today } } };
  try {
    await client.patch(Secret, { namespace, name }, { type: 'merge', body });
  } catch (error) {
    log.warn('the use of a token could not be noted on its secret', { namespace, name, error });
  }
}

function invalidText({ namespace, account, secret }: LegacyToken): string {
  const which = `the token in secret ${namespace}/${secret} for service account ${namespace}/${account.name}`;
  const instead = 'Use tokens from the TokenRequest API or manually created secret-based tokens';
  const remove = `remove the '${INVALID_SINCE_LABEL}' label from the secret to temporarily allow use of this token`;
  return `${which} has been marked invalid. ${instead}, or ${remove}`;
}

/** Throws for a payload that has the right signature and is no such token all the same. */
function tokenOf(payload: unknown): LegacyToken {
  const claims = payload as Partial<LegacyTokenClaims>;
  const claim = (name: 'namespace' | 'secret.name' | 'service-account.name' | 'service-account.uid') => {
    const value = claims[`kubernetes.io/serviceaccount/${name}`];
    if (!value) throw new Error(`the token has no claim ${name}`);
    return value;
  };
  const namespace = claim('namespace');
  const account = { name: claim('service-account.name'), uid: claim('service-account.uid') };
  if (claims.sub !== `system:serviceaccount:${namespace}:${account.name}`) throw new Error('sub claim is invalid');
  return {
    namespace,
    account,
    secret: claim('secret.name'),
    user: serviceAccountUser(namespace, account.name, account.uid),
  };
}
