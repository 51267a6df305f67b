// Watches over nodes' signs of life: a node that is silent for too long is marked Unknown and tainted, and so are nodes
// that report trouble; pods of nodes that are lost are marked not ready. Taking pods off tainted nodes is taint-eviction's.
// Upstream: pkg/controller/nodelifecycle.

import { Lease } from '../../api/coordination/lease.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { isStatusError } from '../../api/status-error.ts';
import { formatTime } from '../../api/time.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { Change } from '../../client/object-cache.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller, Enqueue, ReconcileContext } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { podCondition } from '../pod-state.ts';
import { EvictionTurns } from './eviction-turns.ts';
import { isGivenUp, missingLabels, plannedTaints, readyStatus, silentConditions } from './node-health.ts';
import { zoneOf, zoneStates } from './node-zones.ts';
import { SignsOfLife } from './signs-of-life.ts';

export const NODE_INDEX = 'node';
export const byNode = (pod: Pod): readonly string[] => (pod.spec.nodeName ? [pod.spec.nodeName] : []);

export function nodeLifecycleController(deps: ControllerDeps): Controller {
  const { informers } = deps;
  const nodes = informers.informer(Node);
  const leases = informers.informer(Lease, { namespace: 'kube-node-lease' });
  const pods = informers.informer(Pod, { indexes: { [NODE_INDEX]: byNode } });
  const state: State = {
    ...deps,
    nodes,
    pods,
    writes: new PendingWrites(deps),
    signs: new SignsOfLife(deps),
    turns: new EvictionTurns(deps),
    lost: new Set(),
  };
  return {
    name: 'node-lifecycle-controller',
    concurrency: 8,
    reads: [nodes, leases, pods],
    watch: (enqueue) => [
      leases.subscribe((changes) => {
        for (const change of changes) state.signs.observeLease(change);
      }),
      nodes.subscribe((changes) => {
        for (const change of changes) {
          state.signs.observeNode(change);
          tellOfNode(state, change);
          enqueue(change.object.metadata.name);
        }
        if (changes.some(mattersToZones)) followZones(state, enqueue);
      }),
      pods.subscribe((changes) => {
        for (const change of changes) {
          if (change.type !== 'deleted' && isNewOnNode(change)) enqueue(keyOf(change.object.metadata));
        }
      }),
    ],
    // Nodes' names hold no slash, pods' keys do.
    reconcile: (key, context) =>
      key.includes('/') ? reconcilePod(state, key, context) : reconcileNode(state, key, context),
  };
}

interface State extends ControllerDeps {
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
  readonly writes: PendingWrites;
  readonly signs: SignsOfLife;
  readonly turns: EvictionTurns;
  /** Nodes that were given up as silent and whose pods have not all been marked yet. */
  readonly lost: Set<string>;
}

