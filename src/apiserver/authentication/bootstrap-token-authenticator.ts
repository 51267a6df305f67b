// Checks the tokens that machines join a cluster with: `ID.SECRET`, each good as long as its Secret in kube-system is there
// and says so. Upstream: plugin/pkg/auth/authenticator/token/bootstrap.

import { authenticatingToken, isBootstrapToken } from '../../api/core/bootstrap-token.ts';
import { Secret } from '../../api/core/secret.ts';
import type { Clock } from '../../base/clock.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { TokenAuthenticator } from './bearer-token.ts';

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;

/** Such tokens say nothing of audiences: they are for the server's own. What is no good is as if it were none. */
export function bootstrapTokenAuthenticator(
  { objects, clock }: { readonly objects: ObjectReader; readonly clock: Clock },
  { audiences: ownAudiences }: { readonly audiences: readonly string[] },
): TokenAuthenticator {
  return {
    async authenticateToken(text, wanted) {
      const [, id, secretText] = TOKEN.exec(text) ?? [];
      if (id === undefined || secretText === undefined) return undefined;
      const secret = objects.get(Secret, { namespace: 'kube-system', name: `bootstrap-token-${id}` });
      if (!secret || !isBootstrapToken(secret) || secret.metadata.deletionTimestamp !== undefined) return undefined;
      const token = authenticatingToken(secret, clock.now());
      if (!token || !isSame(token.secret, secretText)) return undefined;
      const audiences = ownAudiences.filter((audience) => wanted.includes(audience));
      if (audiences.length === 0) return undefined;
      const groups = [...token.groups, 'system:authenticated'];
      return { user: { name: `system:bootstrap:${id}`, uid: undefined, groups, extra: {} }, audiences };
    },
  };
}

/** Takes as long whatever differs, so that nobody can guess one character after the other. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < b.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}
