// The Node object of a node that only pretends: registered with its own addresses and pod range, then kept true and
// alive by the same code as a real node's.

import { Node } from '../../api/core/node.ts';
import type { Taint } from '../../api/core/toleration.ts';
import { isStatusError } from '../../api/status-error.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import { evictionReserved, evictionThresholds } from '../eviction/thresholds.ts';
import { keepNodeLease } from '../node-lease.ts';
import { NODE_REPORT_MS, type NodeFacts, nodeStatus, reportNode } from '../node-status.ts';
import { kubeletSettings } from '../settings/kubelet-configuration.ts';
import { nodeAddressOf, podCidrOf } from './simulated-addresses.ts';

export interface SimulatedCapacity {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly pods: number;
}

export interface SimulatedNode {
  readonly name: string;
  readonly index: number;
  readonly capacity: SimulatedCapacity;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** `v1.36.0` */
  readonly version: string;
  /** Where the server is that answers for the node. Absent: nobody listens. */
  readonly server?: { readonly name: string; readonly port: number } | undefined;
}

interface Deps {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Such as a real node has without any of its own. */
const SETTINGS = kubeletSettings();
/** On every simulated node, for those who want to choose or avoid them. */
const SIMULATED_LABEL = 'simulated.typernetes.io/node';

/** Makes the Node unless it is there. Its range of pod addresses is its own business: no cluster range is that large. */
export async function registerSimulatedNode(
  { client, clock }: Deps,
  node: SimulatedNode,
  signal: AbortSignal,
): Promise<Node> {
  const podCIDR = podCidrOf(node.index);
  try {
    return await client.create(
      Node,
      {
        metadata: { name: node.name, labels: labelsOf(node) },
        spec: { podCIDR, podCIDRs: [podCIDR], ...(node.taints.length > 0 ? { taints: node.taints } : {}) },
        status: nodeStatus(factsOf(node), undefined, clock.now()),
      },
      { signal },
    );
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
    return client.get(Node, { name: node.name }, { signal });
  }
}

export interface KeepOptions {
  /** The first renewal comes after it. */
  readonly leaseDelayMs: number;
  readonly renewMs: number;
  readonly signal: AbortSignal;
}

/** Keeps the node's status and lease until the signal aborts. What it is never changes, so that it is only told of. */
export async function keepSimulatedNode(
  deps: Deps,
  node: SimulatedNode,
  { leaseDelayMs, renewMs, signal }: KeepOptions,
): Promise<void> {
  let current: Node | undefined;
  const reporting = reportNode(
    { ...deps, facts: async () => factsOf(node), labels: labelsOf(node) },
    {
      registered: (seen) => {
        current = seen;
      },
      changed: () => ({ [Symbol.dispose]: () => {} }),
      checkMs: NODE_REPORT_MS,
      signal,
    },
  );
  const renewing = sleep(deps.clock, leaseDelayMs, signal).then(
    () => keepNodeLease(deps, { nodeName: node.name, node: () => current, renewMs, signal }),
    () => {}, // Aborted before the first renewal.
  );
  await Promise.all([reporting, renewing]);
}

function labelsOf({ name, labels }: SimulatedNode): Readonly<Record<string, string>> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    [SIMULATED_LABEL]: 'true',
    ...labels,
  };
}

function factsOf({ name, index, capacity, version, server }: SimulatedNode): NodeFacts {
  const id = index.toString(16).padStart(12, '0');
  return {
    nodeName: name,
    nodeIp: nodeAddressOf(index),
    machine: {
      cpus: capacity.cpus,
      memoryBytes: capacity.memoryBytes,
      hugePages: { 'hugepages-1Gi': '0', 'hugepages-2Mi': '0' },
      architecture: 'amd64',
      kernelVersion: 'simulated',
      osImage: 'simulated',
      hostname: name,
      machineId: `${'0'.repeat(20)}${id}`,
      systemUuid: `00000000-0000-0000-0000-${id}`,
      bootId: `00000000-0000-0000-0000-${id}`,
    },
    diskBytes: capacity.diskBytes,
    pressures: [],
    reserved: evictionReserved(evictionThresholds(SETTINGS), capacity),
    maxImages: SETTINGS.nodeStatusMaxImages,
    version,
    serverPort: server?.port ?? 0,
    serverName: server?.name,
    runtime: { version: 'simulated://1.0', problems: [], images: [] },
    maxPods: capacity.pods,
  };
}
