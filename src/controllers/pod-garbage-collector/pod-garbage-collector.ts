// Deletes pods that nobody else will: ended ones beyond a limit, those of nodes that are gone, and those that are being
// deleted but never came to a node. Upstream: pkg/controller/podgc, event-driven instead of every 20 seconds.

import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { isStatusError } from '../../api/status-error.ts';
import { type Client, refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { disruptionTarget } from '../disruption-target.ts';
import { byNode, NODE_INDEX } from '../node-lifecycle/node-lifecycle-controller.ts';
import { isPodTerminal } from '../pod-state.ts';
import { endedPodsToDelete } from './ended-pods.ts';

const DEFAULT_TERMINATED_THRESHOLD = 12_500;
/** A node that is not there may be about to come: informers are not in step with each other. */
const MISSING_NODE_WAIT_MS = 40_000;
/** Ended pods are counted this long after one ended. */
const COUNT_WAIT_MS = 20_000;
/** Stands for all ended pods; no pod's key is without a slash. */
const ENDED = 'ended';
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

export function podGarbageCollector(deps: ControllerDeps): Controller {
  const nodes = deps.informers.informer(Node);
  const pods = deps.informers.informer(Pod, { indexes: { [NODE_INDEX]: byNode } });
  const state: State = { ...deps, nodes, pods };
  return {
    name: 'pod-garbage-collector-controller',
    reads: [nodes, pods],
    watch: (enqueue) => [
      pods.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type === 'deleted') continue;
          const { nodeName } = object.spec;
          const isDeleting = object.metadata.deletionTimestamp !== undefined;
          if (isDeleting && (!nodeName || isOutOfService(nodes.get(nodeName)))) enqueue(keyOf(object.metadata));
          if (nodeName && !nodes.get(nodeName)) enqueue(keyOf(object.metadata), MISSING_NODE_WAIT_MS);
          if (isPodTerminal(object)) enqueue(ENDED, COUNT_WAIT_MS);
        }
      }),
      nodes.subscribe((changes) => {
        for (const { type, object } of changes) {
          const waitMs = type === 'deleted' ? MISSING_NODE_WAIT_MS : isOutOfService(object) ? 0 : undefined;
          if (waitMs === undefined) continue;
          for (const pod of pods.byIndex(NODE_INDEX, object.metadata.name)) enqueue(keyOf(pod.metadata), waitMs);
        }
      }),
    ],
    async reconcile(key, { signal }) {
      if (key === ENDED) return deleteEnded(state, signal);
      const pod = pods.get(key);
      if (pod) await collect(state, pod, signal);
    },
  };
}

interface State extends ControllerDeps {
  readonly nodes: Informer<Node>;
  readonly pods: Informer<Pod>;
}

async function collect(state: State, pod: Pod, signal: AbortSignal): Promise<void> {
  const { nodeName } = pod.spec;
  const isDeleting = pod.metadata.deletionTimestamp !== undefined;
  if (!nodeName) {
    if (isDeleting) await failAndDelete(state, pod, undefined, signal);
    return;
  }
  const node = state.nodes.get(nodeName);
  if (node) {
    if (isDeleting && isOutOfService(node)) await failAndDelete(state, pod, undefined, signal);
    return;
  }
  if (await nodeExists(state.client, nodeName, signal)) return;
  const orphaned = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' };
  await failAndDelete(state, pod, orphaned, signal);
}

async function deleteEnded(state: State, signal: AbortSignal): Promise<void> {
  const { terminatedPodThreshold = DEFAULT_TERMINATED_THRESHOLD } = state.config;
  const ended = state.pods.list().filter(isPodTerminal);
  for (const pod of endedPodsToDelete(ended, terminatedPodThreshold))
    await failAndDelete(state, pod, undefined, signal);
}

/** There is nobody on the node to end the pod in order: it is marked failed if it was running, and goes at once. */
async function failAndDelete(
  { client, clock }: State,
  pod: Pod,
  disruption: { readonly reason: string; readonly message: string } | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { uid } = pod.metadata;
  try {
    if (!isPodTerminal(pod)) {
      const body = disruption
        ? disruptionTarget(pod, { ...disruption, phase: 'Failed' }, clock.now())
        : { metadata: { uid }, status: { phase: 'Failed' } };
      await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
    }
    await client.delete(Pod, refOf(pod), { gracePeriodSeconds: 0, preconditions: { uid }, signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

async function nodeExists(client: Client, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.get(Node, { name }, { signal });
    return true;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return false;
    throw error;
  }
}

/** Somebody has said that the node is shut down and will not come back by itself (KEP-2268). */
function isOutOfService(node: Node | undefined): boolean {
  const isReady = node?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return !isReady && (node?.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false);
}
