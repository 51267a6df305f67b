// The network of a node, put together: pod addresses, service rules and DNS. It reads the cluster with an identity of its
// own; both the rules and the names come from the same two informers.

import { readFile } from 'node:fs/promises';
import { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import { Service } from '../api/core/service.ts';
import { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createInformer, type Informer } from '../client/informer.ts';
import { writeCniConfig } from './cni/cni-config.ts';
import { type DnsServer, startDnsServer } from './dns/dns-server.ts';
import { createForwarder, type DnsUpstream } from './dns/forwarder.ts';
import { informerZone } from './dns/informer-zone.ts';
import { deleteTable, enableForwarding, forgetUdpFlows, loadNft, mtuOf } from './kernel.ts';
import { ServiceProxy } from './proxy/proxy.ts';
import { keepRoutes, removeRoutes } from './routes/node-routes.ts';
import { systemRoutes } from './routes/system-routes.ts';

export interface NodeNetworkDeps {
  readonly client: Client;
  /** Pods of this node, for their host ports. */
  readonly pods: Informer<Pod>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface NodeNetworkOptions {
  readonly nodeName: string;
  readonly nodeIp: string;
  /** Whether whatever is not on the node's own network goes to the machine, which knows the way. */
  readonly hasUplink: boolean;
  /** The DNS server of the machine that the node is a namespace of: the machine's loopback is not the node's. */
  readonly machineDns: DnsUpstream | undefined;
  /** Of all pods of the cluster. */
  readonly clusterPodCidr: string;
  readonly clusterDomain: string;
  readonly dnsPort: number;
  /** The nftables table of the cluster on this machine. */
  readonly table: string;
  readonly cniConfDir: string;
  readonly cniStateDir: string;
}

export interface NodeNetwork extends AsyncDisposable {
  readonly proxy: ServiceProxy;
  readonly dns: DnsServer;
  /** Gives the node its range of pod addresses; pods can be started from then on. */
  setPodCidr(podCidr: string): Promise<void>;
}

/** Resolves once DNS listens and the rules are being kept; the rules stay when it is closed, as pods go on running. */
export async function startNodeNetwork(deps: NodeNetworkDeps, options: NodeNetworkOptions): Promise<NodeNetwork> {
  const { client, clock, random, log } = deps;
  await using stack = new AsyncDisposableStack();
  await enableForwarding();
  const informerDeps = { client, clock, random, log };
  const services = stack.use(createInformer(informerDeps, Service));
  const slices = stack.use(createInformer(informerDeps, EndpointSlice));
  const proxy = stack.use(
    new ServiceProxy(
      { services, slices, pods: deps.pods, clock, log, nft: loadNft, forgetUdpFlows },
      { nodeName: options.nodeName, table: options.table, podCidr: options.clusterPodCidr },
    ),
  );
  const nodes = stack.use(createInformer(informerDeps, Node));
  stack.use(keepRoutes({ nodes, clock, log, kernel: systemRoutes }, options));
  const resolvConf = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  const upstream = dnsUpstreams(resolvConf, options);
  const dns = stack.use(
    await startDnsServer(
      { source: informerZone(services, slices), forward: createForwarder({ clock }, upstream), log },
      { address: options.nodeIp, port: options.dnsPort, domain: options.clusterDomain },
    ),
  );
  const owned = stack.move();
  return {
    proxy,
    dns,
    async setPodCidr(podCidr) {
      const mtu = await mtuOf(options.nodeIp);
      await writeCniConfig({ confDir: options.cniConfDir, stateDir: options.cniStateDir, podCidr, mtu });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Takes away what the network leaves in the kernel. */
export async function removeNodeNetwork({
  table,
  clusterPodCidr,
}: Pick<NodeNetworkOptions, 'table' | 'clusterPodCidr'>): Promise<void> {
  await deleteTable(table);
  await removeRoutes({ kernel: systemRoutes }, { clusterPodCidr });
}

/** Who is asked for names outside of the cluster, by the node's resolv.conf. */
export function dnsUpstreams(
  resolvConf: string,
  { machineDns }: Pick<NodeNetworkOptions, 'machineDns'>,
): readonly DnsUpstream[] {
  const servers = [...resolvConf.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address = '']) => ({ address, port: 53 }));
  if (!machineDns) return servers;
  return servers.map((server) => (/^127\.|^::1$/.test(server.address) ? machineDns : server));
}
