// The status of a daemon set: on how many nodes its pod should be, is, is ready. Pure. Upstream: updateDaemonSetStatus in
// pkg/controller/daemon.

import type { DaemonSetStatus } from '../../api/apps/daemon-set.ts';
import { isPodAvailable, isPodReady } from '../pod-state.ts';
import type { DaemonFacts } from './daemon-facts.ts';
import { bySeniority, isUpdated } from './daemon-pod.ts';

/** Of several pods on a node the senior one counts. What others say in conditions stays. */
export function daemonSetStatus(
  { daemonSet, hash, nodes, nowMs }: DaemonFacts,
  { collisionCount }: { readonly collisionCount: number },
): DaemonSetStatus {
  const { minReadySeconds = 0 } = daemonSet.spec;
  const wanted = nodes.filter(({ fit }) => fit === 'run');
  const daemons = wanted.flatMap(({ pods }) => [...pods].sort(bySeniority).slice(0, 1));
  const available = daemons.filter((pod) => isPodAvailable(pod, minReadySeconds, nowMs)).length;
  const { conditions } = daemonSet.status;
  return {
    currentNumberScheduled: daemons.length,
    numberMisscheduled: nodes.filter(({ fit, pods }) => fit !== 'run' && pods.length > 0).length,
    desiredNumberScheduled: wanted.length,
    numberReady: daemons.filter(isPodReady).length,
    observedGeneration: daemonSet.metadata.generation ?? 0,
    updatedNumberScheduled: daemons.filter((pod) => isUpdated(pod, daemonSet, hash)).length,
    numberAvailable: available,
    numberUnavailable: wanted.length - available,
    ...(collisionCount > 0 ? { collisionCount } : {}),
    ...(conditions ? { conditions } : {}),
  };
}
