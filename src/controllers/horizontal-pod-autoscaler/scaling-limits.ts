// From the number that the metrics ask for to the one that is set: not below or above the limits, not faster than the
// behaviour allows, and not back and forth with every figure. Pure; what happened before is handed in and handed on.
// Upstream: pkg/controller/podautoscaler/horizontal.go, KEP-853.

import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from '../../api/autoscaling/metrics-v2.ts';

export interface ScalingHistory {
  /** What the metrics asked for, as long ago as it still counts. */
  readonly recommendations: readonly { readonly replicas: number; readonly atMs: number }[];
  readonly scaleUps: readonly ScaleStep[];
  readonly scaleDowns: readonly ScaleStep[];
}

export interface ScaleStep {
  /** By how many. */
  readonly change: number;
  readonly atMs: number;
}

export interface ScalingRequest {
  /** What the metrics ask for. */
  readonly proposed: number;
  readonly current: number;
  readonly min: number;
  readonly max: number;
  readonly behavior: HorizontalPodAutoscalerBehavior | undefined;
  readonly nowMs: number;
}

/** A reason and a message, as conditions have them. */
export interface Verdict {
  readonly reason: string;
  readonly message: string;
}

export interface LimitedScale {
  readonly replicas: number;
  readonly history: ScalingHistory;
  /** Whether recent figures hold it back; the condition AbleToScale. */
  readonly able: Verdict;
  /** Whether a limit holds it back; the condition ScalingLimited. */
  readonly limited: Verdict & { readonly isLimited: boolean };
}

/** Upstream: --horizontal-pod-autoscaler-downscale-stabilization. */
const DOWNSCALE_STABILIZATION_SECONDS = 300;
const LEAST_UPSCALE_LIMIT = 4;

const READY: Verdict = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
const UP_STABILIZED: Verdict = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};
const DOWN_STABILIZED: Verdict = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const WITHIN_RANGE: Verdict = {
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
const TOO_FEW: Verdict = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const TOO_MANY: Verdict = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const UP_LIMIT: Verdict = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const DOWN_LIMIT: Verdict = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};

/** The history of an autoscaler that is seen for the first time: what is there is taken for what was asked for. */
export function beginHistory(replicas: number, nowMs: number): ScalingHistory {
  return { recommendations: [{ replicas, atMs: nowMs }], scaleUps: [], scaleDowns: [] };
}

export function limitScale(request: ScalingRequest, history: ScalingHistory): LimitedScale {
  const { proposed, behavior, nowMs } = request;
  const windows = {
    up: behavior?.scaleUp?.stabilizationWindowSeconds ?? 0,
    down: behavior?.scaleDown?.stabilizationWindowSeconds ?? DOWNSCALE_STABILIZATION_SECONDS,
  };
  const stabilized = behavior ? stabilize(request, history, windows) : stabilizeDown(request, history);
  const [replicas, verdict] = behavior
    ? limitByRules({ ...request, proposed: stabilized }, behavior, history)
    : limitByDefault({ ...request, proposed: stabilized });
  const forgottenMs = nowMs - Math.max(windows.up, windows.down) * 1000;
  const kept = history.recommendations.filter(({ atMs }) => atMs >= forgottenMs);
  const isHeldUp = behavior !== undefined && proposed >= request.current;
  return {
    replicas,
    history: { ...history, recommendations: [...kept, { replicas: proposed, atMs: nowMs }] },
    able: stabilized === proposed ? READY : isHeldUp ? UP_STABILIZED : DOWN_STABILIZED,
    limited: { ...verdict, isLimited: replicas !== stabilized },
  };
}

