// Node agents without containers, many in one process: for scale, and for tests of everything that needs nodes and pods
// but not what runs in them. All of them read pods through one watch; each writes as itself.

import { Pod } from '../../api/core/pod.ts';
import type { Taint } from '../../api/core/toleration.ts';
import { isStatusError } from '../../api/status-error.ts';
import { aborted } from '../../base/aborted.ts';
import { Backoff } from '../../base/backoff.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import { forEachOf } from '../../base/for-each-of.ts';
import type { Logger } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { WorkQueue } from '../../base/work-queue.ts';
import { type Client, refOf } from '../../client/client.ts';
import { createInformer, type Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { NodeServer, NodeServerOptions } from '../server/node-server.ts';
import { statusChange } from '../status-writer.ts';
import { MAX_SIMULATED_NODES, nodeAddressOf, PodAddresses, podCidrOf } from './simulated-addresses.ts';
import {
  keepSimulatedNode,
  registerSimulatedNode,
  type SimulatedCapacity,
  type SimulatedNode,
} from './simulated-node.ts';
import { planSimulatedPod } from './simulated-pod.ts';
import { startSimulatedServer } from './simulated-server.ts';

export interface SimulatedNodesDeps {
  /** Reads all pods. */
  readonly client: Client;
  /** Acts as the node of that name. The caller closes it. */
  readonly clientOf: (nodeName: string) => Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface SimulatedNodesOptions {
  readonly count: number;
  /** Nodes are named by it and a number from 1. Absent: `simulated-`. */
  readonly namePrefix?: string;
  readonly capacity?: Partial<SimulatedCapacity>;
  /** Besides those that every node has. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** `v1.36.0` */
  readonly version: string;
  /** For a server that tells what is used on the nodes. Absent: none, and nobody can ask them. */
  readonly server?: SimulatedServerOptions;
  /** How many writes for pods are under way at a time, for all nodes together. Absent: 64. */
  readonly concurrency?: number;
  /** Called when all nodes are registered. */
  readonly onReady?: () => void;
}

export interface SimulatedServerOptions extends NodeServerOptions {
  /** Where the API server reaches it, as its certificate says: `localhost`. */
  readonly name: string;
}

const NODE_INDEX = 'node';
const DEFAULT_CAPACITY: SimulatedCapacity = { cpus: 32, memoryBytes: 256 * 2 ** 30, diskBytes: 2 ** 40, pods: 110 };
const REGISTRATIONS_AT_ONCE = 16;
const REGISTRATION_ATTEMPTS = 10;
const LEASE_SPREAD_MS = 10_000;

interface Registered {
  readonly node: SimulatedNode;
  readonly client: Client;
  readonly addresses: PodAddresses;
}

/** Runs until the signal aborts; resolves when all that was begun has ended. Throws `RangeError` for too many nodes. */
export async function runSimulatedNodes(
  deps: SimulatedNodesDeps,
  options: SimulatedNodesOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, log } = deps;
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const nodes = new Map<string, Registered>();
  await using stack = new AsyncDisposableStack();
  const pods = stack.use(createInformer(deps, Pod, { indexes: { [NODE_INDEX]: ({ spec }) => [spec.nodeName ?? ''] } }));
  const podsOf = (name: string) => (nodes.has(name) ? pods.byIndex(NODE_INDEX, name) : undefined);
  const server = options.server && stack.use(await startSimulatedServer({ podsOf, clock, log }, options.server));
  const planned = plannedNodes(options, server);
  const queue = stack.use(podQueue(deps, pods, nodes, options.concurrency ?? 64));
  // Pods of nodes that are not registered yet are seen again when they are.
  stack.use(
    pods.subscribe((changes) => {
      for (const { object } of changes) if (nodes.has(object.spec.nodeName ?? '')) queue.add(keyOf(object.metadata));
    }),
  );
  const keeping: Promise<void>[] = [];
  try {
    await forEachOf(planned, REGISTRATIONS_AT_ONCE, either, async (node) => {
      const client = deps.clientOf(node.name);
      const nodeDeps = { client, clock, log: log.with({ node: node.name }) };
      const object = await withRetries(deps, either, () => registerSimulatedNode(nodeDeps, node, either));
      nodes.set(node.name, { node, client, addresses: new PodAddresses(object.spec.podCIDR ?? podCidrOf(node.index)) });
      const leaseDelayMs = random.next() * LEASE_SPREAD_MS;
      // A signal of its own: thousands of listeners on one would make each of them slow to add and to remove.
      const own = AbortSignal.any([either]);
      keeping.push(keepSimulatedNode(nodeDeps, node, { leaseDelayMs, signal: own }));
    });
    for (const pod of pods.list()) if (nodes.has(pod.spec.nodeName ?? '')) queue.add(keyOf(pod.metadata));
    options.onReady?.();
    await aborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ended.abort(new Error('the simulated nodes have ended'));
    await Promise.all(keeping);
  }
}

function plannedNodes(options: SimulatedNodesOptions, listening: NodeServer | undefined): readonly SimulatedNode[] {
  const { count, namePrefix = 'simulated-', capacity, labels = {}, taints = [], version } = options;
  const server = options.server && listening && { name: options.server.name, port: listening.port };
  if (count > MAX_SIMULATED_NODES) throw new RangeError(`at most ${MAX_SIMULATED_NODES} nodes can be simulated`);
  return Array.from({ length: count }, (_, index) => ({
    name: `${namePrefix}${index + 1}`,
    index,
    capacity: { ...DEFAULT_CAPACITY, ...capacity },
    labels,
    taints,
    version,
    server,
  }));
}

/** Brings one pod after the other to where its plan says it is now. */
function podQueue(
  { clock, log }: SimulatedNodesDeps,
  pods: Informer<Pod>,
  nodes: ReadonlyMap<string, Registered>,
  concurrency: number,
): WorkQueue {
  /** On which node each pod has its address, by the pod's key: when the pod has gone nothing else tells. */
  const placed = new Map<string, { readonly uid: string; readonly addresses: PodAddresses }>();
  const release = (key: string) => {
    const place = placed.get(key);
    place?.addresses.release(place.uid);
    placed.delete(key);
  };
  const work = async (key: string, signal: AbortSignal) => {
    const pod = pods.get(key);
    if (pod?.metadata.uid !== placed.get(key)?.uid) release(key);
    const on = nodes.get(pod?.spec.nodeName ?? '');
    if (!pod || !on) return undefined;
    const { uid } = pod.metadata;
    const podIp = on.addresses.assign(uid, pod.status.podIP);
    placed.set(key, { uid, addresses: on.addresses });
    const place = { podIp, hostIp: nodeAddressOf(on.node.index) };
    const plan = planSimulatedPod(pod, place, clock.now());
    await carryOut(on.client, pod, plan, signal);
    return plan.nextAtMs === undefined ? undefined : { requeueAfterMs: plan.nextAtMs - clock.now() };
  };
  return new WorkQueue(
    { clock, work },
    {
      concurrency,
      backoff: { baseMs: 200, maxMs: 10_000 },
      retryLimit: { perSecond: 100, burst: 1000 },
      observer: {
        retrying: (key, error, failures) =>
          log.warn('a simulated pod could not be written', { pod: key, failures, error }),
      },
    },
  );
}

async function carryOut(
  client: Client,
  pod: Pod,
  { status, isGone }: ReturnType<typeof planSimulatedPod>,
  signal: AbortSignal,
): Promise<void> {
  const { uid } = pod.metadata;
  const change = statusChange(pod.status, status);
  try {
    if (Object.keys(change).length > 0) {
      const body = { metadata: { uid }, status: change };
      await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
    }
    if (isGone) await client.delete(Pod, refOf(pod), { gracePeriodSeconds: 0, preconditions: { uid }, signal });
  } catch (error) {
    // It has gone, or another one of its name has taken its place: that one is seen too.
    if (!isStatusError(error, 'NotFound', 'Conflict')) throw error;
  }
}

/** The API server may be slow to come, or busy with as many nodes as these. */
async function withRetries<T>(
  { clock, random }: SimulatedNodesDeps,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  const backoff = new Backoff({ baseMs: 200, maxMs: 10_000, jitter: 1 }, random);
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (signal.aborted || attempt >= REGISTRATION_ATTEMPTS) throw error;
      await sleep(clock, backoff.next(), signal);
    }
  }
}
