// Bearer tokens: the header, and the contract of those who know one kind of token. Upstream:
// k8s.io/apiserver/pkg/authentication/request/bearertoken and token/union.

import { messageOf } from '../../base/message-of.ts';
import type { User } from '../../client/user.ts';
import type { Authenticator } from './authenticator.ts';
import { unauthorized } from './unauthorized.ts';

export interface AuthenticatedToken {
  readonly user: User;
  /** Those of the audiences asked for that the token is meant for. */
  readonly audiences: readonly string[];
}

export interface TokenAuthenticator {
  /**
   * Whose token it is, if it is meant for one of the audiences; undefined when it is no token of a kind that this
   * authenticator knows. Throws an Error that says what is wrong with a token of its kind.
   */
  authenticateToken(token: string, audiences: readonly string[]): Promise<AuthenticatedToken | undefined>;
}

/** Asks one after the other. Throws what the last of those who knew the token found wrong with it. */
export function tokenAuthenticatorUnion(authenticators: readonly TokenAuthenticator[]): TokenAuthenticator {
  return {
    async authenticateToken(token, audiences) {
      const errors: string[] = [];
      for (const authenticator of authenticators) {
        try {
          const found = await authenticator.authenticateToken(token, audiences);
          if (found) return found;
        } catch (error) {
          errors.push(messageOf(error));
        }
      }
      if (errors.length === 0) return undefined;
      throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`);
    },
  };
}

/** `Authorization: Bearer`; other schemes are none of its business. */
export function bearerTokenAuthenticator(
  { tokens }: { readonly tokens: TokenAuthenticator },
  { audiences }: { readonly audiences: readonly string[] },
): Authenticator {
  return {
    async authenticate({ authorization }) {
      const token = bearerToken(authorization);
      if (token === undefined) return undefined;
      const found = await checked(tokens, token, audiences);
      if (!found) throw unauthorized('invalid bearer token');
      return found.user;
    },
  };
}

async function checked(tokens: TokenAuthenticator, token: string, audiences: readonly string[]) {
  try {
    return await tokens.authenticateToken(token, audiences);
  } catch (error) {
    throw unauthorized(messageOf(error));
  }
}

function bearerToken(header: string | undefined): string | undefined {
  const [scheme, token] = header?.trim().split(' ') ?? [];
  return scheme?.toLowerCase() === 'bearer' && token ? token : undefined;
}
