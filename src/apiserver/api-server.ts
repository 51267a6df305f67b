// The API server put together: its caches and their upkeep, its routes, and the chain that every request goes through
// (chain/handle-request.ts), be it from HTTPS (http/) or from a client in the same process.

import { KINDS } from '../api/catalog.ts';
import { Event } from '../api/core/event.ts';
import { Namespace } from '../api/core/namespace.ts';
import { FlowSchema } from '../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../api/flowcontrol/priority-level-configuration.ts';
import type { Kind } from '../api/kind.ts';
import { badRequest } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { MetricsRegistry } from '../base/metrics.ts';
import type { Random } from '../base/random.ts';
import type { ApiRequest, ApiResponse, Transport } from '../client/transport.ts';
import type { User } from '../client/user.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin } from './admission/admission.ts';
import { admissionMetrics } from './admission/admission-metrics.ts';
import type { Authenticator } from './authentication/authenticator.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { authorize } from './chain/authorize.ts';
import { requestHandler, type Sender } from './chain/handle-request.ts';
import { type IncomingRequest, incoming } from './chain/incoming-request.ts';
import { discoveryPaths, discoveryRoute } from './discovery/discovery-route.ts';
import { servedGroups } from './discovery/served-groups.ts';
import { FlowControl } from './fairness/flow-control.ts';
import { flowControlMetrics } from './fairness/flow-control-metrics.ts';
import type { Connector, Takeover } from './http/connector.ts';
import { COMPACTION_PERIOD_MS, compaction } from './maintenance/compaction.ts';
import { EVENT_TTL_MS, EventExpiry } from './maintenance/event-expiry.ts';
import { periodically } from './maintenance/periodically.ts';
import { openApiRoute } from './openapi/openapi-route.ts';
import type { DescribeType } from './openapi/type-description.ts';
import { cachedObjectReader } from './registry/cached-object-reader.ts';
import { namespaceDeletion, plainDeletion } from './registry/deletion-rule.ts';
import type { Action, ObjectSource, Review } from './registry/handlers.ts';
import type { ObjectReader } from './registry/object-reader.ts';
import { openResources } from './registry/open-resources.ts';
import type { Registry } from './registry/registry.ts';
import type { ResourceTable } from './registry/resource.ts';
import type { StorageHook } from './registry/storage-hook.ts';
import { type HealthCheck, healthPaths, healthRoute } from './routes/health-route.ts';
import type { Route } from './routes/route.ts';
import { metricsRoute, rootRoute, showBuildInfo, versionInfo, versionRoute } from './routes/server-routes.ts';
import { cacheMetrics } from './watch/cache-metrics.ts';
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
  readonly sources?: Readonly<Record<string, ObjectSource>>;
  readonly connectors?: Readonly<Record<string, Connector>>;
  /** What else health depends on. */
  readonly checks?: readonly HealthCheck[];
  /** Further things to serve outside of the resources, such as the documents of OpenID discovery. */
  readonly routes?: readonly Route[];
}

export interface ApiServerDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Where the server's metrics go and what /metrics shows. Absent: a registry of its own. */
  readonly metrics?: MetricsRegistry;
  /** Knows what types are for, which OpenAPI tells. Absent: it does not. */
  readonly describe?: DescribeType;
  parts(reader: ObjectReader): ApiServerParts | Promise<ApiServerParts>;
}

