// The Node object: registering it, and keeping its status true. The status is worked out by a pure function and written
// when it changes, or when its time has come so that others see it is not forgotten. Upstream: pkg/kubelet/nodestatus.

import { Node } from '../api/core/node.ts';
import type { NodeCondition, NodeStatus } from '../api/core/node-status.ts';
import { isExtendedResource } from '../api/core/resource-names.ts';
import { canonicalQuantity, quantityValue } from '../api/quantity.ts';
import { pickResources, type ResourceList, remainingResources } from '../api/resource-list.ts';
import { isStatusError } from '../api/status-error.ts';
import { formatTime } from '../api/time.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';
import { compareResourceVersions } from '../client/resource-version.ts';
import type { Image } from '../cri/image-messages.ts';
import type { Pressure } from './eviction/signals.ts';
import type { Machine } from './machine.ts';

export interface NodeFacts {
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly machine: Machine;
  readonly diskBytes: number;
  /** What it is short of. */
  readonly pressures: readonly Pressure[];
  /** `v1.36.0` */
  readonly version: string;
  readonly serverPort: number;
  /** Where the agent's server is, if that is not the node's address. */
  readonly serverName?: string | undefined;
  readonly runtime: {
    /** `containerd://1.6.20`, or nothing while the runtime does not answer. */
    readonly version: string | undefined;
    /** What keeps the runtime or its network from being ready; empty when all is well. */
    readonly problems: readonly string[];
    readonly images: readonly Image[];
    /** What it can do besides, where it says so. */
    readonly features?: { readonly supplementalGroupsPolicy: boolean } | undefined;
  };
  readonly maxPods: number;
  /** What pods cannot have of it. */
  readonly reserved: ResourceList;
  /** How many images are told of; -1: all there are. */
  readonly maxImages: number;
  /** The machine goes down, and its pods are being ended. */
  readonly shuttingDown?: boolean;
  /** What device plugins have announced. */
  readonly devices?: { readonly capacity: ResourceList; readonly allocatable: ResourceList };
}

const CHECK_MS = 10_000;
/** A status that stays as it is is written all the same after this time. */
export const NODE_REPORT_MS = 300_000;
const RETRY_MS = 1_000;
/** While the node is not ready: pods wait for it. */
const NOT_READY_CHECK_MS = 250;
const MAX_IMAGE_NAMES = 5;

/** The whole status; conditions keep the time of their last change from `previous`. */
export function nodeStatus(facts: NodeFacts, previous: NodeStatus | undefined, nowMs: number): NodeStatus {
  const { machine, runtime } = facts;
  const capacity: ResourceList = {
    // Resources that others have announced for the node: they say so in its capacity.
    ...pickResources(previous?.capacity ?? {}, isExtendedResource),
    cpu: String(machine.cpus),
    'ephemeral-storage': kibibytes(facts.diskBytes),
    ...machine.hugePages,
    memory: kibibytes(machine.memoryBytes),
    pods: String(facts.maxPods),
    ...facts.devices?.capacity,
  };
  const hugeBytes = Object.values(machine.hugePages).reduce((sum, quantity) => sum + quantityValue(quantity), 0);
  const allocatable = remainingResources(
    { ...capacity, memory: kibibytes(machine.memoryBytes - hugeBytes) },
    pickResources(facts.reserved, (name) => capacity[name] !== undefined),
  );
  return {
    ...previous,
    capacity,
    allocatable: { ...allocatable, ...facts.devices?.allocatable },
    conditions: conditions(facts, previous?.conditions ?? [], nowMs),
    addresses: [
      { type: 'InternalIP', address: facts.nodeIp },
      { type: 'Hostname', address: facts.nodeName },
      ...(facts.serverName === undefined ? [] : [{ type: 'InternalDNS', address: facts.serverName }]),
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: facts.serverPort } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: runtime.version ?? previous?.nodeInfo.containerRuntimeVersion ?? '',
      kubeletVersion: facts.version,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: machine.architecture,
    },
    ...(runtime.features ? { features: { supplementalGroupsPolicy: runtime.features.supplementalGroupsPolicy } } : {}),
    images: largestImages(runtime.images, facts.maxImages),
  };
}

function largestImages(images: readonly Image[], most: number): NonNullable<NodeStatus['images']> {
  const sorted = images.toSorted((a, b) => b.size - a.size);
  return (most < 0 ? sorted : sorted.slice(0, most)).map(({ repoTags, repoDigests, size }) => ({
    names: [...repoDigests, ...repoTags].slice(0, MAX_IMAGE_NAMES),
    sizeBytes: size,
  }));
}

/** In the form in which the API gives it back, so that a status that is reported again is seen to be the same. */
function kibibytes(bytes: number): string {
  return canonicalQuantity(`${Math.floor(bytes / 1024)}Ki`);
}

