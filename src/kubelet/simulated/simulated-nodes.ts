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
import type { Figures } from '../figures/figures.ts';
import { NODE_LEASE_RENEW_MS, renewNodeLease } from '../node-lease.ts';
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
import { SimulatedUsage } from './simulated-usage.ts';

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
  /** How often each node renews its lease, which is good for 40 s. Absent: every 10 s, as real nodes do. */
  readonly heartbeatMs?: number;
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

/** Node agents without containers at work. Disposing ends them all, and awaits what was begun. */
export interface SimulatedNodes extends AsyncDisposable {
  readonly names: readonly string[];
  /**
   * The node goes silent, as one does that lost its network or its power: it neither reports nor tends its pods. Resolves
   * when it has; throws a RangeError for a node that is not one of these.
   */
  stop(name: string): Promise<void>;
  /** It is back, and brings its pods to where they should be by now. */
  start(name: string): void;
  /** What is used on the node; undefined while it does not answer. */
  figures(name: string): Figures | undefined;
}

interface Registered {
  readonly node: SimulatedNode;
  readonly client: Client;
  readonly addresses: PodAddresses;
  readonly usage: SimulatedUsage;
  /** What keeps its status and lease; undefined while it is silent. */
  keeping: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
}

/** Runs until the signal aborts; resolves when all that was begun has ended. Throws `RangeError` for too many nodes. */
export async function runSimulatedNodes(
  deps: SimulatedNodesDeps,
  options: SimulatedNodesOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    await using _ = await startSimulatedNodes(deps, options, signal);
    options.onReady?.();
    await aborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Resolves when all of them are registered. Throws `RangeError` for too many nodes, and the signal's reason. */
export async function startSimulatedNodes(
  deps: SimulatedNodesDeps,
  options: SimulatedNodesOptions,
  signal: AbortSignal,
): Promise<SimulatedNodes> {
  const { clock, log } = deps;
  const nodes = new Map<string, Registered>();
  await using stack = new AsyncDisposableStack();
  const pods = stack.use(createInformer(deps, Pod, { indexes: { [NODE_INDEX]: ({ spec }) => [spec.nodeName ?? ''] } }));
  const answering = (name: string | undefined) => {
    const node = nodes.get(name ?? '');
    return node?.keeping && node;
  };
  const figures = (name: string) => answering(name)?.usage.figures(pods.byIndex(NODE_INDEX, name), clock.now());
  const server = options.server && stack.use(await startSimulatedServer({ figures, clock, log }, options.server));
  const planned = plannedNodes(options, server);
  const queue = stack.use(podQueue(deps, pods, answering, options.concurrency ?? 64));
  // Pods of nodes that are not registered yet are seen again when they are.
  const tend = (pod: Pod) => {
    if (answering(pod.spec.nodeName)) queue.add(keyOf(pod.metadata));
  };
  stack.use(
    pods.subscribe((changes) => {
      for (const { object } of changes) tend(object);
    }),
  );
  stack.defer(async () => void (await Promise.all(Array.from(nodes.values(), silence))));
  const ended = new AbortController();
  stack.defer(() => ended.abort(new Error('the simulated nodes have ended')));
  const either = AbortSignal.any([signal, ended.signal]);
  await forEachOf(planned, REGISTRATIONS_AT_ONCE, either, async (node) => {
    const registered = await register(deps, node, either);
    either.throwIfAborted();
    nodes.set(node.name, registered);
    registered.keeping = keep(deps, registered, options);
    for (const pod of pods.byIndex(NODE_INDEX, node.name)) tend(pod);
  });
  const known = (name: string) => {
    const node = nodes.get(name);
    if (!node) throw new RangeError(`there is no simulated node ${name}`);
    return node;
  };
  const owned = stack.move();
  return {
    names: planned.map(({ name }) => name),
    figures,
    async stop(name) {
      const node = known(name);
      if (!node.keeping) return;
      await silence(node);
      // It was well until now, whenever its last heartbeat would have been.
      await renewNodeLease({ client: node.client, clock }, { nodeName: name, signal: ended.signal });
    },
    start(name) {
      const node = known(name);
      node.keeping ??= keep(deps, node, options);
      for (const pod of pods.byIndex(NODE_INDEX, name)) tend(pod);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function register(deps: SimulatedNodesDeps, node: SimulatedNode, signal: AbortSignal): Promise<Registered> {
  const client = deps.clientOf(node.name);
  const object = await withRetries(deps, signal, () => registerSimulatedNode({ ...deps, client }, node, signal));
  return {
    node,
    client,
    addresses: new PodAddresses(object.spec.podCIDR ?? podCidrOf(node.index)),
    usage: new SimulatedUsage({ name: node.name, startedMs: deps.clock.now() }),
    keeping: undefined,
  };
}

/** Each with a signal of its own: thousands of listeners on one would make each of them slow to add and to remove. */
function keep(
  { clock, random, log }: SimulatedNodesDeps,
  { node, client }: Registered,
  { heartbeatMs: renewMs = NODE_LEASE_RENEW_MS }: SimulatedNodesOptions,
): Registered['keeping'] {
  const stop = new AbortController();
  const leaseDelayMs = random.next() * renewMs;
  const deps = { client, clock, log: log.with({ node: node.name }) };
  return { stop, ended: keepSimulatedNode(deps, node, { leaseDelayMs, renewMs, signal: stop.signal }) };
}

async function silence(node: Registered): Promise<void> {
  const { keeping } = node;
  node.keeping = undefined;
  keeping?.stop.abort(new Error('the simulated node has ended'));
  await keeping?.ended;
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
  answering: (nodeName: string | undefined) => Registered | undefined,
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
    const on = answering(pod?.spec.nodeName);
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
