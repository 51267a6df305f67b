// What a cluster is made with and where its files are. Written once by `up` to cluster.json; every process reads it.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ipv4Range, ipv4Text } from '../base/ipv4-range.ts';
import type { RegistryMirror } from '../cri/containerd-config.ts';
import type { KubeletConfiguration } from '../kubelet/settings/kubelet-configuration.ts';
import { writeWhole } from './write-whole.ts';

/** A node that runs containers here. */
export interface ClusterNode {
  readonly name: string;
  /** The address that it is reached at, by other nodes too. */
  readonly address: string;
  /** The machine itself, or a network namespace that stands for another machine. */
  readonly place: 'machine' | 'namespace';
}

/** Programs that have credentials for registries, and which of them for which. */
export interface CredentialProviderFiles {
  readonly configFile: string;
  readonly binDir: string;
}

export interface ClusterConfig {
  readonly name: string;
  readonly dataDir: string;
  /** Whether the control plane is one of the processes here; else the machine has joined it. */
  readonly controlPlane: 'here' | 'elsewhere';
  readonly apiPort: number;
  /** The address of this machine that pods and other nodes reach the API at. */
  readonly advertiseAddress: string;
  /** The nodes that run containers here: the machine itself first, then its namespaces. Empty without root. */
  readonly nodes: readonly ClusterNode[];
  /** Of the network that namespaces and the machine share. */
  readonly nodeCidr: string;
  readonly simulatedNodes: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The cluster's DNS service, within the service range. */
  readonly dnsAddress: string;
  readonly clusterDomain: string;
  readonly registryMirrors: readonly RegistryMirror[];
  /** The CRI socket of a runtime that is not ours. */
  readonly containerRuntimeEndpoint: string | undefined;
  /** What has been set of the node agents here. */
  readonly kubeletConfiguration: KubeletConfiguration;
  readonly credentialProviders?: CredentialProviderFiles | undefined;
  /** The kubeconfig the cluster's context was written to, so that `delete` can take it out again. */
  readonly kubeconfig: string;
}

/** What its control plane goes by, however it is reached. */
export type ControlPlaneConfig = Pick<
  ClusterConfig,
  'advertiseAddress' | 'apiPort' | 'nodes' | 'podCidr' | 'serviceCidr' | 'dnsAddress' | 'clusterDomain'
>;

export const CLUSTER_DEFAULTS = {
  name: 'default',
  apiPort: 6443,
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/12',
  dnsAddress: '10.96.0.10',
  clusterDomain: 'cluster.local',
} as const;

/** Where every node's agent serves logs, exec and its own figures. */
export const KUBELET_PORT = 10_250;
/** Where every node's DNS server listens; the service `kube-dns` leads there. */
export const DNS_PORT = 10_053;

/** Where the files of a cluster are. Everything is below the data directory; `delete` removes it whole. */
export function clusterPaths(dataDir: string) {
  return {
    config: join(dataDir, 'cluster.json'),
    /** Holds the desired state, `up` or `down`. */
    desired: join(dataDir, 'desired'),
    pki: join(dataDir, 'pki'),
    store: join(dataDir, 'store', 'store.db'),
    logs: join(dataDir, 'logs'),
    run: join(dataDir, 'run'),
    node: (name: string) => join(dataDir, 'nodes', name),
  } as const;
}

/** The name of the certificate by which commands, and whatever has none of its own, come to the API. */
export function commandIdentity({ controlPlane, nodes }: ClusterConfig): string {
  return controlPlane === 'here' ? 'admin' : `nodes/${nodes[0]?.name}/kubelet-client`;
}

/** The address of the service `kubernetes`: the first of the service range that is not the network itself. */
export function kubernetesServiceAddress({ serviceCidr }: Pick<ClusterConfig, 'serviceCidr'>): string {
  return ipv4Text(ipv4Range(serviceCidr).first + 1);
}

/** The machine's own address in the network that it shares with its namespaces: the first that is not the network itself. */
export function machineAddress({ nodeCidr }: Pick<ClusterConfig, 'nodeCidr'>): string {
  return ipv4Text(ipv4Range(nodeCidr).first + 1);
}

/** Throws when the cluster has no such node here. */
export function nodeNamed({ nodes }: Pick<ClusterConfig, 'nodes'>, name: string): ClusterNode {
  const node = nodes.find((each) => each.name === name);
  if (!node) throw new Error(`there is no node ${JSON.stringify(name)} on this machine`);
  return node;
}

/** Undefined when there is no cluster in that directory; throws when its file is damaged. */
export function readClusterConfig(dataDir: string): ClusterConfig | undefined {
  let text: string;
  try {
    text = readFileSync(clusterPaths(dataDir).config, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as ClusterConfig;
  } catch (cause) {
    throw new Error(`${clusterPaths(dataDir).config} is damaged; t8s delete removes the cluster`, { cause });
  }
}

export function writeClusterConfig(config: ClusterConfig): void {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  writeWhole(clusterPaths(config.dataDir).config, `${JSON.stringify(config, null, 2)}\n`);
}

/** What the cluster is meant to be: processes keep each other alive only while it is `up`. */
export function readDesired(dataDir: string): 'up' | 'down' {
  try {
    return readFileSync(clusterPaths(dataDir).desired, 'utf8').trim() === 'up' ? 'up' : 'down';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'down';
    throw error;
  }
}

export function writeDesired(dataDir: string, desired: 'up' | 'down'): void {
  writeWhole(clusterPaths(dataDir).desired, `${desired}\n`);
}
