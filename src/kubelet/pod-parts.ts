// What the worker of a pod works with: the runtime, volumes, probes, statuses and events, each as narrow as the worker
// needs it. Who they are is settled in kubelet.ts.

import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import type { PodStatus } from '../api/core/pod-status.ts';
import type { ProbeVerdicts } from './pod-plan.ts';
import type { RuntimeContainer, RuntimePod } from './runtime-pod.ts';

/** Why a container could not be started, in the words its status shows: `ErrImagePull`, `CreateContainerConfigError` … */
export class ContainerStartError extends Error {
  override readonly name = 'ContainerStartError';
  readonly reason: string;
  /** Before that there is no use in trying again. Absent: whoever tries decides. */
  readonly retryAfterMs: number | undefined;
  constructor(reason: string, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Runs pods. Every call may throw; the pod is then looked at again after a while. */
export interface PodRuntime extends ContainerResizer {
  inspect(uid: string, signal: AbortSignal): Promise<RuntimePod>;
  createSandbox(pod: Pod, attempt: number, signal: AbortSignal): Promise<void>;
  /** Pulls the image if need be, makes the container and starts it, postStart included. Throws ContainerStartError. */
  startContainer(
    pod: Pod,
    container: Container,
    runtime: RuntimePod,
    attempt: number,
    signal: AbortSignal,
  ): Promise<void>;
  /** preStop (unless it has been run before), then the stop signal, then SIGKILL: all within the grace period. */
  stopContainer(pod: Pod, container: RuntimeContainer, how: StopOptions, signal: AbortSignal): Promise<void>;
  /** Stops the sandboxes and what is left in them. */
  stopSandboxes(runtime: RuntimePod, signal: AbortSignal): Promise<void>;
  /** Takes away containers, sandboxes, logs and cgroups of a pod that has been stopped. */
  remove(pod: Pod, runtime: RuntimePod, signal: AbortSignal): Promise<void>;
}

/** What changes a container while it runs. */
export interface ContainerResizer {
  resizeContainer(pod: Pod, container: Container, id: string, signal: AbortSignal): Promise<void>;
  /** What it uses; undefined where the runtime does not tell. */
  memoryOf(id: string, signal: AbortSignal): Promise<number | undefined>;
}

export interface StopOptions {
  readonly graceSeconds: number;
  readonly preStop: boolean;
}

export interface PodVolumes {
  /** Makes the pod's volumes ready, or brings their contents up to date. Throws while something is missing. */
  mount(pod: Pod, signal: AbortSignal): Promise<void>;
  unmount(uid: string): Promise<void>;
  /** Takes away everything that the pod had on disk. */
  remove(uid: string): Promise<void>;
}

export interface PodProbes extends ProbeVerdicts {
  /** Starts and stops probing so that it fits what runs. */
  follow(pod: Pod, runtime: RuntimePod): void;
  /** The pod ends: nothing of it is to be restarted any more. Readiness goes on, for endpoints are served to the end. */
  endRestarts(uid: string): void;
  forget(uid: string): void;
  ready(container: Container, containerId: string): boolean;
  started(container: Container, containerId: string): boolean;
}

export interface PodStatuses {
  /** The newest status of the pod that this agent has written or read. */
  current(pod: Pod): PodStatus;
  /** Takes what the API says now: what somebody else has overwritten is written again. */
  observe(pod: Pod): void;
  /** Writes the status to the API before long; the last one counts. */
  set(pod: Pod, status: PodStatus): void;
  /** The status has been written; then the object itself is removed (grace period 0, that very uid). */
  finish(pod: Pod, status: PodStatus, signal: AbortSignal): Promise<void>;
  /** The pod is not in the API any more. */
  forget(uid: string): void;
}

export type EventType = 'Normal' | 'Warning';

export interface PodEvents {
  pod(pod: Pod, type: EventType, reason: string, message: string, annotations?: Readonly<Record<string, string>>): void;
  container(pod: Pod, container: string, type: EventType, reason: string, message: string): void;
}
