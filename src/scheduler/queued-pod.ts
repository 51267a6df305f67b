// A pod in the scheduling queue, with what earlier attempts left behind. The queue (queue.ts) owns and changes it.

import type { PodInfo } from './pod-info.ts';

export interface QueuedPod {
  /** The newest version of the pod that was seen. */
  info: PodInfo;
  /** Milliseconds since the epoch when it was put into the queue, at first or again. */
  timestampMs: number;
  /** Numbers pods as they first come, so that those of one millisecond stay in order. */
  readonly order: number;
  /** When the pod was first seen, in milliseconds since the epoch. */
  readonly firstSeenMs: number;
  /** When its backoff ends; worked out when it begins to wait for it. */
  backoffEndMs: number;
  attempts: number;
  /** Attempts that ended with the pod turned down by a plugin. */
  unschedulableCount: number;
  /** Attempts in a row that ended because something failed. */
  consecutiveErrors: number;
  /** The plugins that turned it down at the last attempt. */
  unschedulablePlugins: Set<string>;
  pendingPlugins: Set<string>;
  /** The plugin whose preEnqueue keeps it out of the active queue. */
  gatingPlugin: string | undefined;
}

/** The profile's name. API defaulting sets it; the default is for objects that never went through it. */
export function schedulerNameOf({ info }: { readonly info: PodInfo }): string {
  return info.pod.spec.schedulerName || 'default-scheduler';
}

export function wasRejected(queued: QueuedPod): boolean {
  return queued.unschedulablePlugins.size > 0 || queued.pendingPlugins.size > 0;
}
