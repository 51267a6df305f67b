// The process of simulated nodes: node agents without containers. All share one connection; each acts as its own node by
// impersonation, so that what it may do is what a node may do.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KUBELET_CLIENT_USER } from '../apiserver/authorization/bootstrap/cluster-additions.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createClient } from '../client/create-client.ts';
import type { Transport } from '../client/transport.ts';
import { runSimulatedNodes, type SimulatedServerOptions } from '../kubelet/simulated/simulated-nodes.ts';
import { SIMULATED_SERVER_NAME } from './certificates.ts';
import { type ClusterConfig, clusterPaths } from './cluster-config.ts';
import { CONTROL_PLANE, registerComponent, SIMULATED_NODES } from './component.ts';
import { componentTransport } from './component-client.ts';
import { guard } from './guard.ts';
import { KUBERNETES_VERSION, TYPERNETES_VERSION } from './version.ts';

export interface SimulatedNodesProcessDeps {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Runs the cluster's simulated nodes until the signal aborts. */
export async function runSimulatedNodesProcess(deps: SimulatedNodesProcessDeps, signal: AbortSignal): Promise<void> {
  const { config, clock, random, log } = deps;
  await using stack = new AsyncDisposableStack();
  stack.use(await registerComponent(config.dataDir, SIMULATED_NODES));
  const transport = stack.use(await componentTransport(config, { clock, random, log }, 'admin'));
  const userAgent = `simulated-nodes/${TYPERNETES_VERSION}`;
  const client = createClient(transport, { userAgent, log, clock });
  const clientOf = (node: string): Client => createClient(asNode(transport, node), { userAgent, log, clock });
  const simulating = runSimulatedNodes(
    { client, clientOf, clock, random, log },
    { count: config.simulatedNodes, version: KUBERNETES_VERSION, server: await serverOptions(config) },
    signal,
  );
  // The first node's process guards the control plane; without one it is up to us.
  const isOnly = config.nodes.length === 0;
  const guarding = isOnly ? guard({ dataDir: config.dataDir, clock, log, signal }, CONTROL_PLANE) : undefined;
  await Promise.all([simulating, guarding]);
}

async function serverOptions({ dataDir }: ClusterConfig): Promise<SimulatedServerOptions> {
  const { pki } = clusterPaths(dataDir);
  const read = (file: string) => readFile(join(pki, file), 'utf8');
  return {
    name: SIMULATED_SERVER_NAME,
    address: SIMULATED_SERVER_NAME,
    port: 0,
    serving: async () => ({
      certificate: await read('simulated-nodes.crt'),
      key: await read('simulated-nodes.key'),
    }),
    clientCa: await read('ca.crt'),
    allowedClient: KUBELET_CLIENT_USER,
  };
}

/** The same connection with a node's identity. Closing it leaves the connection open, which others use too. */
function asNode(transport: Transport, node: string): Transport {
  const identity = { 'impersonate-user': `system:node:${node}`, 'impersonate-group': 'system:nodes' };
  return {
    send: (request) => transport.send({ ...request, headers: { ...request.headers, ...identity } }),
    async [Symbol.asyncDispose]() {},
  };
}
