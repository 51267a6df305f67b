// A control plane put together: API server over HTTPS, controllers, scheduler, on a store that is handed in. Controllers and
// scheduler are clients in the same process, each with the identity and the rights that it would have anywhere. The process
// around it is control-plane-process.ts; without HTTPS it is control-plane-core.ts.

import type { AddressInfo } from 'node:net';
import { type ServerCertificate, startHttpsServer } from '../apiserver/http/https-server.ts';
import type { Client } from '../client/client.ts';
import type { User } from '../client/user.ts';
import type { KeyPair } from './certificate-authority.ts';
import type { ClusterCertificates } from './certificates.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { type ControlPlaneCoreDeps, openControlPlaneCore } from './control-plane-core.ts';

export interface ControlPlaneDeps extends Omit<ControlPlaneCoreDeps, 'kubeletClient'> {
  readonly config: ClusterConfig;
  readonly certificates: ClusterCertificates;
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
  const { config, certificates, clock, log } = deps;
  await using stack = new AsyncDisposableStack();
  let kubeletClient = certificates.apiServerKubeletClient;
  const core = stack.use(await openControlPlaneCore({ ...deps, kubeletClient: () => kubeletClient }, signal));
  const { apiServer, metrics } = core;
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
  stack.use(await core.startWork({ port: server.address.port }, signal));
  const owned = stack.move();
  return {
    address: server.address,
    renewCertificates(renewed) {
      server.renewCertificate(served(renewed.apiServer));
      kubeletClient = renewed.apiServerKubeletClient;
    },
    clientFor: core.clientFor,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function served({ certificate, key }: KeyPair): ServerCertificate {
  return { cert: certificate, key };
}
