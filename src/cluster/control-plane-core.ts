// What a control plane is apart from how it is reached: the API server on a store that is handed in, and the controllers and
// the scheduler, which are clients in the same process.

import type { ApiServer } from '../apiserver/api-server.ts';
import { importServiceAccountKey } from '../apiserver/authentication/service-account-keys.ts';
import { signLegacyToken } from '../apiserver/authentication/service-account-tokens.ts';
import { MetricsRegistry } from '../base/metrics.ts';
import type { Client } from '../client/client.ts';
import { createClient } from '../client/create-client.ts';
import { clientMetrics, measuredTransport } from '../client/measured-transport.ts';
import { serviceAccountUser, type User } from '../client/user.ts';
import { servedKinds } from './api-server-parts.ts';
import { certificateSigner } from './certificate-signer.ts';
import { DNS_PORT, kubernetesServiceAddress } from './cluster-config.ts';
import { componentHealth } from './component-health.ts';
import { type OpenApiServerDeps, openApiServer } from './open-api-server.ts';
import { processMetrics } from './process-metrics.ts';
import { type StartControllersOptions, startControllers } from './start-controllers.ts';
import { startScheduler } from './start-scheduler.ts';
import { TYPERNETES_VERSION } from './version.ts';

export type ControlPlaneCoreDeps = Omit<OpenApiServerDeps, 'metrics' | 'components'>;

export interface ControlPlaneCore extends AsyncDisposable {
  readonly apiServer: ApiServer;
  /** One for all in this process: GET /metrics shows the controllers and the scheduler, too. */
  readonly metrics: MetricsRegistry;
  /** A client in this process that acts as the user. The caller closes it. */
  clientFor(user: User, userAgent: string): Client;
  /**
   * Starts the controllers and the scheduler; resolves when they are at work. The caller closes them before the core. The
   * port is where the API is served, as the cluster is told.
   */
  startWork(served: { readonly port: number }, signal: AbortSignal): Promise<AsyncDisposable>;
}

/** Resolves when requests can be served. The store stays open when it is closed. */
export async function openControlPlaneCore(deps: ControlPlaneCoreDeps, signal: AbortSignal): Promise<ControlPlaneCore> {
  const { config, clock, random, log } = deps;
  const metrics = new MetricsRegistry();
  processMetrics(metrics, { clock });
  const health = componentHealth(deps);
  const opened = await openApiServer({ ...deps, metrics, components: health.components }, signal);
  const { apiServer, selfClient } = opened;
  const ofClients = clientMetrics(metrics, { host: `${config.advertiseAddress}:${config.apiPort}` });
  // Without a log: warnings (of deprecated kinds) are for others, these go with the very server that they talk to.
  const clientFor = (user: User, userAgent: string): Client =>
    createClient(measuredTransport(apiServer.transportFor(user), { metrics: ofClients, clock }), {
      userAgent: `${userAgent}/${TYPERNETES_VERSION}`,
      clock,
    });
  const componentClient = (name: string) => clientFor(componentUser(name), name);
  return {
    apiServer,
    metrics,
    clientFor,
    async startWork({ port }, until) {
      await using stack = new AsyncDisposableStack();
      const controllers = {
        clientFor: (account: string) => clientFor(serviceAccountUser('kube-system', account), account),
        selfClient,
        managerClient: componentClient('kube-controller-manager'),
      };
      const common = { clock, random, log, metrics };
      stack.use(await startControllers({ ...controllers, ...common }, await controllersOptions(deps, port), until));
      health.started('controller-manager', { failure: undefined }); // They go on whatever happens.
      const scheduler = stack.use(startScheduler({ client: componentClient('kube-scheduler'), ...common }));
      health.started('scheduler', scheduler);
      return stack.move();
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

function componentUser(name: string): User {
  return { name: `system:${name}`, uid: undefined, groups: ['system:authenticated'], extra: {} };
}

async function controllersOptions(
  { config, certificates, clock }: ControlPlaneCoreDeps,
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
