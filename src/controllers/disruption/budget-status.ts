// What the status of a disruption budget says, from the pods it covers. Pure. What it allows is spent by evictions
// (pods/eviction), which also note the pods that are about to go. Upstream: pkg/controller/disruption.

import type { Pod } from '../../api/core/pod.ts';
import { isPercent, scaledValue } from '../../api/int-or-string.ts';
import type { Condition } from '../../api/meta/condition.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/policy/pod-disruption-budget.ts';
import { formatTime, timeToMs } from '../../api/time.ts';
import { isPodReady } from '../pod-state.ts';

/** A pod whose eviction was granted is expected to be deleted within this time, else it counts again. */
const DELETION_TIMEOUT_MS = 2 * 60_000;

export interface BudgetPlan {
  readonly status: PodDisruptionBudgetStatus;
  /** Pods whose eviction was granted, and that were not deleted. */
  readonly notDeleted: readonly Pod[];
  /** When the next one of them would count again. */
  readonly recheckAtMs: number | undefined;
}

/** Whether the budget is a share of how many pods there ought to be: then their controllers are asked for their scale. */
export function isOfScale({ spec }: PodDisruptionBudget): boolean {
  return spec.maxUnavailable !== undefined || (spec.minAvailable !== undefined && isPercent(spec.minAvailable));
}

/** `scale`: how many pods their controllers want altogether; only asked for if `isOfScale`. */
export function planBudget(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  scale: number,
  nowMs: number,
): BudgetPlan {
  const { expectedPods, desiredHealthy } = wanted(budget, pods.length, scale);
  const { awaited, notDeleted } = disruptions(budget, pods, nowMs);
  const currentHealthy = pods.filter(
    (pod) => pod.metadata.deletionTimestamp === undefined && !awaited.has(pod.metadata.name) && isPodReady(pod),
  ).length;
  // A budget that covers no pods yet allows nothing: the first ones may come before this controller has seen them.
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
  const observedGeneration = budget.metadata.generation ?? 0;
  const times = [...awaited.values()].map((time) => timeToMs(time));
  return {
    status: {
      observedGeneration,
      ...(awaited.size > 0 ? { disruptedPods: Object.fromEntries(awaited) } : {}),
      disruptionsAllowed,
      currentHealthy,
      desiredHealthy,
      expectedPods,
      conditions: withCondition(
        budget,
        disruptionsAllowed > 0
          ? { status: 'True', reason: 'SufficientPods', message: '', observedGeneration }
          : { status: 'False', reason: 'InsufficientPods', message: '', observedGeneration },
        nowMs,
      ),
    },
    notDeleted,
    recheckAtMs: times.length > 0 ? Math.min(...times) + DELETION_TIMEOUT_MS : undefined,
  };
}

/** What cannot be counted must not be evicted. */
export function failedStatus(budget: PodDisruptionBudget, message: string, nowMs: number): PodDisruptionBudgetStatus {
  const { observedGeneration = 0 } = budget.status;
  const condition = { status: 'False', reason: 'SyncFailed', message, observedGeneration };
  return { ...budget.status, disruptionsAllowed: 0, conditions: withCondition(budget, condition, nowMs) };
}

function wanted({ spec }: PodDisruptionBudget, covered: number, scale: number) {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable !== undefined) {
    const desiredHealthy = Math.max(0, scale - scaledValue(maxUnavailable, scale, 'up'));
    return { expectedPods: scale, desiredHealthy };
  }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
  const expectedPods = typeof minAvailable === 'number' ? covered : scale;
  return { expectedPods, desiredHealthy: scaledValue(minAvailable, expectedPods, 'up') };
}

/** The covered pods whose eviction was granted, with the time of it; those that are being deleted need no note. */
function disruptions({ status }: PodDisruptionBudget, pods: readonly Pod[], nowMs: number) {
  const awaited = new Map<string, string>();
  const notDeleted: Pod[] = [];
  for (const pod of pods) {
    const grantedAt = status.disruptedPods?.[pod.metadata.name];
    if (!grantedAt || pod.metadata.deletionTimestamp !== undefined) continue;
    if (timeToMs(grantedAt) + DELETION_TIMEOUT_MS > nowMs) awaited.set(pod.metadata.name, grantedAt);
    else notDeleted.push(pod);
  }
  return { awaited, notDeleted };
}

function withCondition(
  { status }: PodDisruptionBudget,
  condition: Omit<Condition, 'type' | 'lastTransitionTime'>,
  nowMs: number,
): readonly Condition[] {
  const conditions = status.conditions ?? [];
  const current = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const lastTransitionTime = current?.status === condition.status ? current.lastTransitionTime : formatTime(nowMs);
  const next = { type: 'DisruptionAllowed', ...condition, lastTransitionTime };
  return current ? conditions.map((one) => (one === current ? next : one)) : [...conditions, next];
}
