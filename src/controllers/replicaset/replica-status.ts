// The status of what keeps replicas, from its pods. Pure. Upstream: calculateStatus in pkg/controller/replicaset.

import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../../api/apps/replica-set.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { ReplicationController } from '../../api/core/replication-controller.ts';
import { formatTime } from '../../api/time.ts';
import { isPodAvailable, isPodReady } from '../pod-state.ts';

export type ReplicaOwner = ReplicaSet | ReplicationController;

/** Making or deleting pods failed: it shows as condition ReplicaFailure. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/** `terminating` is left out where the kind has no such figure. */
export function replicaStatus(
  owner: ReplicaOwner,
  pods: { readonly active: readonly Pod[]; readonly terminating: number | undefined },
  failure: ReplicaFailure | undefined,
  nowMs: number,
): ReplicaSetStatus {
  const counts = countPods(owner, pods.active, nowMs);
  const status: ReplicaSetStatus = {
    replicas: pods.active.length,
    ...counts,
    ...(pods.terminating === undefined ? {} : { terminatingReplicas: pods.terminating }),
    observedGeneration: owner.metadata.generation ?? 0,
  };
  const conditions = conditionsOf(owner, failure, nowMs);
  return conditions.length > 0 ? { ...status, conditions } : status;
}

/** There may be ten thousand: each is looked at once. */
function countPods({ spec }: ReplicaOwner, active: readonly Pod[], nowMs: number) {
  const { minReadySeconds = 0, template } = spec;
  const labels = Object.entries(template?.metadata.labels ?? {});
  const counts = { fullyLabeledReplicas: 0, readyReplicas: 0, availableReplicas: 0 };
  for (const pod of active) {
    if (labels.every(([key, value]) => pod.metadata.labels?.[key] === value)) counts.fullyLabeledReplicas++;
    if (!isPodReady(pod)) continue;
    counts.readyReplicas++;
    if (isPodAvailable(pod, minReadySeconds, nowMs)) counts.availableReplicas++;
  }
  return counts;
}

/** Whether two statuses say the same; JSON leaves zeros out. */
export function isSameReplicaStatus(a: ReplicaSetStatus, b: ReplicaSetStatus): boolean {
  const numbers = [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'observedGeneration',
  ] as const;
  const condition = (status: ReplicaSetStatus) =>
    (status.conditions ?? [])
      .map(({ type, status, reason, message }) => [type, status, reason, message].join('\n'))
      .join('\n\n');
  return (
    numbers.every((field) => (a[field] ?? 0) === (b[field] ?? 0)) &&
    a.terminatingReplicas === b.terminatingReplicas &&
    condition(a) === condition(b)
  );
}

/** A failure that lasts keeps the text and time of its first occurrence. */
function conditionsOf(
  { status }: ReplicaOwner,
  failure: ReplicaFailure | undefined,
  nowMs: number,
): readonly ReplicaSetCondition[] {
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
  if (!failure) return others;
  const current = status.conditions?.find(({ type }) => type === 'ReplicaFailure');
  const lastTransitionTime = formatTime(nowMs);
  return [...others, current ?? { type: 'ReplicaFailure', status: 'True', lastTransitionTime, ...failure }];
}
