// The API server of the control plane's process: put together, with everything in place that has to be there before anybody
// asks for it, and kept in order. Serving it to others is control-plane.ts's.

import { ensureSystemPriorityClasses } from '../apiserver/admission/priority.ts';
import { type ApiServer, createApiServer } from '../apiserver/api-server.ts';
import { bootstrapPolicy } from '../apiserver/authorization/bootstrap-policy.ts';
import { reconcileBootstrapPolicy } from '../apiserver/authorization/reconcile-bootstrap-policy.ts';
import type { Component } from '../apiserver/component-statuses.ts';
import { FLOW_CONTROL_IDENTITY, keepFlowControl } from '../apiserver/fairness/keep-flow-control.ts';
import type { ServiceAllocator } from '../apiserver/registry/allocators/service-allocator.ts';
import type { ReadNodeUsage } from '../apiserver/resource-metrics/usage-sampler.ts';
import { startHooks } from '../apiserver/routes/start-hooks.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { MetricsRegistry } from '../base/metrics.ts';
import { periodic } from '../base/periodic.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createClient } from '../client/create-client.ts';
import { LateTransport } from '../client/late-transport.ts';
import type { Transport } from '../client/transport.ts';
import type { User } from '../client/user.ts';
import type { Store } from '../store/store.ts';
import { apiServerParts } from './api-server-parts.ts';
import { ensureMetricsApiService } from './api-services.ts';
import type { KeyPair } from './certificate-authority.ts';
import type { ApiServerCertificates } from './certificates.ts';
import type { ControlPlaneConfig } from './cluster-config.ts';
import { packagedDescriptions } from './packaged-descriptions.ts';
import { ensureDefaultStorageClass, ensureSystemObjects } from './system-objects.ts';
import { TYPERNETES_VERSION } from './version.ts';

export interface OpenApiServerDeps {
  readonly config: ControlPlaneConfig;
  readonly certificates: ApiServerCertificates;
  /** What is shown to node agents; asked for each connection, since it is renewed. */
  readonly kubeletClient: () => KeyPair;
  /** Where it is known what is used on a node. Absent: its agent is asked. */
  readonly readNodeUsage?: ReadNodeUsage | undefined;
  /** See ApiServerOptions. */
  readonly bookmarkPeriodMs?: number;
  readonly watchSeconds?: number;
  readonly store: Store;
  /** The control plane's parts besides the API server, of which it tells how they are. */
  readonly components: readonly Component[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

export interface OpenApiServer extends AsyncDisposable {
  readonly apiServer: ApiServer;
  /** The API server's own client. */
  readonly selfClient: Client;
}

/** The API server's own identity, for what it has to find in place before anybody has rights. */
const SELF: User = {
  name: 'system:apiserver',
  uid: undefined,
  groups: ['system:masters', 'system:authenticated'],
  extra: {},
};

/** Upstream's names of what a start brings to the API. */
const BOOTSTRAP_ROLES = 'rbac/bootstrap-roles';
const BOOTSTRAP_FLOW_CONTROL = 'priority-and-fairness-config-producer';
const BOOTSTRAP_PRIORITY_CLASSES = 'scheduling/bootstrap-system-priority-classes';

const REPAIR_MS = 3_600_000;

/** Resolves when requests can be served. The store stays open when it is closed. */
export async function openApiServer(deps: OpenApiServerDeps, signal: AbortSignal): Promise<OpenApiServer> {
  const { config, certificates, bookmarkPeriodMs, watchSeconds, store, clock, random, metrics } = deps;
  const { kubeletClient, readNodeUsage, components } = deps;
  const log = deps.log.with({ component: 'apiserver' });
  await using stack = new AsyncDisposableStack();
  const own = new LateTransport();
  const clientFor = (transport: Transport) =>
    createClient(transport, { userAgent: `apiserver/${TYPERNETES_VERSION}`, clock });
  const selfClient = clientFor(own);
  const start = startHooks([BOOTSTRAP_ROLES, BOOTSTRAP_FLOW_CONTROL, BOOTSTRAP_PRIORITY_CLASSES]);
  let repair: ServiceAllocator['repair'] | undefined;
  const apiServer = stack.use(
    await createApiServer(
      {
        store,
        clock,
        random,
        log,
        metrics,
        describe: packagedDescriptions(),
        async parts(objects) {
          const known = { config, certificates, kubeletClient, readNodeUsage, components, metrics };
          const made = await apiServerParts({ ...known, objects, client: selfClient, clock, random, log });
          const { closing, allocator, ...parts } = made;
          stack.use(closing);
          repair = (options) => allocator.repair(options);
          return { ...parts, checks: start.checks };
        },
      },
      { bookmarkPeriodMs, watchSeconds },
    ),
  );
  own.transport = apiServer.transportFor(SELF);
  const server = `https://${config.advertiseAddress}:${config.apiPort}`;
  const { podCidr, serviceCidr, dnsAddress, clusterDomain } = config;
  const settings = { podCidr, serviceCidr, dnsAddress, clusterDomain };
  await ensureSystemObjects({ client: selfClient }, { settings, server, certificates }, { signal });
  if (config.nodes.length > 0) await ensureDefaultStorageClass({ client: selfClient }, { signal });
  await ensureMetricsApiService({ client: selfClient, clock }, { signal });
  await start.run(BOOTSTRAP_ROLES, () =>
    reconcileBootstrapPolicy({ client: selfClient }, bootstrapPolicy(), { signal }),
  );
  const objects = apiServer.reader;
  const flowControlClient = clientFor(apiServer.transportFor(FLOW_CONTROL_IDENTITY));
  const keep = () => keepFlowControl({ client: flowControlClient, objects, clock, log }, { signal });
  stack.use(await start.run(BOOTSTRAP_FLOW_CONTROL, keep));
  await start.run(BOOTSTRAP_PRIORITY_CLASSES, () => ensureSystemPriorityClasses({ client: selfClient }, { signal }));
  await repair?.({ signal });
  stack.use(
    periodic({ clock, log }, { what: 'the repair of service addresses', everyMs: REPAIR_MS }, async (until) => {
      await repair?.({ signal: until });
    }),
  );
  const owned = stack.move();
  return { apiServer, selfClient, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
