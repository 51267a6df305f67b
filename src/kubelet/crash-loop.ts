// How long a container that keeps ending waits for its next start: at once the first time, then 10 s, doubling up to 5 min,
// until it has run well for twice as long as that. Pure. Upstream: doBackOff in kuberuntime_manager.go, MaxContainerBackOff.

import type { RuntimeContainer } from './runtime-pod.ts';

const BASE_MS = 10_000;
const MAX_MS = 300_000;

export interface CrashLoop {
  /** How long the next start waits after the last end. */
  readonly delayMs: number;
  readonly notBefore: number;
  /** The container whose end has been counted. */
  readonly countedId: string;
}

/** What follows from the container's end; ends that have been counted change nothing. Undefined: it has not ended. */
export function crashLoopAfter(
  known: CrashLoop | undefined,
  newest: RuntimeContainer | undefined,
  nowMs: number,
): CrashLoop | undefined {
  if (newest?.state !== 'exited') return undefined;
  if (known?.countedId === newest.id) return known;
  const finishedAt = newest.finishedAt ?? nowMs;
  const ranMs = finishedAt - (newest.startedAt ?? finishedAt);
  const delayMs = known === undefined || ranMs >= 2 * MAX_MS ? 0 : grow(known.delayMs);
  return { delayMs, notBefore: finishedAt + delayMs, countedId: newest.id };
}

function grow(delayMs: number): number {
  return delayMs === 0 ? BASE_MS : Math.min(MAX_MS, delayMs * 2);
}

/** As Go prints durations: 10s, 2m40s, 5m0s. */
export function goDuration(ms: number): string {
  const seconds = ms / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
