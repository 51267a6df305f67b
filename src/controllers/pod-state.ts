// What controllers read off a pod's status. Upstream: pkg/api/v1/pod/util.go.

import type { Pod } from '../api/core/pod.ts';
import type { PodCondition } from '../api/core/pod-status.ts';
import { timeToMs } from '../api/time.ts';

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Has ended and will not run again. */
export function isPodTerminal(pod: Pod): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}

/** Neither ended nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Since when the pod is ready, in milliseconds; undefined if it is not. */
export function readySinceMs(pod: Pod): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  return ready.lastTransitionTime ? timeToMs(ready.lastTransitionTime) : 0;
}

/** The time at which a ready pod counts as available; undefined if it is not ready. */
export function availableAtMs(pod: Pod, minReadySeconds: number): number | undefined {
  const sinceMs = readySinceMs(pod);
  if (sinceMs === undefined || minReadySeconds === 0) return sinceMs;
  return sinceMs === 0 ? undefined : sinceMs + minReadySeconds * 1000;
}

/** Where no time of being ready is asked for, being ready is enough. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  if (minReadySeconds === 0) return isPodReady(pod);
  const atMs = availableAtMs(pod, minReadySeconds);
  return atMs !== undefined && atMs <= nowMs;
}

/** How long until the next ready pod counts as available; undefined if none is waiting. */
export function nextAvailabilityMs(pods: readonly Pod[], minReadySeconds: number, nowMs: number): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const waits = pods.map((pod) => (availableAtMs(pod, minReadySeconds) ?? 0) - nowMs).filter((waitMs) => waitMs > 0);
  return waits.length > 0 ? Math.min(...waits) : undefined;
}
