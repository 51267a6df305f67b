// Who may ask the node's server besides the API server, and for what: whoever is known to the API server, by a certificate of
// the cluster's authority or by a token, and may do to the node what the path stands for. The API server is asked for both,
// and its answers are kept for a while. Upstream: pkg/kubelet/server/auth.go and the delegating authenticator and authorizer
// of k8s.io/apiserver, with the times of KubeletConfiguration.

import { TokenReview } from '../../api/authentication/token-review.ts';
import { SubjectAccessReview } from '../../api/authorization/subject-access-review.ts';
import type { Clock } from '../../base/clock.ts';
import { ExpiringMap } from '../../base/expiring-map.ts';
import type { Client } from '../../client/client.ts';
import type { User } from '../../client/user.ts';
import { RequestError } from './request-error.ts';

const AUTHENTICATED_MS = 120_000;
const ALLOWED_MS = 300_000;
const DENIED_MS = 30_000;
const REMEMBERED = 1000;

/** What somebody shows: a certificate that was verified counts before a token. */
export interface Requester {
  readonly certificate: { readonly commonName: string; readonly organizations: readonly string[] } | undefined;
  readonly token: string | undefined;
}

export interface AskedFor {
  readonly method: string;
  /** Of the path, decoded. */
  readonly segments: readonly string[];
}

export class DelegatedAccess {
  readonly #client: Client;
  readonly #nodeName: string;
  readonly #users: ExpiringMap<User>;
  readonly #verdicts: ExpiringMap<boolean>;

  constructor(
    { client, clock }: { readonly client: Client; readonly clock: Clock },
    { nodeName }: { readonly nodeName: string },
  ) {
    this.#client = client;
    this.#nodeName = nodeName;
    this.#users = new ExpiringMap(clock, { limit: REMEMBERED });
    this.#verdicts = new ExpiringMap(clock, { limit: REMEMBERED });
  }

  /** Throws RequestError: 401 for somebody who is not known, 403 for somebody who may not. */
  async check(requester: Requester, asked: AskedFor): Promise<void> {
    const user = await this.#userOf(requester);
    if (!user) throw new RequestError(401, 'Unauthorized');
    const { verb, subresources } = nodeAttributes(asked);
    for (const subresource of subresources) if (await this.#isAllowed(user, verb, subresource)) return;
    const what = `verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}]`;
    throw new RequestError(403, `Forbidden (user=${user.name}, ${what})`);
  }

  async #userOf({ certificate, token }: Requester): Promise<User | undefined> {
    if (certificate) {
      const groups = [...certificate.organizations, 'system:authenticated'];
      return { name: certificate.commonName, uid: undefined, groups, extra: {} };
    }
    if (token === undefined) return undefined;
    const key = await digestOf(token);
    const known = this.#users.get(key);
    if (known) return known;
    const { status } = await this.#client.create(TokenReview, { spec: { token } });
    if (!status.authenticated || !status.user) return undefined;
    const { username: name = '', uid, groups = [], extra = {} } = status.user;
    const user: User = { name, uid, groups, extra };
    this.#users.set(key, user, AUTHENTICATED_MS);
    return user;
  }

  async #isAllowed(user: User, verb: string, subresource: string): Promise<boolean> {
    const { name, uid, groups, extra } = user;
    const key = JSON.stringify([name, uid, groups, extra, verb, subresource]);
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const spec = {
      user: name,
      ...(uid === undefined ? {} : { uid }),
      groups: [...groups],
      extra: Object.fromEntries(Object.entries(extra).map(([each, values]) => [each, [...values]])),
      resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: this.#nodeName },
    };
    const { status } = await this.#client.create(SubjectAccessReview, { spec });
    this.#verdicts.set(key, status.allowed, status.allowed ? ALLOWED_MS : DENIED_MS);
    return status.allowed;
  }
}

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
/** What has a right of its own and nothing else gives it. */
const SEPARATE: Readonly<Record<string, string>> = {
  stats: 'stats',
  metrics: 'metrics',
  logs: 'log',
  checkpoint: 'checkpoint',
};
/** What has a right of its own, and comes with that to everything as well. Upstream: KubeletFineGrainedAuthz. */
const FINE_GRAINED: Readonly<Record<string, string>> = {
  pods: 'pods',
  runningpods: 'pods',
  healthz: 'healthz',
  configz: 'configz',
};

/** What a request is to the node, as a resource: one of these subresources has to be allowed. */
export function nodeAttributes({ method, segments }: AskedFor): {
  readonly verb: string;
  readonly subresources: readonly string[];
} {
  const [first = ''] = segments;
  const separate = SEPARATE[first];
  const fine = FINE_GRAINED[first];
  const subresources = separate ? [separate] : fine ? [fine, 'proxy'] : ['proxy'];
  return { verb: VERBS[method] ?? 'get', subresources };
}

/** Tokens are not kept, only by what they can be known again. */
async function digestOf(token: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return String.fromCharCode(...new Uint8Array(digest));
}
