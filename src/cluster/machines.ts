// The nodes of one machine: the machine itself, and network namespaces that stand for further ones. A bridge joins them;
// the machine is their way out. What they are called is in cluster-names.ts, what is made of it on a node in
// src/network/node-network.ts. docs/decisions/0016-machines-and-pod-routes.md

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ipv4Range, ipv4Text } from '../base/ipv4-range.ts';
import type { RegistryMirror } from '../cri/containerd-config.ts';
import { deleteTable, enableForwarding, loadNft, mtuOf } from '../network/kernel.ts';
import { systemRoutes } from '../network/routes/system-routes.ts';
import { type ClusterConfig, type ClusterNode, machineAddress } from './cluster-config.ts';
import { bridgeName, linkName, machinesTable, netNamespace } from './cluster-names.ts';

const run = promisify(execFile);

/** Networks for the nodes of a machine are looked for here, each of 254 addresses. */
const NODE_NETWORKS = '10.89.0.0/16';
const NODE_NETWORK_PREFIX = 24;
/** Networks for pods are looked for here, each of 256 times as many. */
const POD_NETWORKS = '10.244.0.0/14';
const POD_NETWORK_PREFIX = 16;

/** The path of the namespace that a node is in; undefined for the machine itself. */
export function namespacePath({ name }: Pick<ClusterConfig, 'name'>, node: ClusterNode): string | undefined {
  return node.place === 'namespace' ? `/run/netns/${netNamespace(name, node.name)}` : undefined;
}

/** What a program of the node is started by; it becomes the program. */
export function enterNode(config: Pick<ClusterConfig, 'name'>, node: ClusterNode): readonly string[] {
  const path = namespacePath(config, node);
  return path === undefined ? [] : ['nsenter', `--net=${path}`];
}

/** A mirror on the machine's loopback is reached from a namespace at the machine's address. */
export function reachableMirrors(config: ClusterConfig, node: ClusterNode): readonly RegistryMirror[] {
  if (node.place === 'machine') return config.registryMirrors;
  return config.registryMirrors.map((mirror) => {
    const url = new URL(mirror.url);
    if (!isLoopback(url.hostname)) return mirror;
    url.hostname = machineAddress(config);
    return { ...mirror, url: url.href.replace(/\/+$/, '') };
  });
}

/** For the nodes of a machine: the first network of those set aside for this that the machine has no address in. */
export function freeNodeCidr(taken: readonly string[] = systemRoutes.networks()): string {
  return freeNetwork(NODE_NETWORKS, NODE_NETWORK_PREFIX, taken, '--node-cidr');
}

/** The same for pods: other clusters on the machine, and what is left of them, have routes to the addresses of theirs. */
export function freePodCidr(taken: readonly string[] = systemRoutes.networks()): string {
  return freeNetwork(POD_NETWORKS, POD_NETWORK_PREFIX, taken, '--pod-cidr');
}

function freeNetwork(within: string, prefix: number, taken: readonly string[], option: string): string {
  const { first, size } = ipv4Range(within);
  const step = 2 ** (32 - prefix);
  const ranges = taken.map(ipv4Range);
  for (let at = first; at < first + size; at += step) {
    if (ranges.every((range) => range.first + range.size <= at || range.first >= at + step)) {
      return `${ipv4Text(at)}/${prefix}`;
    }
  }
  throw new Error(`all networks within ${within} are in use on this machine; choose one with ${option}`);
}

/** The first address of the node network that is neither the network's, the machine's, the broadcast's nor a node's. */
export function freeNodeAddress({ nodeCidr, nodes }: Pick<ClusterConfig, 'nodeCidr' | 'nodes'>): string {
  const { first, size } = ipv4Range(nodeCidr);
  for (let at = first + 2; at < first + size - 1; at++) {
    const address = ipv4Text(at);
    if (nodes.every((node) => node.address !== address)) return address;
  }
  throw new Error(`the network ${nodeCidr} has no address left for a node`);
}

