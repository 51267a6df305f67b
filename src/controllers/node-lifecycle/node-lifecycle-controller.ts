// Watches over nodes' signs of life, their leases: a node that is silent for too long is marked Unknown and tainted, and
// so are nodes that report trouble. Taking pods off tainted nodes is taint-eviction's. Upstream:
// pkg/controller/nodelifecycle; zones are not told apart.

import { Lease } from '../../api/coordination/lease.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { isStatusError } from '../../api/status-error.ts';
import { formatTime, timeToMs } from '../../api/time.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { TokenBucket } from '../../base/token-bucket.ts';
import { refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { Change } from '../../client/object-cache.ts';
import type { Controller, ReconcileContext } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { podCondition } from '../pod-state.ts';
import {
  type ClusterHealth,
  clusterHealth,
  evictionRate,
  plannedTaints,
  readyStatus,
  silentConditions,
} from './node-health.ts';

/** A node that has not renewed its lease for this long is not heard of any more. */
const GRACE_MS = 40_000;
/** One that has just been registered may take longer for its first sign. */
const STARTUP_GRACE_MS = 60_000;
export const NODE_INDEX = 'node';
export const byNode = (pod: Pod): readonly string[] => (pod.spec.nodeName ? [pod.spec.nodeName] : []);

export function nodeLifecycleController(deps: ControllerDeps): Controller {
  const { informers, clock } = deps;
  const nodes = informers.informer(Node);
  const leases = informers.informer(Lease, { namespace: 'kube-node-lease' });
  const pods = informers.informer(Pod, { indexes: { [NODE_INDEX]: byNode } });
  const state: State = {
    ...deps,
    nodes,
    pods,
    writes: new PendingWrites(deps),
    heardAtMs: new Map(),
    health: 'normal',
    evictions: new TokenBucket(clock, { perSecond: evictionRate('normal', 0), burst: 1 }),
    reducedEvictions: new TokenBucket(clock, {
      perSecond: evictionRate('partial', Number.POSITIVE_INFINITY),
      burst: 1,
    }),
  };
  return {
    name: 'node-lifecycle-controller',
    concurrency: 8,
    reads: [nodes, leases, pods],
    watch: (enqueue) => [
      // What counts is when a change arrives here: the clocks of nodes are not trusted.
      leases.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type !== 'deleted') state.heardAtMs.set(object.metadata.name, clock.elapsed());
        }
      }),
      nodes.subscribe((changes) => {
        for (const change of changes) {
          noteChange(state, change);
          enqueue(change.object.metadata.name);
        }
        // Whether pods may be taken off a node that is not ready depends on how the others are.
        const health = clusterHealth(nodes.list());
        if (health === state.health) return;
        state.health = health;
        for (const node of nodes.list()) if (readyStatus(node) !== 'True') enqueue(node.metadata.name);
      }),
    ],
    reconcile: (name, context) => reconcileNode(state, name, context),
  };
}

interface State extends ControllerDeps {
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  readonly writes: PendingWrites;
  /** On the monotonic clock, by node. */
  readonly heardAtMs: Map<string, number>;
  health: ClusterHealth;
  readonly evictions: TokenBucket;
  readonly reducedEvictions: TokenBucket;
}