export interface ApiServerOptions {
  /** Absent: all that are served by default. */
  readonly kinds?: readonly Kind[];
  /** Other servers write to the same store. */
  readonly sharedStore?: boolean;
  /** What the caches keep of the past, and how far watchers may fall behind. */
  readonly limits?: Partial<CacheLimits>;
  /** How long events are kept after they were last written. Absent: an hour. */
  readonly eventTtlMs?: number;
  /** How often watches that ask for bookmarks get one. Absent: about every minute, as upstream. */
  readonly bookmarkPeriodMs?: number | undefined;
  /** How long watches last at least that ask for no time of their own. Absent: half an hour, as upstream. */
  readonly watchSeconds?: number | undefined;
  /** How much work is taken on at a time, in seats of flow control. Absent: upstream's 600. */
  readonly seats?: number;
  /** The Kubernetes release that is served: `v1.36.0`. */
  readonly kubernetesVersion?: string;
  /** `linux/amd64`, as /version tells it. */
  readonly platform?: string;
  /** Where clients reach the server, as discovery tells it: `10.0.0.1:6443`. */
  readonly serverAddress?: string;
}

export interface ApiServer extends AsyncDisposable {
  /** Never rejects: what goes wrong is an answer. */
  handle(request: ApiRequest, sender: Sender): Promise<ApiResponse>;
  /** The same for the edge, which can hand over a connection. */
  receive(request: IncomingRequest, sender: Sender): Promise<ApiResponse | Takeover>;
  readonly reader: ObjectReader;
  /** Ends all watches, for a server that is about to close: clients go on elsewhere, or come back. */
  endWatches(): void;
  /** Requests of this user, in process. */
  transportFor(user: User): Transport;
}

