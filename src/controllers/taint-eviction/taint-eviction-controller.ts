// Deletes pods that must leave their node because of its NoExecute taints. A pod's time runs from when this controller
// first sees it and the taint together, whatever the taint says of when it was added: a pod may have come later. Upstream:
// pkg/controller/tainteviction.

import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { refOf } from '../../client/client.ts';
import { keyOf, type ObjectKey } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { disruptionTarget } from '../disruption-target.ts';
import { byNode, NODE_INDEX } from '../node-lifecycle/node-lifecycle-controller.ts';
import { noExecuteTaints, toleratedMs } from './plan-eviction.ts';

const REASON = 'TaintManagerEviction';
const DISRUPTION = { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' };

export function taintEvictionController({ client, clock, informers, events }: ControllerDeps): Controller {
  const nodes = informers.informer(Node);
  const pods = informers.informer(Pod, { indexes: { [NODE_INDEX]: byNode } });
  /** Since when pods have been waiting for the end of their toleration, on the monotonic clock. */
  const waitingSinceMs = new Map<ObjectKey, number>();
  const callOff = (pod: Pod) => {
    const key = keyOf(pod.metadata);
    if (waitingSinceMs.delete(key)) events.event(pod, 'Normal', REASON, `Cancelling deletion of Pod ${key}`);
  };
  const evict = async (pod: Pod, signal: AbortSignal) => {
    const { uid } = pod.metadata;
    events.event(pod, 'Normal', REASON, `Marking for deletion Pod ${keyOf(pod.metadata)}`);
    try {
      const body = disruptionTarget(pod, DISRUPTION, clock.now());
      await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
      await client.delete(Pod, refOf(pod), { preconditions: { uid }, signal });
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  };
  return {
    name: 'taint-eviction-controller',
    concurrency: 8,
    reads: [nodes, pods],
    watch: (enqueue) => [
      nodes.subscribe((changes) => {
        for (const change of changes) {
          const before = change.type === 'updated' ? change.previous.spec.taints : undefined;
          const after = change.object.spec.taints;
          if (change.type === 'deleted' || deepEqual(noExecuteTaints(before), noExecuteTaints(after))) continue;
          for (const pod of pods.byIndex(NODE_INDEX, change.object.metadata.name)) enqueue(keyOf(pod.metadata));
        }
      }),
      pods.subscribe((changes) => {
        for (const change of changes) {
          const { object } = change;
          if (change.type === 'deleted') callOff(object);
          else if (object.spec.nodeName && !(change.type === 'updated' && staysAsItWas(change.previous, object)))
            enqueue(keyOf(object.metadata));
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const pod = pods.get(key);
      const node = nodes.get(pod?.spec.nodeName ?? '');
      if (!pod || !node || pod.metadata.deletionTimestamp !== undefined) {
        waitingSinceMs.delete(key);
        return undefined;
      }
      const mayStayMs = toleratedMs(noExecuteTaints(node.spec.taints), pod.spec.tolerations ?? []);
      if (mayStayMs === Number.POSITIVE_INFINITY) {
        callOff(pod);
        return undefined;
      }
      const nowMs = clock.elapsed();
      const sinceMs = waitingSinceMs.get(key) ?? nowMs;
      const leftMs = sinceMs + mayStayMs - nowMs;
      if (leftMs > 0) {
        waitingSinceMs.set(key, sinceMs);
        return { requeueAfterMs: leftMs };
      }
      await evict(pod, signal);
      waitingSinceMs.delete(key);
      return undefined;
    },
  };
}

function staysAsItWas(before: Pod, after: Pod): boolean {
  return before.spec.nodeName === after.spec.nodeName && deepEqual(before.spec.tolerations, after.spec.tolerations);
}
