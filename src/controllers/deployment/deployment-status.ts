// A deployment's status and what its conditions say of its progress. Pure. Upstream: pkg/controller/deployment/progress.go,
// with its reasons and messages.

import type { Deployment, DeploymentCondition, DeploymentStatus } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { formatTime, timeToMs } from '../../api/time.ts';
import { desiredReplicas, maxUnavailable, type Rollout, sizeOf } from './rollout-plan.ts';

type Conditions = readonly DeploymentCondition[];

/** No deadline, as upstream writes it. */
const NO_DEADLINE = 0x7fffffff;

export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE;
}

export function conditionOf(conditions: Conditions | undefined, type: string): DeploymentCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** With the condition set; one of the same status and reason stays as it is. */
export function withCondition(
  conditions: Conditions,
  { type, status, reason, message }: Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>,
  nowMs: number,
): Conditions {
  const current = conditionOf(conditions, type);
  if (current?.status === status && current.reason === reason) return conditions;
  const now = formatTime(nowMs);
  const lastTransitionTime = current?.status === status ? current.lastTransitionTime : now;
  const set = { type, status, lastUpdateTime: now, lastTransitionTime, reason, message } as DeploymentCondition;
  return [...without(conditions, type), set];
}

/** `Progressing`, as said by the steps of a rollout. */
export function progressing(status: 'True' | 'False' | 'Unknown', reason: string, message: string) {
  return { type: 'Progressing', status, reason, message };
}

/** Everything but what is said of progress. */
export function deploymentStatus(rollout: Rollout, conditions: Conditions, nowMs: number): DeploymentStatus {
  const { deployment, newest, old } = rollout;
  const all = [...old, ...(newest ? [newest] : [])];
  const total = (figure: (replicaSet: ReplicaSet) => number | undefined) =>
    all.reduce((result, replicaSet) => result + (figure(replicaSet) ?? 0), 0);
  const available = total(({ status }) => status.availableReplicas);
  const terminating = all.every(({ status }) => status.terminatingReplicas !== undefined)
    ? total(({ status }) => status.terminatingReplicas)
    : undefined;
  const isAvailable = available >= desiredReplicas(deployment) - maxUnavailable(deployment);
  const availability = isAvailable
    ? { status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: total(({ status }) => status.replicas),
    updatedReplicas: newest?.status.replicas ?? 0,
    readyReplicas: total(({ status }) => status.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, total(sizeOf) - available),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    conditions: withCondition(conditions, { type: 'Available', ...availability }, nowMs),
    ...(deployment.status.collisionCount === undefined ? {} : { collisionCount: deployment.status.collisionCount }),
  };
}

/** The status during a rollout, with what it says of progress and failures of replica sets. */
export function rolloutStatus(rollout: Rollout, conditions: Conditions, nowMs: number): DeploymentStatus {
  const status = deploymentStatus(rollout, conditions, nowMs);
  const progressed = withProgress(rollout, status, nowMs);
  const failure = [rollout.newest, ...rollout.old]
    .flatMap((replicaSet) => replicaSet?.status.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure');
  const others = without(progressed, 'ReplicaFailure');
  if (!failure) return { ...status, conditions: others };
  const current = conditionOf(progressed, 'ReplicaFailure');
  const { lastTransitionTime } = failure;
  const isSame = current?.status === failure.status && current.reason === failure.reason;
  const promoted = { ...failure, lastUpdateTime: lastTransitionTime, lastTransitionTime } as DeploymentCondition;
  return { ...status, conditions: [...others, isSame ? current : promoted] };
}

/** Whether every pod is of the newest template and available, and none is over. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = desiredReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** How long until a rollout that stands still must be called stuck; undefined if none is waited for. */
export function deadlineMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const current = conditionOf(status.conditions, 'Progressing');
  if (!hasDeadline(deployment) || !current?.lastUpdateTime || isComplete(deployment, status)) return undefined;
  if (current.reason === 'ProgressDeadlineExceeded') return undefined;
  // Times are written in whole seconds: a second more, and the deadline has passed by any reading.
  return Math.max(0, deadlineAtMs(deployment, current) - nowMs) + 1000;
}

function withProgress({ deployment, newest }: Rollout, status: DeploymentStatus, nowMs: number): Conditions {
  const conditions = status.conditions ?? [];
  if (!hasDeadline(deployment)) return without(conditions, 'Progressing');
  const current = conditionOf(conditions, 'Progressing');
  const allUpdated = (status.replicas ?? 0) === (status.updatedReplicas ?? 0);
  if (allUpdated && current?.reason === 'NewReplicaSetAvailable') return conditions;
  const what = newest
    ? `ReplicaSet ${JSON.stringify(newest.metadata.name)}`
    : `Deployment ${JSON.stringify(deployment.metadata.name)}`;
  if (isComplete(deployment, status)) {
    const done = progressing('True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`);
    return withCondition(conditions, done, nowMs);
  }
  if (hasProgressed(deployment.status, status)) {
    // Said again with every step: the deadline counts from lastUpdateTime.
    const step = withCondition(
      without(conditions, 'Progressing'),
      progressing('True', 'ReplicaSetUpdated', `${what} is progressing.`),
      nowMs,
    );
    if (current?.status !== 'True') return step;
    const { lastTransitionTime } = current;
    return step.map((condition) =>
      condition.type === 'Progressing' ? { ...condition, lastTransitionTime } : condition,
    );
  }
  if (isTimedOut(deployment, current, nowMs)) {
    const stuck = progressing('False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`);
    return withCondition(conditions, stuck, nowMs);
  }
  return conditions;
}

function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const updated = (status: DeploymentStatus) => status.updatedReplicas ?? 0;
  const old = (status: DeploymentStatus) => (status.replicas ?? 0) - updated(status);
  return (
    updated(after) > updated(before) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isTimedOut(deployment: Deployment, current: DeploymentCondition | undefined, nowMs: number): boolean {
  if (!current?.lastUpdateTime || current.reason === 'NewReplicaSetAvailable') return false;
  if (current.reason === 'ProgressDeadlineExceeded') return true;
  return deadlineAtMs(deployment, current) < nowMs;
}

function deadlineAtMs({ spec }: Deployment, { lastUpdateTime }: DeploymentCondition): number {
  return timeToMs(lastUpdateTime ?? '') + (spec.progressDeadlineSeconds ?? 0) * 1000;
}

function without(conditions: Conditions, type: string): Conditions {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}