/** Upstream: bookmarkFrequency. */
const BOOKMARK_PERIOD_MS = 60_000;
/** Upstream: --min-request-timeout. */
const WATCH_SECONDS = 1800;
/** Upstream: --max-requests-inflight and --max-mutating-requests-inflight together. */
const SEATS = 400 + 200;
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
  const { kinds = KINDS, sharedStore = false, bookmarkPeriodMs = BOOKMARK_PERIOD_MS } = options;
  const metrics = dependencies.metrics ?? new MetricsRegistry();
  await using stack = new AsyncDisposableStack();
  const shelf = new ObjectShelf({ limitBytes: SHELF_BYTES });
  const resources = openResources({ store, shelf, feed: () => feed }, kinds, {
    limits: { ...LIMITS, ...options.limits },
  });
  const caches = new Set(resources.all.flatMap(({ storage }) => (storage ? [storage.cache] : [])));
  const feed: StoreFeed = stack.use(await StoreFeed.open({ store, clock, log }, [...caches]));
  cacheMetrics(metrics, resources);
  const state = { isClosing: false };
  const endWatches = () => {
    state.isClosing = true;
    for (const cache of caches) cache.hub.endAll();
  };
  stack.defer(endWatches);
  const upkeep = { clock, log };
  const forget = (revision: number) => {
    for (const cache of caches) cache.forget(revision);
  };
  stack.use(periodically(upkeep, 'compaction', COMPACTION_PERIOD_MS, compaction({ store }, forget)));
  const bookmarks = () => {
    for (const cache of caches) cache.hub.bookmark(feed.revision);
  };
  stack.use(periodically(upkeep, 'bookmarks', bookmarkPeriodMs, bookmarks));
  stack.use(eventExpiry(upkeep, resources, options));
  const reader = cachedObjectReader(() => resources);
  const parts = await dependencies.parts(reader);
  const registry: Registry = {
    clock,
    random,
    resources,
    feed,
    sharedStore,
    currentRevision: () => store.currentRevision(),
    watchSeconds: options.watchSeconds ?? WATCH_SECONDS,
    admission: { plugins: parts.admission ?? [], clock, metrics: admissionMetrics(metrics) },
    hooks: parts.hooks ?? [],
    actions: parts.actions ?? {},
    reviews: parts.reviews ?? {},
    sources: parts.sources ?? {},
    connectors: parts.connectors ?? {},
    deletionRule: (kind) => (kind === Namespace ? namespaceDeletion : plainDeletion),
    authorizeCreate: (user, info) => authorize(parts.authorizer, user, { ...info, verb: 'create' }),
  };
  const { authenticator, authorizer } = parts;
  const flowControl = stack.use(openFlowControl({ ...dependencies, metrics }, { resources, reader }, options));
  const checks = [...healthChecks(feed, state), ...(parts.checks ?? [])];
  const routes = [...serverRoutes({ ...dependencies, kinds, checks, metrics }, options), ...(parts.routes ?? [])];
  const receive = requestHandler({ registry, authenticator, authorizer, flowControl, routes, log, metrics });
  const handle = (request: ApiRequest, sender: Sender) => receive(incoming(request), sender).then(refuseTakeover);
  const owned = stack.move();
  return {
    handle,
    receive,
    endWatches,
    reader,
    transportFor: (user) => ({
      send: (request) => handle(request, { type: 'user', user }),
      async [Symbol.asyncDispose]() {},
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Takes old events away, where there are any. */
function eventExpiry(
  upkeep: { readonly clock: Clock; readonly log: Logger },
  resources: ResourceTable,
  { eventTtlMs: ttlMs = EVENT_TTL_MS }: ApiServerOptions,
): AsyncDisposable {
  const stack = new AsyncDisposableStack();
  const storage = resources.ofKind(Event)?.storage;
  if (!storage) return stack;
  stack.use(new EventExpiry({ ...upkeep, storage }, { ttlMs }));
  return stack;
}

function openFlowControl(
  { clock, random, log, metrics }: Omit<ApiServerDependencies, 'metrics'> & { readonly metrics: MetricsRegistry },
  { resources, reader }: { readonly resources: ResourceTable; readonly reader: ObjectReader },
  { seats = SEATS }: ApiServerOptions,
): FlowControl {
  const isServed = [FlowSchema, PriorityLevelConfiguration].every((kind) => resources.ofKind(kind));
  const objects = isServed ? reader : undefined;
  return new FlowControl({ clock, random, log, objects, metrics: flowControlMetrics(metrics, { clock }) }, { seats });
}

function serverRoutes(dependencies: RouteDependencies, options: ApiServerOptions): readonly Route[] {
  const { kinds, checks, log, metrics } = dependencies;
  const { kubernetesVersion = 'v1.36.0', platform = '', serverAddress = '' } = options;
  const served = servedGroups(() => kinds);
  const version = versionInfo(kubernetesVersion, platform);
  showBuildInfo(metrics, version);
  const own = ['/', '/metrics', '/openapi/v2', '/openapi/v3', '/version'];
  return [
    discoveryRoute(served, { serverAddress }),
    healthRoute(checks, { log: (name, error) => log.warn('a health check failed', { check: name, error }) }),
    versionRoute(version),
    metricsRoute(metrics),
    openApiRoute(dependencies, served, kubernetesVersion),
    rootRoute(() => [...own, ...discoveryPaths(served()), ...healthPaths(checks)]),
  ];
}

interface RouteDependencies extends Pick<ApiServerDependencies, 'clock' | 'log' | 'describe'> {
  readonly kinds: readonly Kind[];
  readonly checks: readonly HealthCheck[];
  readonly metrics: MetricsRegistry;
}

function healthChecks(feed: StoreFeed, state: { readonly isClosing: boolean }): readonly HealthCheck[] {
  return [
    { name: 'ping', check: () => {} },
    // Upstream's name for the check of the store, whatever that is.
    { name: 'etcd', check: () => refuseFailure(feed) },
    { name: 'informer-sync', endpoints: ['readyz'], check: () => refuseFailure(feed) },
    {
      name: 'shutdown',
      endpoints: ['readyz'],
      check() {
        if (state.isClosing) throw new Error('process is shutting down');
      },
    },
  ];
}

function refuseFailure({ failure }: StoreFeed): void {
  if (failure) throw failure;
}

function refuseTakeover(response: ApiResponse | Takeover): ApiResponse {
  if (!('takeOver' in response)) return response;
  const status = badRequest('this needs a connection of its own').toStatus();
  return { status: 400, headers: {}, body: { type: 'object', object: status } };
}