/** Notes that the target was scaled. Without a behaviour nobody asks for it. */
export function withStep(
  history: ScalingHistory,
  { from, to, nowMs }: { readonly from: number; readonly to: number; readonly nowMs: number },
  behavior: HorizontalPodAutoscalerBehavior | undefined,
): ScalingHistory {
  if (!behavior) return history;
  const policies = [...(behavior.scaleUp?.policies ?? []), ...(behavior.scaleDown?.policies ?? [])];
  const forgottenMs = nowMs - Math.max(0, ...policies.map(({ periodSeconds }) => periodSeconds)) * 1000;
  const recent = (steps: readonly ScaleStep[]) => steps.filter(({ atMs }) => atMs >= forgottenMs);
  const step = { change: Math.abs(to - from), atMs: nowMs };
  const { scaleUps, scaleDowns } = history;
  return to > from
    ? { ...history, scaleUps: [...recent(scaleUps), step], scaleDowns: recent(scaleDowns) }
    : { ...history, scaleUps: recent(scaleUps), scaleDowns: [...recent(scaleDowns), step] };
}

/** The highest of what was asked for lately. */
function stabilizeDown({ proposed, nowMs }: ScalingRequest, { recommendations }: ScalingHistory): number {
  const sinceMs = nowMs - DOWNSCALE_STABILIZATION_SECONDS * 1000;
  return Math.max(proposed, ...recommendations.filter(({ atMs }) => atMs >= sinceMs).map(({ replicas }) => replicas));
}

/** The current number, moved no further than all of what was asked for lately agrees to. */
function stabilize(
  { proposed, current, nowMs }: ScalingRequest,
  { recommendations }: ScalingHistory,
  windows: { readonly up: number; readonly down: number },
): number {
  const since = (seconds: number) =>
    recommendations.filter(({ atMs }) => atMs > nowMs - seconds * 1000).map(({ replicas }) => replicas);
  const lowest = Math.min(proposed, ...since(windows.up));
  const highest = Math.max(proposed, ...since(windows.down));
  return Math.min(highest, Math.max(lowest, current));
}

function limitByDefault({ proposed, current, min, max }: ScalingRequest): readonly [number, Verdict] {
  const upLimit = Math.max(2 * current, LEAST_UPSCALE_LIMIT);
  const most = Math.min(max, upLimit);
  if (proposed < min) return [min, TOO_FEW];
  if (proposed > most) return [most, max > upLimit ? UP_LIMIT : TOO_MANY];
  return [proposed, WITHIN_RANGE];
}

function limitByRules(
  { proposed, current, min, max, nowMs }: ScalingRequest,
  { scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior,
  history: ScalingHistory,
): readonly [number, Verdict] {
  if (proposed > current) {
    const upLimit = Math.max(current, upLimitOf(scaleUp, current, history, nowMs));
    const most = Math.min(max, upLimit);
    if (proposed > most) return [most, max > upLimit ? UP_LIMIT : TOO_MANY];
  } else if (proposed < current) {
    const downLimit = Math.min(current, downLimitOf(scaleDown, current, history, nowMs));
    const least = Math.max(min, downLimit);
    if (proposed < least) return [least, min < downLimit ? DOWN_LIMIT : TOO_FEW];
  }
  return [proposed, WITHIN_RANGE];
}

/** How many there may be at most by the policies, counted from how many there were when each one's period began. */
function upLimitOf(rules: HPAScalingRules | undefined, current: number, history: ScalingHistory, nowMs: number) {
  if (rules?.selectPolicy === 'Disabled') return current;
  const limits = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = atStart(current, history, periodSeconds, nowMs);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
  return rules?.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

function downLimitOf(rules: HPAScalingRules | undefined, current: number, history: ScalingHistory, nowMs: number) {
  if (rules?.selectPolicy === 'Disabled') return current;
  const limits = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = atStart(current, history, periodSeconds, nowMs);
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
  });
  return rules?.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}

function atStart(
  current: number,
  { scaleUps, scaleDowns }: ScalingHistory,
  periodSeconds: number,
  nowMs: number,
): number {
  const changed = (steps: readonly ScaleStep[]) =>
    steps.reduce((sum, { change, atMs }) => sum + (atMs > nowMs - periodSeconds * 1000 ? change : 0), 0);
  return current - changed(scaleUps) + changed(scaleDowns);
}
