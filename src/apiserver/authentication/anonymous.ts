// Who may come without credentials, and where to. Upstream leaves the paths to a configuration
// (AnonymousAuthConfig); here they are those of health and discovery, and what a machine reads first that joins. What an
// anonymous user may do there is still for the authorizer to say: by default health, version and that, no more.

import type { User } from '../../client/user.ts';
import type { Authenticator, Credentials } from './authenticator.ts';
import { unauthorized } from './unauthorized.ts';

export const ANONYMOUS_USER: User = {
  name: 'system:anonymous',
  uid: undefined,
  groups: ['system:unauthenticated'],
  extra: {},
};

const EXACT_PATHS: ReadonlySet<string> = new Set([
  '/api',
  '/apis',
  '/openapi/v2',
  '/openapi/v3',
  '/version',
  '/.well-known/openid-configuration',
  '/openid/v1/jwks',
  // What a machine that joins reads before it knows whom to trust; it is signed with the machine's token.
  '/api/v1/namespaces/kube-public/configmaps/cluster-info',
]);
const HEALTH = /^\/(healthz|livez|readyz)(\/|$)/;
/** `/api/v1`, `/apis/apps`, `/apis/apps/v1`: what resources there are, not the resources. */
const GROUP_DISCOVERY = /^\/(api\/[^/]+|apis\/[^/]+(\/[^/]+)?)$/;

/** Whether who has no credentials is somebody at that path. */
export function mayBeAnonymous(path: string): boolean {
  const plain = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return (
    EXACT_PATHS.has(plain) || HEALTH.test(plain) || GROUP_DISCOVERY.test(plain) || plain.startsWith('/openapi/v3/')
  );
}

/** The user of a request. Throws `Unauthorized` for bad credentials, and for none where they are asked for. */
export async function authenticateRequest(
  { authenticator }: { readonly authenticator: Authenticator },
  credentials: Credentials,
  path: string,
): Promise<User> {
  const user = await authenticator.authenticate(credentials);
  if (user) return user;
  if (mayBeAnonymous(path)) return ANONYMOUS_USER;
  throw unauthorized('no credentials');
}