function noteChange({ heardAtMs, clock, events }: State, change: Change<Node>): void {
  const { object, type } = change;
  const { name } = object.metadata;
  if (type === 'added' || (type === 'updated' && hasHeartbeat(change.previous, object))) {
    heardAtMs.set(name, clock.elapsed());
  }
  if (type === 'added') {
    events.event(object, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
  }
  if (type === 'deleted') {
    heardAtMs.delete(name);
    events.event(object, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
  }
}

async function reconcileNode(state: State, name: string, { signal }: ReconcileContext) {
  const { client, clock, events, nodes, writes } = state;
  const node = nodes.get(name);
  if (!node) return writes.forget(name);
  if (!writes.settled(name)) return UNSETTLED;
  const silentInMs = silenceDeadlineMs(state, node) - clock.elapsed();
  const conditions = silentInMs <= 0 ? silentConditions(node, clock.now()) : undefined;
  if (conditions) {
    const wasReady = readyStatus(node) === 'True';
    const status = { ...node.status, conditions };
    writes.wrote(name, nodes, await client.updateStatus(Node, { ...node, status }, { signal }));
    if (wasReady) events.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    return UNSETTLED; // The event of this write brings the taints.
  }
  if (readyStatus(node) !== 'True') await markPodsNotReady(state, name, signal);
  const waitMs = await taint(state, node, signal);
  const looksAgainInMs = Math.min(waitMs, silentInMs > 0 ? silentInMs : Number.POSITIVE_INFINITY);
  return Number.isFinite(looksAgainInMs) ? { requeueAfterMs: looksAgainInMs } : undefined;
}

function silenceDeadlineMs({ clock, heardAtMs }: State, { metadata, status }: Node): number {
  const heardAt = heardAtMs.get(metadata.name) ?? clock.elapsed();
  if (status.conditions?.some(({ type }) => type === 'Ready')) return heardAt + GRACE_MS;
  const ageMs = clock.now() - timeToMs(metadata.creationTimestamp);
  return clock.elapsed() + Math.max(0, STARTUP_GRACE_MS - ageMs);
}

/** A node agent that posts status lives, even if it cannot renew its lease. Our own writes keep the heartbeat times. */
function hasHeartbeat(before: Node, after: Node): boolean {
  const heartbeats = ({ status }: Node) =>
    status.conditions?.map(({ type, lastHeartbeatTime }) => [type, lastHeartbeatTime]);
  return !deepEqual(heartbeats(before), heartbeats(after));
}

/** Answers in how many milliseconds it may try again to have the node's pods evicted; Infinity if there is no need. */
async function taint(state: State, node: Node, signal: AbortSignal): Promise<number> {
  const { client, clock, nodes, writes } = state;
  const nowMs = clock.now();
  const { evicts, waitMs } = mayEvict(state, node);
  const taints = plannedTaints(node, { evicts, nowMs });
  if (taints !== node.spec.taints && !(taints.length === 0 && node.spec.taints === undefined)) {
    const { resourceVersion } = node.metadata;
    const body = { metadata: { resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } };
    writes.wrote(node.metadata.name, nodes, await client.patch(Node, refOf(node), { type: 'merge', body }, { signal }));
  }
  return waitMs;
}

function mayEvict(state: State, node: Node): { readonly evicts: boolean; readonly waitMs: number } {
  const never = { evicts: false, waitMs: Number.POSITIVE_INFINITY };
  if (readyStatus(node) === 'True' || readyStatus(node) === undefined) return never;
  const all = state.nodes.list();
  const health = clusterHealth(all);
  const perSecond = evictionRate(health, all.length);
  if (health === 'full') return never;
  const isTainted = plannedTaints(node, { evicts: true, nowMs: 0 }) === node.spec.taints;
  if (isTainted) return { evicts: true, waitMs: Number.POSITIVE_INFINITY };
  if (perSecond === 0) return never;
  const bucket = health === 'normal' ? state.evictions : state.reducedEvictions;
  return bucket.take()
    ? { evicts: true, waitMs: Number.POSITIVE_INFINITY }
    : { evicts: false, waitMs: 1000 / perSecond };
}

/** So that services stop sending to them. */
async function markPodsNotReady(
  { client, clock, events, pods }: State,
  nodeName: string,
  signal: AbortSignal,
): Promise<void> {
  for (const pod of pods.byIndex(NODE_INDEX, nodeName)) {
    const ready = podCondition(pod, 'Ready');
    if (ready?.status !== 'True') continue;
    const condition = { type: 'Ready', status: 'False', lastTransitionTime: formatTime(clock.now()) };
    const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
    try {
      await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
      events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }
}
