// The parts that scheduling, binding and the handling of events share. scheduler.ts puts them together.

import type { Pod } from '../api/core/pod.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { Lister } from '../client/object-cache.ts';
import type { BackgroundWork } from './background-work.ts';
import type { Cache } from './cache.ts';
import type { NodeFinder } from './find-node.ts';
import type { PodInfo } from './pod-info.ts';
import type { PodStatusWriter } from './pod-status-writer.ts';
import type { Profile } from './profile.ts';
import type { SchedulingQueue } from './queue.ts';
import type { Snapshot } from './snapshot.ts';
import type { WaitingPods } from './waiting-pods.ts';

export interface SchedulingCore {
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  /** What the API server last said of pods. */
  readonly pods: Lister<Pod>;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly cache: Cache;
  readonly snapshot: Snapshot;
  readonly queue: SchedulingQueue;
  readonly finder: NodeFinder;
  readonly waitingPods: WaitingPods;
  readonly background: BackgroundWork;
  readonly statusWriter: PodStatusWriter;
  readonly observer: SchedulerObserver;
}

/** Told what becomes of attempts; for metrics and benchmarks. */
export interface SchedulerObserver {
  attempted?(profile: string, result: 'scheduled' | 'unschedulable' | 'error', durationMs: number): void;
  /** `waitedMs`: since the pod was first seen. */
  bound?(
    pod: PodInfo,
    outcome: { readonly nodeName: string; readonly attempts: number; readonly waitedMs: number },
  ): void;
}
