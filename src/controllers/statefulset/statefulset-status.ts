// The status of a stateful set, from its pods. Pure. Upstream: pkg/controller/statefulset/stateful_set_control.go.

import type { StatefulSet, StatefulSetStatus } from '../../api/apps/stateful-set.ts';
import type { Pod } from '../../api/core/pod.ts';
import { isPodAvailable } from '../pod-state.ts';
import { isRunningAndReady } from './plan-pods.ts';
import { replicasOf, revisionOf } from './stateful-pod.ts';

export interface StatusFacts {
  readonly set: StatefulSet;
  /** All that there are, those on their way out included. */
  readonly pods: readonly Pod[];
  /** Those that are being deleted, or were told to go just now. */
  readonly leaving: ReadonlySet<Pod>;
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly collisionCount: number;
}

export function statefulSetStatus(facts: StatusFacts, nowMs: number): StatefulSetStatus {
  const { set, pods, leaving, currentRevision, updateRevision, collisionCount } = facts;
  const { minReadySeconds = 0 } = set.spec;
  const { conditions } = set.status;
  const ready = pods.filter(isRunningAndReady);
  const ofRevision = (name: string) => pods.filter((pod) => !leaving.has(pod) && revisionOf(pod) === name).length;
  return completed(set, {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready.length,
    currentReplicas: ofRevision(currentRevision),
    updatedReplicas: ofRevision(updateRevision),
    currentRevision,
    updateRevision,
    collisionCount,
    ...(conditions ? { conditions } : {}),
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, minReadySeconds, nowMs)).length,
  });
}

/** When every pod is of the update, it becomes the current revision. */
function completed(set: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const replicas = replicasOf(set);
  const { updatedReplicas = 0, readyReplicas = 0 } = status;
  const isComplete = updatedReplicas === replicas && readyReplicas === replicas && status.replicas === replicas;
  if (set.spec.updateStrategy.type !== 'RollingUpdate' || !isComplete) return status;
  return { ...status, currentReplicas: updatedReplicas, currentRevision: status.updateRevision ?? '' };
}
