// Deletes pods that must leave their node because of its NoExecute taints. Upstream: pkg/controller/tainteviction.

import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { refOf } from '../../client/client.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { disruptionTarget } from '../disruption-target.ts';
import { byNode, NODE_INDEX } from '../node-lifecycle/node-lifecycle-controller.ts';
import { planEviction } from './plan-eviction.ts';

export function taintEvictionController({ client, clock, informers, events }: ControllerDeps): Controller {
  const nodes = informers.informer(Node);
  const pods = informers.informer(Pod, { indexes: { [NODE_INDEX]: byNode } });
  /** Pods whose eviction is announced for later, to tell when it is called off. */
  const announced = new Set<string>();
  return {
    name: 'taint-eviction-controller',
    concurrency: 8,
    reads: [nodes, pods],
    watch: (enqueue) => [
      nodes.subscribe((changes) => {
        for (const change of changes) {
          const before = change.type === 'updated' ? change.previous.spec.taints : undefined;
          if (change.type === 'deleted' || deepEqual(noExecute(before), noExecute(change.object.spec.taints))) continue;
          for (const pod of pods.byIndex(NODE_INDEX, change.object.metadata.name)) enqueue(keyOf(pod.metadata));
        }
      }),
      pods.subscribe((changes) => {
        for (const change of changes) {
          const { object } = change;
          if (!object.spec.nodeName) continue;
          const isKnown =
            change.type === 'updated' &&
            change.previous.spec.nodeName === object.spec.nodeName &&
            deepEqual(change.previous.spec.tolerations, object.spec.tolerations);
          if (!isKnown) enqueue(keyOf(object.metadata));
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const pod = pods.get(key);
      const node = nodes.get(pod?.spec.nodeName ?? '');
      if (!pod || !node || pod.metadata.deletionTimestamp !== undefined) {
        announced.delete(key);
        return undefined;
      }
      const nowMs = clock.now();
      const plan = planEviction(node, pod, nowMs);
      if (plan.type === 'never') {
        if (announced.delete(key)) {
          events.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
        }
        return undefined;
      }
      if (plan.atMs > nowMs) {
        announced.add(key);
        return { requeueAfterMs: plan.atMs - nowMs };
      }
      announced.delete(key);
      events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
      try {
        const body = disruptionTarget(
          pod,
          { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' },
          nowMs,
        );
        await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
        await client.delete(Pod, refOf(pod), { preconditions: { uid: pod.metadata.uid }, signal });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
      return undefined;
    },
  };
}

function noExecute(taints: Node['spec']['taints']): unknown {
  return (taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}