/** Makes what is missing of the bridge and the namespaces. Nothing, where the machine is the only node. */
export async function ensureMachines(config: ClusterConfig): Promise<void> {
  const nodes = namespacesOf(config);
  if (nodes.length === 0) return;
  const bridge = bridgeName(config.name);
  const mtu = String(await mtuOf(config.advertiseAddress));
  if (!isInterface(bridge)) await ip(`link add ${bridge} type bridge`);
  await ip(`link set ${bridge} mtu ${mtu} up`);
  await ip(`address replace ${machineAddress(config)}/${ipv4Range(config.nodeCidr).prefix} dev ${bridge}`);
  await enableForwarding();
  // For mirrors on the machine's loopback, which packets from elsewhere do not come to otherwise; the rules say which do.
  await writeFile(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, '1');
  await loadNft(machinesScript(config));
  for (const node of nodes) await ensureNamespace(config, node, mtu);
}

/** Takes away the namespace of a node whose processes have ended. */
export async function removeNamespace(config: ClusterConfig, node: ClusterNode): Promise<void> {
  if (node.place === 'machine') return;
  const link = linkName(config.name, node.name);
  if (isInterface(link)) await ip(`link delete ${link}`);
  if (existsSync(namespacePath(config, node)!)) await ip(`netns delete ${netNamespace(config.name, node.name)}`);
}

/** Takes away all namespaces and what joins them. */
export async function removeMachines(config: ClusterConfig): Promise<void> {
  for (const node of config.nodes) await removeNamespace(config, node);
  const bridge = bridgeName(config.name);
  if (!isInterface(bridge)) return; // There never was a namespace.
  await ip(`link delete ${bridge}`);
  await deleteTable(machinesTable(config.name));
}

/**
 * The machine's rules for its namespaces: their way out, and their way to mirrors on its loopback. Pure. Who may go out
 * is not asked of a set: see baseScript in src/network/proxy/nft-rules.ts.
 */
export function machinesScript(config: ClusterConfig): string {
  const table = machinesTable(config.name);
  const { nodeCidr, podCidr } = config;
  const ports = loopbackPorts(config.registryMirrors);
  const redirect =
    ports.length === 0
      ? ''
      : `
    iifname ${bridgeName(config.name)} ip daddr ${machineAddress(config)} tcp dport { ${ports.join(', ')} } dnat to 127.0.0.1`;
  return `add table ip ${table}
delete table ip ${table}
table ip ${table} {
  chain prerouting {
    type nat hook prerouting priority dstnat - 1; policy accept;${redirect}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat + 1; policy accept;
    ip saddr ${nodeCidr} ip daddr != ${nodeCidr} ip daddr != ${podCidr} ip daddr != 224.0.0.0/4 fib saddr type != local masquerade
  }
}
`;
}

async function ensureNamespace(config: ClusterConfig, node: ClusterNode, mtu: string): Promise<void> {
  const namespace = netNamespace(config.name, node.name);
  const link = linkName(config.name, node.name);
  if (!existsSync(namespacePath(config, node)!)) await ip(`netns add ${namespace}`);
  if (!isInterface(link)) await ip(`link add ${link} type veth peer name ${NODE_INTERFACE} netns ${namespace}`);
  await ip(`link set ${link} master ${bridgeName(config.name)} mtu ${mtu} up`);
  await ip(`-n ${namespace} link set lo up`);
  await ip(`-n ${namespace} link set ${NODE_INTERFACE} mtu ${mtu} up`);
  const { prefix } = ipv4Range(config.nodeCidr);
  await ip(`-n ${namespace} address replace ${node.address}/${prefix} dev ${NODE_INTERFACE}`);
  await ip(`-n ${namespace} route replace default via ${machineAddress(config)}`);
}

const NODE_INTERFACE = 'eth0';

function namespacesOf({ nodes }: ClusterConfig): readonly ClusterNode[] {
  return nodes.filter(({ place }) => place === 'namespace');
}

function loopbackPorts(mirrors: readonly RegistryMirror[]): readonly string[] {
  const urls = mirrors.map(({ url }) => new URL(url)).filter(({ hostname }) => isLoopback(hostname));
  return [...new Set(urls.map(({ port, protocol }) => port || (protocol === 'https:' ? '443' : '80')))];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || /^127\./.test(host);
}

function isInterface(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`);
}

/** Words of one `ip` command. Rejects with what it complains of. */
async function ip(line: string): Promise<void> {
  await run('ip', line.split(' '));
}
