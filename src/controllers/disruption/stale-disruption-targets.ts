// Takes back the word that a pod is about to be disrupted when nobody has deleted it in time, so that a later failure of
// its own is not excused by it. Upstream: syncStalePodDisruption in pkg/controller/disruption, KEP-3329.

import { Pod } from '../../api/core/pod.ts';
import { isStatusError } from '../../api/status-error.ts';
import { formatTime, timeToMs } from '../../api/time.ts';
import { refOf } from '../../client/client.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { isPodTerminal, podCondition } from '../pod-state.ts';

const STALE_AFTER_MS = 2 * 60_000;

export function staleDisruptionTargets({ client, clock, informers }: ControllerDeps): Controller {
  const pods = informers.informer(Pod);
  return {
    name: 'stale-disruption-targets',
    reads: [pods],
    watch: (enqueue) => [
      pods.subscribe((changes) => {
        for (const { type, object } of changes) {
          const staleAtMs = type === 'deleted' ? undefined : whenStale(object);
          if (staleAtMs !== undefined) enqueue(keyOf(object.metadata), staleAtMs - clock.now());
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const pod = pods.get(key);
      const staleAtMs = pod && whenStale(pod);
      if (!pod || staleAtMs === undefined) return undefined;
      const waitMs = staleAtMs - clock.now();
      if (waitMs > 0) return { requeueAfterMs: waitMs };
      const lastTransitionTime = formatTime(clock.now());
      const condition = { type: 'DisruptionTarget', status: 'False', reason: null, message: null, lastTransitionTime };
      const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
      try {
        await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
      return undefined;
    },
  };
}

/** Undefined for pods that are going, have ended, or whose node agent has said so: that may take as long as it takes. */
function whenStale(pod: Pod): number | undefined {
  const condition = podCondition(pod, 'DisruptionTarget');
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
  if (pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return undefined;
  return (condition.lastTransitionTime ? timeToMs(condition.lastTransitionTime) : 0) + STALE_AFTER_MS;
}