function tellOfNode({ events }: State, { type, object }: Change<Node>): void {
  const { name } = object.metadata;
  if (type === 'added') {
    events.event(object, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
  }
  if (type === 'deleted') {
    events.event(object, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
  }
}

function mattersToZones(change: Change<Node>): boolean {
  if (change.type !== 'updated') return true;
  const { previous, object } = change;
  return readyStatus(previous) !== readyStatus(object) || !deepEqual(previous.metadata.labels, object.metadata.labels);
}

/** Whether pods may be taken off a node that is not ready depends on how the others are. */
function followZones({ nodes, turns, signs }: State, enqueue: Enqueue): void {
  const all = nodes.list();
  const news = turns.follow(zoneStates(all));
  // As long as nothing at all was heard, no node was to blame.
  if (news === 'resumed') for (const { metadata } of all) signs.hear(metadata.name);
  if (news !== 'same') for (const node of all) if (readyStatus(node) !== 'True') enqueue(node.metadata.name);
}

function isNewOnNode(change: Change<Pod>): boolean {
  const before = change.type === 'updated' ? change.previous.spec.nodeName : undefined;
  return change.object.spec.nodeName !== undefined && change.object.spec.nodeName !== before;
}

/** A pod that has just come to a node which is not ready. */
async function reconcilePod(state: State, key: string, { signal }: ReconcileContext): Promise<void> {
  const pod = state.pods.get(key);
  const node = state.nodes.get(pod?.spec.nodeName ?? '');
  const ready = node && readyStatus(node);
  if (pod && ready !== undefined && ready !== 'True') await markNotReady(state, pod, signal);
}

async function reconcileNode(state: State, name: string, { signal }: ReconcileContext) {
  const { client, clock, events, lost, nodes, signs, turns, writes } = state;
  const node = nodes.get(name);
  if (!node) {
    turns.leave(name);
    lost.delete(name);
    return writes.forget(name);
  }
  if (!writes.settled(name)) return UNSETTLED;
  const silentInMs = signs.silentInMs(node);
  const conditions = silentInMs <= 0 ? silentConditions(node, clock.now()) : undefined;
  if (conditions) {
    const wasReady = readyStatus(node) === 'True';
    const status = { ...node.status, conditions };
    writes.wrote(name, nodes, await client.updateStatus(Node, { ...node, status }, { signal }));
    if (wasReady) {
      lost.add(name);
      events.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    }
    return UNSETTLED; // The event of this write brings the taints.
  }
  const waitMs = await adjust(state, node, signal);
  if (lost.has(name)) {
    if (readyStatus(node) !== 'True') await markPodsNotReady(state, name, signal);
    lost.delete(name);
  }
  const looksAgainInMs = Math.min(waitMs, silentInMs > 0 ? silentInMs : Number.POSITIVE_INFINITY);
  return Number.isFinite(looksAgainInMs) ? { requeueAfterMs: looksAgainInMs } : undefined;
}

/** Taints and labels. Answers in how many milliseconds to look again at whether its pods may be evicted. */
async function adjust(state: State, node: Node, signal: AbortSignal): Promise<number> {
  const { client, clock, nodes, writes } = state;
  const { name, resourceVersion } = node.metadata;
  const waitMs = evictionWaitMs(state, node);
  const taints = plannedTaints(node, { evicts: waitMs === 0, nowMs: clock.now() });
  const labels = missingLabels(node);
  const isTaintChanged = taints !== node.spec.taints && (taints.length > 0 || node.spec.taints !== undefined);
  if (isTaintChanged || Object.keys(labels).length > 0) {
    const spec = isTaintChanged ? { spec: { taints: taints.length > 0 ? taints : null } } : {};
    const body = { metadata: { resourceVersion, labels }, ...spec };
    writes.wrote(name, nodes, await client.patch(Node, refOf(node), { type: 'merge', body }, { signal }));
  }
  return waitMs === 0 ? Number.POSITIVE_INFINITY : waitMs;
}

/** 0 if pods may be taken off the node for not being ready now, Infinity if not as things are. */
function evictionWaitMs({ turns }: State, node: Node): number {
  const ready = readyStatus(node);
  if (ready === undefined || ready === 'True') {
    turns.leave(node.metadata.name);
    return Number.POSITIVE_INFINITY;
  }
  if (isGivenUp(node) && !turns.isSuspended) return 0;
  return turns.takeTurn(zoneOf(node), node.metadata.name);
}

/** So that services stop sending to them. */
async function markPodsNotReady(state: State, nodeName: string, signal: AbortSignal): Promise<void> {
  for (const pod of state.pods.byIndex(NODE_INDEX, nodeName)) await markNotReady(state, pod, signal);
}

async function markNotReady({ client, clock, events }: State, pod: Pod, signal: AbortSignal): Promise<void> {
  if (podCondition(pod, 'Ready')?.status !== 'True') return;
  const condition = { type: 'Ready', status: 'False', lastTransitionTime: formatTime(clock.now()) };
  const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
  try {
    await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
    events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
