// A control plane put together: API server over HTTPS, controllers, scheduler, on a store that is handed in. Controllers and
// scheduler are clients in the same process, each with the identity and the rights that it would have anywhere. The process
// around it is control-plane-process.ts.

import type { AddressInfo } from 'node:net';
import { importServiceAccountKey } from '../apiserver/authentication/service-account-keys.ts';
import { signLegacyToken } from '../apiserver/authentication/service-account-tokens.ts';
import { type ServerCertificate, startHttpsServer } from '../apiserver/http/https-server.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { MetricsRegistry } from '../base/metrics.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createClient } from '../client/create-client.ts';
import { clientMetrics, measuredTransport } from '../client/measured-transport.ts';
import { serviceAccountUser, type User } from '../client/user.ts';
import type { Store } from '../store/store.ts';
import { servedKinds } from './api-server-parts.ts';
import type { KeyPair } from './certificate-authority.ts';
import { certificateSigner } from './certificate-signer.ts';
import type { ClusterCertificates } from './certificates.ts';
import { type ClusterConfig, DNS_PORT, kubernetesServiceAddress } from './cluster-config.ts';
import { componentHealth } from './component-health.ts';
import { openApiServer } from './open-api-server.ts';
import { processMetrics } from './process-metrics.ts';
import { type StartControllersOptions, startControllers } from './start-controllers.ts';
import { startScheduler } from './start-scheduler.ts';
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
  /** New connections, from clients and to node agents, use these. */
  renewCertificates(certificates: Pick<ClusterCertificates, 'apiServer' | 'apiServerKubeletClient'>): void;
  /** A client in this process that acts as the user. The caller closes it. */
  clientFor(user: User, userAgent: string): Client;
}

/** Resolves when everything is at work. The store stays open when the control plane is closed. */
export async function startControlPlane(deps: ControlPlaneDeps, signal: AbortSignal): Promise<ControlPlane> {
  const { config, certificates, clock, random, log } = deps;
  await using stack = new AsyncDisposableStack();
  // One for all in this process: GET /metrics shows the controllers and the scheduler, too.
  const metrics = new MetricsRegistry();
  processMetrics(metrics, { clock });
  const health = componentHealth(deps);
  let kubeletClient = certificates.apiServerKubeletClient;
  const { apiServer, selfClient } = stack.use(
    await openApiServer(
      { ...deps, metrics, components: health.components, kubeletClient: () => kubeletClient },
      signal,
    ),
  );
  const server = stack.use(
    await startHttpsServer(
      { apiServer, clock, log: log.with({ component: 'apiserver' }), metrics },
      {
        port: config.apiPort,
        certificate: served(certificates.apiServer),
        clientCa: certificates.ca.certificate,
      },
    ),
  );
  log.info('the API is served', { address: config.advertiseAddress, port: server.address.port });
  const ofClients = clientMetrics(metrics, { host: `${config.advertiseAddress}:${server.address.port}` });
  // Without a log: warnings (of deprecated kinds) are for others, these go with the very server that they talk to.
  const clientFor = (user: User, userAgent: string): Client =>
    createClient(measuredTransport(apiServer.transportFor(user), { metrics: ofClients, clock }), {
      userAgent: `${userAgent}/${TYPERNETES_VERSION}`,
      clock,
    });
  const componentClient = (name: string) => clientFor(componentUser(name), name);
  stack.use(
    await startControllers(
      {
        clientFor: (account) => clientFor(serviceAccountUser('kube-system', account), account),
        selfClient,
        managerClient: componentClient('kube-controller-manager'),
        clock,
        random,
        log,
        metrics,
      },
      await controllersOptions(deps, server.address.port),
      signal,
    ),
  );
  health.started('controller-manager', { failure: undefined }); // They go on whatever happens.
  const schedulerClient = componentClient('kube-scheduler');
  const scheduler = stack.use(startScheduler({ client: schedulerClient, clock, random, log, metrics }));
  health.started('scheduler', scheduler);
  const owned = stack.move();
  return {
    address: server.address,
    renewCertificates(renewed) {
      server.renewCertificate(served(renewed.apiServer));
      kubeletClient = renewed.apiServerKubeletClient;
    },
    clientFor,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function served({ certificate, key }: KeyPair): ServerCertificate {
  return { cert: certificate, key };
}

function componentUser(name: string): User {
  return { name: `system:${name}`, uid: undefined, groups: ['system:authenticated'], extra: {} };
}

async function controllersOptions(
  { config, certificates, clock }: ControlPlaneDeps,
  port: number,
): Promise<StartControllersOptions> {
  const tokenKey = await importServiceAccountKey(certificates.serviceAccountKey);
  return {
    kinds: servedKinds,
    rootCertificateAuthority: certificates.ca.certificate,
    certificateSigner: certificateSigner({ clock, authority: certificates.ca }),
    tokenSigner: { sign: (subject) => signLegacyToken(tokenKey, subject) },
    clusterCidr: config.podCidr,
    dns: { clusterIp: config.dnsAddress, nodePort: DNS_PORT },
    apiServer: { clusterIp: kubernetesServiceAddress(config), addresses: [config.advertiseAddress], port },
    withDns: config.nodes.length > 0,
  };
}
