// How a cluster is: its processes, its API, its nodes.

import { Node } from '../api/core/node.ts';
import { systemClock } from '../base/clock.ts';
import { messageOf } from '../base/message-of.ts';
import { type ClusterConfig, readDesired } from './cluster-config.ts';
import { CONTROL_PLANE, componentPid, nodeComponent, SIMULATED_NODES } from './component.ts';
import { adminClient } from './component-client.ts';

export interface ClusterStatus {
  readonly desired: 'up' | 'down';
  readonly components: readonly { readonly name: string; readonly pid: number | undefined }[];
  /** `healthy`, or why not. */
  readonly api: string;
  readonly nodes: number;
  readonly readyNodes: number;
  readonly healthy: boolean;
}

export interface NodeSummary {
  readonly name: string;
  readonly ready: boolean;
  readonly address: string;
  readonly version: string;
}

const TIMEOUT_MS = 5_000;

export async function clusterStatus(config: ClusterConfig): Promise<ClusterStatus> {
  const names = componentsOf(config);
  const components = names.map((name) => ({ name, pid: componentPid(config.dataDir, name) }));
  const desired = readDesired(config.dataDir);
  const [api, nodes] = await Promise.all([apiHealth(config), listNodes(config).catch(() => [])]);
  const readyNodes = nodes.filter(({ ready }) => ready).length;
  const running = components.every(({ pid }) => pid !== undefined);
  return {
    desired,
    components,
    api,
    nodes: nodes.length,
    readyNodes,
    healthy: running && api === 'healthy' && nodes.length > 0 && readyNodes === nodes.length,
  };
}

/** The components that the cluster consists of, when it is up. */
export function componentsOf(config: ClusterConfig): readonly string[] {
  return [
    ...(config.controlPlane === 'here' ? [CONTROL_PLANE] : []),
    ...config.nodes.map(({ name }) => nodeComponent(name)),
    ...(config.simulatedNodes > 0 ? [SIMULATED_NODES] : []),
  ];
}

/** The nodes that the API knows. Rejects when it cannot be asked. */
export async function listNodes(config: ClusterConfig): Promise<readonly NodeSummary[]> {
  await using client = await adminClient(config, systemClock);
  // A node may see itself alone.
  const selected = config.controlPlane === 'here' ? {} : { fieldSelector: `metadata.name=${config.nodes[0]?.name}` };
  const { items } = await client.list(Node, { ...selected, signal: AbortSignal.timeout(TIMEOUT_MS) });
  return items.map(({ metadata, status }) => ({
    name: metadata.name,
    ready: status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true,
    address: status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
    version: status.nodeInfo.kubeletVersion,
  }));
}

async function apiHealth(config: ClusterConfig): Promise<string> {
  try {
    await using client = await adminClient(config, systemClock);
    await client.request('GET', '/readyz', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return 'healthy';
  } catch (error) {
    return `not healthy (${messageOf(error)})`;
  }
}
