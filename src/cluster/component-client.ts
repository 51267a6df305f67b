// Clients of the cluster's API for its own components and commands, each with the certificate that is its own.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { type Logger, silentLogger } from '../base/log.ts';
import { type Random, systemRandom } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createClient } from '../client/create-client.ts';
import { createHttpsTransport } from '../client/https-transport.ts';
import type { Transport } from '../client/transport.ts';
import { type ClusterConfig, clusterPaths, commandIdentity } from './cluster-config.ts';
import { TYPERNETES_VERSION } from './version.ts';

export interface ComponentClientDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * A connection with the certificate of that name in the pki directory (`admin`, `kube-proxy`,
 * `nodes/NAME/kubelet-client`). The files are read for each connection, so a renewed certificate is used without a restart.
 */
export async function componentTransport(
  config: ClusterConfig,
  deps: ComponentClientDeps,
  identity: string,
): Promise<Transport> {
  const { pki } = clusterPaths(config.dataDir);
  return createHttpsTransport(deps, {
    server: `https://${config.advertiseAddress}:${config.apiPort}`,
    certificateAuthority: await readFile(join(pki, 'ca.crt'), 'utf8'),
    clientCertificate: async () => ({
      certificate: await readFile(join(pki, `${identity}.crt`), 'utf8'),
      key: await readFile(join(pki, `${identity}.key`), 'utf8'),
    }),
  });
}

/** A client of its own connection. */
export async function componentClient(
  config: ClusterConfig,
  deps: ComponentClientDeps,
  { identity, userAgent }: { readonly identity: string; readonly userAgent: string },
): Promise<Client> {
  const transport = await componentTransport(config, deps, identity);
  return createClient(transport, { userAgent: `${userAgent}/${TYPERNETES_VERSION}`, log: deps.log, clock: deps.clock });
}

/** For commands, which speak with the administrator's certificate (or the node's, where it has joined) and say themselves what went wrong. */
export function adminClient(config: ClusterConfig, clock: Clock): Promise<Client> {
  const deps = { clock, random: systemRandom, log: silentLogger };
  return componentClient(config, deps, { identity: commandIdentity(config), userAgent: 't8s' });
}
