// The status of an autoscaler as it is put together during one look at it.

import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
} from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import type { MetricStatus } from '../../api/autoscaling/metrics-v2.ts';
import { formatTime } from '../../api/time.ts';

export type AutoscalerConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';

export class AutoscalerStatus {
  readonly #before: HorizontalPodAutoscalerStatus;
  readonly #now: string;
  #status: HorizontalPodAutoscalerStatus;

  constructor({ status }: HorizontalPodAutoscaler, nowMs: number) {
    this.#before = status;
    this.#status = status;
    this.#now = formatTime(nowMs);
  }

  /** May be said more than once during a look: only what is said last is a change. */
  set(type: AutoscalerConditionType, status: 'True' | 'False', reason: string, message: string): void {
    const before = this.#before.conditions?.find((condition) => condition.type === type);
    const since = before?.status === status ? (before.lastTransitionTime ?? this.#now) : this.#now;
    const next: HorizontalPodAutoscalerCondition = { type, status, lastTransitionTime: since, reason, message };
    const conditions = this.#status.conditions ?? [];
    const isThere = conditions.some((condition) => condition.type === type);
    const all = isThere ? conditions.map((one) => (one.type === type ? next : one)) : [...conditions, next];
    this.#status = { ...this.#status, conditions: all };
  }

  /** How many there are, where nothing else could be found out. */
  seen(current: number): void {
    const { currentReplicas: _before, ...status } = this.#status;
    this.#status = { ...status, ...replicasOf(current) };
  }

  /** `metrics`: undefined when none were looked at. */
  settle({
    current,
    desired,
    metrics = null,
    scaledAt,
  }: {
    readonly current: number;
    readonly desired: number;
    readonly metrics?: readonly MetricStatus[] | null | undefined;
    readonly scaledAt?: string;
  }): void {
    this.seen(current);
    this.#status = {
      ...this.#status,
      desiredReplicas: desired,
      currentMetrics: metrics,
      ...(scaledAt === undefined ? {} : { lastScaleTime: scaledAt }),
    };
  }

  result(): HorizontalPodAutoscalerStatus {
    return this.#status;
  }
}

/** The API leaves out none. */
function replicasOf(current: number): { readonly currentReplicas?: number } {
  return current === 0 ? {} : { currentReplicas: current };
}
