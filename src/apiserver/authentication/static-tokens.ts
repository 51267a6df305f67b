// Tokens from a list, which are good for as long as the server runs. Upstream:
// k8s.io/apiserver/pkg/authentication/token/tokenfile.

import type { User } from '../../client/user.ts';
import type { TokenAuthenticator } from './bearer-token.ts';

/** A list by token; such tokens are good for every audience. */
export function staticTokenAuthenticator(tokens: ReadonlyMap<string, User>): TokenAuthenticator {
  return {
    async authenticateToken(token, audiences) {
      const user = tokens.get(token);
      return user && { user, audiences };
    },
  };
}

/**
 * Reads lines of `token,user,uid,"group1,group2"`; the groups may be left out. Throws an Error that names the line which
 * is wrong.
 */
export function parseTokenFile(text: string): Map<string, User> {
  const tokens = new Map<string, User>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const [token, name, uid, groups = ''] = fieldsOf(line.trim());
    if (!token) throw new Error(`line ${index + 1} of the token file has no token`);
    if (!name || uid === undefined) {
      throw new Error(`line ${index + 1} of the token file must have at least 3 columns (token, user name, user uid)`);
    }
    const own = groups.split(',').filter((group) => group !== '');
    tokens.set(token, { name, uid: uid || undefined, groups: [...own, 'system:authenticated'], extra: {} });
  }
  return tokens;
}

/** The columns of a line; a quoted one may hold commas. */
function fieldsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => (quoted ?? plain ?? '').trim());
}
