// A control plane put together: API server over HTTPS, controllers, scheduler, on a store that is handed in. Controllers and
// scheduler are clients in the same process, each with the identity and the rights that it would have anywhere. The process
// around it is control-plane-process.ts.

import type { AddressInfo } from 'node:net';
import { ensureSystemPriorityClasses } from '../apiserver/admission/priority.ts';
import { createApiServer } from '../apiserver/api-server.ts';
import { bootstrapPolicy } from '../apiserver/authorization/bootstrap-policy.ts';
import { reconcileBootstrapPolicy } from '../apiserver/authorization/reconcile-bootstrap-policy.ts';
import { startHttpsServer } from '../apiserver/http/https-server.ts';
import type { ServiceAllocator } from '../apiserver/registry/allocators/service-allocator.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { MetricsRegistry } from '../base/metrics.ts';
import { periodic } from '../base/periodic.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createClient } from '../client/create-client.ts';
import type { ApiRequest, ApiResponse, Transport } from '../client/transport.ts';
import { serviceAccountUser, type User } from '../client/user.ts';
import type { Store } from '../store/store.ts';
import { apiServerParts, servedKinds } from './api-server-parts.ts';
import type { KeyPair } from './certificate-authority.ts';
import type { ClusterCertificates } from './certificates.ts';
import { type ClusterConfig, DNS_PORT, kubernetesServiceAddress } from './cluster-config.ts';
import { startControllers } from './start-controllers.ts';
import { startScheduler } from './start-scheduler.ts';
import { ensureSystemObjects } from './system-objects.ts';
import { TYPERNETES_VERSION } from './version.ts';

export interface ControlPlaneDeps {
  readonly config: ClusterConfig;
  readonly certificates: ClusterCertificates;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface ControlPlane extends AsyncDisposable {
  /** Where the API is served. */
  readonly address: AddressInfo;
  /** New connections get this certificate. */
  renewCertificate(certificate: KeyPair): void;
  /** A client in this process that acts as the user. The caller closes it. */
  clientFor(user: User, userAgent: string): Client;
}

/** The API server's own identity, for what it has to find in place before anybody has rights. */
const SELF: User = {
  name: 'system:apiserver',
  uid: undefined,
  groups: ['system:masters', 'system:authenticated'],
  extra: {},
};

const REPAIR_MS = 3_600_000;

/** Resolves when everything is at work. The store stays open when the control plane is closed. */
export async function startControlPlane(deps: ControlPlaneDeps, signal: AbortSignal): Promise<ControlPlane> {
  const { config, certificates, store, clock, random, log } = deps;
  await using stack = new AsyncDisposableStack();
  const own = new LateTransport();
  // One for all in this process: GET /metrics shows the controllers and the scheduler, too.
  const metrics = new MetricsRegistry();
  const selfClient = createClient(own, { userAgent: `apiserver/${TYPERNETES_VERSION}`, log });
  let repair: ServiceAllocator['repair'] | undefined;
  const apiServer = stack.use(
    await createApiServer({
      store,
      clock,
      random,
      log: log.with({ component: 'apiserver' }),
      metrics,
      async parts(objects) {
        const { closing, allocator, ...parts } = await apiServerParts({
          config,
          certificates,
          objects,
          client: selfClient,
          clock,
          random,
          log,
        });
        stack.use(closing);
        repair = (options) => allocator.repair(options);
        return parts;
      },
    }),
  );
  own.transport = apiServer.transportFor(SELF);
  const clientFor = (user: User, userAgent: string): Client =>
    createClient(apiServer.transportFor(user), { userAgent: `${userAgent}/${TYPERNETES_VERSION}`, log });
  await reconcileBootstrapPolicy({ client: selfClient }, bootstrapPolicy(), { signal });
  await ensureSystemPriorityClasses({ client: selfClient }, { signal });
  await ensureSystemObjects({ client: selfClient }, { serviceCidr: config.serviceCidr, certificates }, { signal });
  await repair?.({ signal });
  const server = stack.use(
    await startHttpsServer(
      { apiServer, clock, log: log.with({ component: 'apiserver' }) },
      {
        port: config.apiPort,
        certificate: { cert: certificates.apiServer.certificate, key: certificates.apiServer.key },
        clientCa: certificates.ca.certificate,
      },
    ),
  );
  log.info('the API is served', { address: config.advertiseAddress, port: server.address.port });
  stack.use(
    await startControllers(
      {
        clientFor: (controller) => clientFor(serviceAccountUser('kube-system', controller), controller),
        selfClient,
        managerClient: clientFor(
          { name: 'system:kube-controller-manager', uid: undefined, groups: ['system:authenticated'], extra: {} },
          'kube-controller-manager',
        ),
        clock,
        random,
        log,
        metrics,
      },
      {
        kinds: servedKinds,
        rootCertificateAuthority: certificates.ca.certificate,
        clusterCidr: config.podCidr,
        dns: { clusterIp: config.dnsAddress, nodePort: DNS_PORT },
        apiServer: {
          clusterIp: kubernetesServiceAddress(config),
          addresses: [config.advertiseAddress],
          port: server.address.port,
        },
        withDns: config.nodes.length > 0,
      },
      signal,
    ),
  );
  const schedulerUser: User = {
    name: 'system:kube-scheduler',
    uid: undefined,
    groups: ['system:authenticated'],
    extra: {},
  };
  const upkeep = { clock, log: log.with({ component: 'apiserver' }) };
  stack.use(
    periodic(upkeep, { what: 'the repair of service addresses', everyMs: REPAIR_MS }, async (until) => {
      await repair?.({ signal: until });
    }),
  );
  stack.use(startScheduler({ client: clientFor(schedulerUser, 'kube-scheduler'), clock, random, log, metrics }));
  const owned = stack.move();
  const renewCertificate = ({ certificate, key }: KeyPair) => server.renewCertificate({ cert: certificate, key });
  return { address: server.address, renewCertificate, clientFor, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The way to the API server for its own parts, which are made before it is. */
class LateTransport implements Transport {
  transport: Transport | undefined;

  async send(request: ApiRequest): Promise<ApiResponse> {
    if (!this.transport) throw new Error('the API server is not there yet');
    return this.transport.send(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
