// The API server: the way of a request, composed in one place. Every step is a function of its own; what travels is
// ApiRequest and ApiResponse, so the same chain serves HTTPS (http/) and clients in the same process.

import { KINDS } from '../api/catalog.ts';
import { Namespace } from '../api/core/namespace.ts';
import type { Kind } from '../api/kind.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { ApiRequest, ApiResponse, Transport } from '../client/transport.ts';
import type { User } from '../client/user.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin } from './admission/admission.ts';
import { authenticateRequest } from './authentication/anonymous.ts';
import type { Authenticator, Credentials } from './authentication/authenticator.ts';
import { impersonate } from './authentication/impersonation.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { forbiddenRequest } from './authorization/forbidden.ts';
import type { Answer } from './chain/answer.ts';
import { encode, encodeError, type Receiver } from './chain/encode.ts';
import { cachedObjectReader } from './registry/cached-object-reader.ts';
import { namespaceDeletion, plainDeletion } from './registry/deletion-rule.ts';
import type { Action, Review } from './registry/handlers.ts';
import type { ObjectReader } from './registry/object-reader.ts';
import { openResources } from './registry/open-resources.ts';
import type { Registry } from './registry/registry.ts';
import type { StorageHook } from './registry/storage-hook.ts';
import { type RequestInfo, requestInfoOf } from './request-info.ts';
import { notServed, serve } from './verbs/serve.ts';
import { ObjectShelf } from './watch/object-version.ts';
import type { CacheLimits } from './watch/resource-cache.ts';
import { StoreFeed } from './watch/store-feed.ts';

/** What decides and acts on behalf of the server; made once its objects can be read. */
export interface ApiServerParts {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly admission?: readonly AdmissionPlugin[];
  readonly hooks?: readonly StorageHook[];
  readonly actions?: Readonly<Record<string, Action>>;
  readonly reviews?: Readonly<Record<string, Review>>;
}

export interface ApiServerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  parts(reader: ObjectReader): ApiServerParts | Promise<ApiServerParts>;
}

export interface ApiServerOptions {
  /** Absent: all that are served by default. */
  readonly kinds?: readonly Kind[];
  /** Other servers write to the same store. */
  readonly sharedStore?: boolean;
}

/** Who sends a request: known already (in process), or to be found out. */
export type Sender =
  | { readonly type: 'user'; readonly user: User }
  | { readonly type: 'credentials'; readonly credentials: Credentials };

export interface ApiServer extends AsyncDisposable {
  /** Never rejects: what goes wrong is an answer. */
  handle(request: ApiRequest, sender: Sender): Promise<ApiResponse>;
  readonly reader: ObjectReader;
  /** Requests of this user, in process. */
  transportFor(user: User): Transport;
}

const SHELF_BYTES = 8 * 1024 * 1024;
const LIMITS: CacheLimits = {
  window: { events: 16_384, bytes: 32 * 1024 * 1024 },
  backlog: { changes: 20_000, bytes: 16 * 1024 * 1024 },
};

export async function createApiServer(
  dependencies: ApiServerDependencies,
  options: ApiServerOptions = {},
): Promise<ApiServer> {
  const { store, clock, random, log } = dependencies;
  const { kinds = KINDS, sharedStore = false } = options;
  await using stack = new AsyncDisposableStack();
  const shelf = new ObjectShelf({ limitBytes: SHELF_BYTES });
  const resources = openResources({ store, shelf, feed: () => feed }, kinds, { limits: LIMITS });
  const caches = new Set(resources.all.flatMap(({ storage }) => (storage ? [storage.cache] : [])));
  const feed: StoreFeed = stack.use(await StoreFeed.open({ store, clock, log }, [...caches]));
  stack.defer(() => {
    for (const cache of caches) cache.hub.endAll();
  });
  const reader = cachedObjectReader(() => resources);
  const parts = await dependencies.parts(reader);
  const registry: Registry = {
    clock,
    random,
    resources,
    feed,
    sharedStore,
    currentRevision: () => store.currentRevision(),
    admission: parts.admission ?? [],
    hooks: parts.hooks ?? [],
    actions: parts.actions ?? {},
    reviews: parts.reviews ?? {},
    deletionRule: (kind) => (kind === Namespace ? namespaceDeletion : plainDeletion),
    authorizeCreate: (user, info) => authorize(parts.authorizer, user, { ...info, verb: 'create' }),
  };
  const handle = chain({ registry, parts, log });
  const owned = stack.move();
  return {
    handle,
    reader,
    transportFor: (user) => ({
      send: (request) => handle(request, { type: 'user', user }),
      async [Symbol.asyncDispose]() {},
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Chain {
  readonly registry: Registry;
  readonly parts: ApiServerParts;
  readonly log: Logger;
}

function chain({ registry, parts, log }: Chain): ApiServer['handle'] {
  const { authenticator, authorizer } = parts;
  const answer = async (request: ApiRequest, sender: Sender, warn: (text: string) => void): Promise<Answer> => {
    const info = requestInfoOf(request);
    const known =
      sender.type === 'user'
        ? sender.user
        : await authenticateRequest({ authenticator }, sender.credentials, info.path);
    const user = impersonate({ authorizer }, known, request.headers) ?? known;
    authorize(authorizer, user, info);
    const resource = info.isResource ? registry.resources.find(info.group, info.version, info.resource) : undefined;
    if (!resource) throw notServed();
    return serve(registry, { request, info, resource, user, signal: request.signal, warn });
  };
  return async (request, sender) => {
    const receiver: Receiver = { direct: sender.type === 'user', request, nowMs: () => registry.clock.now() };
    const warnings = new Set<string>();
    try {
      const response = await encode(receiver, await answer(request, sender, (text) => warnings.add(text)));
      return withWarnings(response, warnings);
    } catch (error) {
      return withWarnings(encodeError(receiver, error), warnings);
    }
  };
}

function authorize(authorizer: Authorizer, user: User, info: RequestInfo): void {
  const decision = authorizer.authorize(user, info);
  if (decision.verdict !== 'allow') throw forbiddenRequest(user, info, decision.reason);
}

function withWarnings(response: ApiResponse, warnings: ReadonlySet<string>): ApiResponse {
  if (warnings.size === 0) return response;
  const warning = [...warnings].map((text) => `299 - ${JSON.stringify(text)}`).join(', ');
  return { ...response, headers: { ...response.headers, warning } };
}