function conditions(facts: NodeFacts, previous: readonly NodeCondition[], nowMs: number): readonly NodeCondition[] {
  const { pressures, runtime } = facts;
  const problems = [
    ...(runtime.version === undefined ? ['container runtime is down'] : runtime.problems),
    ...(facts.shuttingDown ? ['node is shutting down'] : []),
  ];
  const of = (type: string, status: boolean, reason: string, message: string): NodeCondition => {
    const text = status ? 'True' : 'False';
    const before = previous.find((condition) => condition.type === type);
    const now = formatTime(nowMs);
    const since = before?.status === text ? (before.lastTransitionTime ?? now) : now;
    return { type, status: text, lastHeartbeatTime: now, lastTransitionTime: since, reason, message };
  };
  const own = [
    pressures.includes('MemoryPressure')
      ? of('MemoryPressure', true, 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
      : of('MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    pressures.includes('DiskPressure')
      ? of('DiskPressure', true, 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : of('DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    pressures.includes('PIDPressure')
      ? of('PIDPressure', true, 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available')
      : of('PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    problems.length === 0
      ? of('Ready', true, 'KubeletReady', 'kubelet is posting ready status')
      : of('Ready', false, 'KubeletNotReady', problems.join(', ')),
  ];
  return [...previous.filter(({ type }) => !own.some((condition) => condition.type === type)), ...own];
}

export interface NodeReporterDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly facts: () => Promise<NodeFacts>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NodeReportOptions {
  /** Told of the node each time it has been read or written. */
  readonly registered: (node: Node) => void;
  /** Ends the wait for the next check at once. */
  readonly changed: (wake: () => void) => Disposable;
  /** The node as a watch has it, where there is one: what others have written of it since is kept. */
  readonly latest?: () => Node | undefined;
  /** How often the facts are looked at. Absent: every 10 s. */
  readonly checkMs?: number;
  readonly signal: AbortSignal;
}

/** Registers the node and keeps its status true until the signal aborts; resolves then. */
export async function reportNode(
  deps: NodeReporterDeps,
  { registered, changed, latest, checkMs = CHECK_MS, signal }: NodeReportOptions,
): Promise<void> {
  let node: Node | undefined;
  let reportedAt = 0;
  while (!signal.aborted) {
    let waitMs = checkMs;
    try {
      const facts = await deps.facts();
      node = newer(node ?? (await register(deps, facts, signal)), latest?.());
      const status = nodeStatus(facts, node.status, deps.clock.now());
      if (deps.clock.now() - reportedAt >= NODE_REPORT_MS || differs(node.status, status)) {
        node = await deps.client.updateStatus(Node, { ...node, status }, { signal });
        reportedAt = deps.clock.now();
      }
      registered(node);
      if (!isReady(status)) waitMs = NOT_READY_CHECK_MS;
    } catch (error) {
      if (signal.aborted) return;
      if (!isStatusError(error, 'Conflict')) deps.log.warn('reporting the node failed', { error });
      node = undefined; // It is read again: another may have written or removed it.
      waitMs = RETRY_MS;
    }
    const woken = new AbortController();
    using _ = changed(() => woken.abort());
    await sleep(deps.clock, waitMs, AbortSignal.any([signal, woken.signal])).catch(() => {}); // Woken or ended: go on.
  }
}

function newer(node: Node, other: Node | undefined): Node {
  if (!other) return node;
  return compareResourceVersions(other.metadata.resourceVersion, node.metadata.resourceVersion) > 0 ? other : node;
}

async function register(
  { client, labels, clock }: NodeReporterDeps,
  facts: NodeFacts,
  signal: AbortSignal,
): Promise<Node> {
  const name = facts.nodeName;
  try {
    return await client.get(Node, { name }, { signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
  return client.create(
    Node,
    {
      metadata: {
        name,
        labels: {
          'beta.kubernetes.io/arch': facts.machine.architecture,
          'beta.kubernetes.io/os': 'linux',
          'kubernetes.io/arch': facts.machine.architecture,
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          ...labels,
        },
      },
      status: nodeStatus(facts, undefined, clock.now()),
    },
    { signal },
  );
}

function isReady({ conditions }: NodeStatus): boolean {
  return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

/** Heartbeat times alone are no difference. */
function differs(a: NodeStatus, b: NodeStatus): boolean {
  const essence = (status: NodeStatus) =>
    JSON.stringify([
      status.capacity,
      status.allocatable,
      status.addresses,
      status.nodeInfo,
      status.daemonEndpoints,
      status.features,
      (status.images ?? []).map(({ names }) => names),
      (status.conditions ?? [])
        .map(({ type, status: value, reason, message }) => [type, value, reason, message])
        .sort(),
    ]);
  return essence(a) !== essence(b);
}
