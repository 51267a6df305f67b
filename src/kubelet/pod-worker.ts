// Brings one pod to what the API says, one step at a time and never twice at once: the work of the node agent's queue. What
// is to be done is decided in pod-plan.ts; how, by the parts that are handed in.

import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import type { PodStatus } from '../api/core/pod-status.ts';
import { type BackoffOptions, backoffDelayMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { type ContainerToKill, type PodPlan, type ProbeVerdicts, planPod } from './pod-plan.ts';
import { podStatus } from './pod-status.ts';
import { qosClass } from './qos.ts';
import { newestContainer, type RuntimeContainer, type RuntimePod } from './runtime-pod.ts';

/** Why a container could not be started, in the words its status shows: `ErrImagePull`, `CreateContainerConfigError` … */
export class ContainerStartError extends Error {
  override readonly name = 'ContainerStartError';
  readonly reason: string;
  constructor(reason: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

/** Runs pods. Every call may throw; the pod is then looked at again after a while. */
export interface PodRuntime {
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
  /** preStop, then the stop signal, then SIGKILL: all within the grace period. */
  stopContainer(pod: Pod, container: RuntimeContainer, graceSeconds: number, why: string): Promise<void>;
  /** Stops the sandboxes and what is left in them. */
  stopSandboxes(runtime: RuntimePod): Promise<void>;
  /** Takes away containers, sandboxes, logs and cgroups of a pod that has been stopped. */
  remove(pod: Pod, runtime: RuntimePod): Promise<void>;
}

export interface PodVolumes {
  /** Makes the pod's volumes ready, or brings their contents up to date. Throws while something is missing. */
  mount(pod: Pod, signal: AbortSignal): Promise<void>;
  unmount(uid: string): Promise<void>;
}

export interface PodProbes extends ProbeVerdicts {
  /** Starts and stops probing so that it fits what runs. */
  follow(pod: Pod, runtime: RuntimePod): void;
  forget(uid: string): void;
  ready(container: Container, containerId: string): boolean;
  started(container: Container, containerId: string): boolean;
}

export interface PodStatuses {
  /** The newest status of the pod that this agent has written or read. */
  current(pod: Pod): PodStatus;
  /** Writes the status to the API before long; the last one counts. */
  set(pod: Pod, status: PodStatus): void;
  /** The status has been written; then the object itself is removed (grace period 0, that very uid). */
  finish(pod: Pod, status: PodStatus, signal: AbortSignal): Promise<void>;
}

export interface PodEvents {
  pod(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void;
  container(pod: Pod, container: string, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

export interface PodWorkerDeps {
  readonly runtime: PodRuntime;
  readonly volumes: PodVolumes;
  readonly probes: PodProbes;
  readonly statuses: PodStatuses;
  readonly events: PodEvents;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hostIp: () => string;
  readonly hashOf: (container: Container) => string;
}

/** What the agent remembers of a pod between two looks at it. */
export interface PodRecord {
  /** The newest version of the pod, or the last one before it was removed from the API. */
  pod: Pod;
  /** It is no longer in the API: it is stopped and forgotten, its status is nobody's business. */
  removed: boolean;
  /** The agent has refused or ended the pod: why. */
  verdict: { readonly reason: string; readonly message: string } | undefined;
  /** When termination began, in milliseconds. */
  terminatingSince: number | undefined;
  /** Why containers are not running. */
  readonly waiting: Map<string, { readonly reason: string; readonly message: string }>;
  /** Restarts in a row and when the last one was due. */
  readonly restarts: Map<string, { failures: number; notBefore: number; countedId: string }>;
}

/** Doubling from 10 s to 5 min, forgotten after twice the longest delay without a crash. Upstream: MaxContainerBackOff. */
const CRASH_LOOP: BackoffOptions = { baseMs: 10_000, maxMs: 300_000 };
const RETRY_MS = 2_000;

export function newPodRecord(pod: Pod): PodRecord {
  return {
    pod,
    removed: false,
    verdict: undefined,
    terminatingSince: undefined,
    waiting: new Map(),
    restarts: new Map(),
  };
}

/**
 * One look at a pod. Resolves with when to look again if nothing happens before; `gone` when the pod is to be forgotten.
 */
export async function reconcilePod(
  deps: PodWorkerDeps,
  record: PodRecord,
  signal: AbortSignal,
): Promise<{ readonly requeueAfterMs: number } | 'gone' | undefined> {
  const runtime = await deps.runtime.inspect(record.pod.metadata.uid, signal);
  if (record.removed || record.pod.metadata.deletionTimestamp !== undefined || record.verdict) {
    return terminate(deps, record, runtime, signal);
  }
  const deadline = deadlineOf(record.pod, deps);
  if (deadline !== undefined && deps.clock.now() >= deadline) {
    record.verdict = {
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    };
    return terminate(deps, record, runtime, signal);
  }
  deps.probes.follow(record.pod, runtime);
  const status = publish(deps, record, runtime, false);
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return settle(deps, record, runtime);

  const plan = planPod(record.pod, runtime, deps.probes, deps.hashOf);
  const retryMs = await carryOut(deps, record, runtime, plan, signal);
  const after = await deps.runtime.inspect(record.pod.metadata.uid, signal);
  deps.probes.follow(record.pod, after);
  publish(deps, record, after, false);
  const untilDeadline = deadline === undefined ? undefined : Math.max(0, deadline - deps.clock.now());
  const next = Math.min(retryMs ?? Number.POSITIVE_INFINITY, untilDeadline ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(next) ? { requeueAfterMs: next } : undefined;
}

/** Carries the plan out. Resolves with the time after which something is to be tried again. */
async function carryOut(
  deps: PodWorkerDeps,
  record: PodRecord,
  runtime: RuntimePod,
  plan: PodPlan,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { pod } = record;
  if (plan.stopPod) {
    await stopContainers(deps, pod, runtime, graceOf(pod), 'the pod is restarted');
    await deps.runtime.stopSandboxes(runtime);
  }
  await Promise.all(plan.kill.map((kill) => carryOutKill(deps, pod, runtime, kill)));
  if (plan.createSandbox === undefined && plan.start.length === 0) return undefined;
  try {
    await deps.volumes.mount(pod, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    deps.events.pod(pod, 'Warning', 'FailedMount', messageOf(error));
    return RETRY_MS;
  }
  if (plan.createSandbox !== undefined) {
    try {
      await deps.runtime.createSandbox(pod, plan.createSandbox, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      deps.events.pod(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${messageOf(error)}`);
      return RETRY_MS;
    }
  }
  const current = await deps.runtime.inspect(pod.metadata.uid, signal);
  publish(deps, record, current, false); // The address is known before images are pulled.
  const delays = await Promise.all(plan.start.map((name) => startContainer(deps, record, current, name, signal)));
  const due = delays.filter((delay) => delay !== undefined);
  return due.length > 0 ? Math.min(...due) : undefined;
}

async function carryOutKill(deps: PodWorkerDeps, pod: Pod, runtime: RuntimePod, kill: ContainerToKill): Promise<void> {
  const container = runtime.containers.find(({ id }) => id === kill.id);
  if (!container) return;
  const probe =
    kill.why === 'LivenessFailed' ? probeOf(pod, kill.name)?.livenessProbe : probeOf(pod, kill.name)?.startupProbe;
  const grace = kill.why === 'SpecChanged' ? graceOf(pod) : (probe?.terminationGracePeriodSeconds ?? graceOf(pod));
  deps.events.container(pod, kill.name, 'Normal', 'Killing', kill.message);
  await deps.runtime.stopContainer(pod, container, grace, kill.message);
}

/** Starts one container unless it is too early; resolves with the time after which to try (again). */
async function startContainer(
  deps: PodWorkerDeps,
  record: PodRecord,
  runtime: RuntimePod,
  name: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { pod } = record;
  const container = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((other) => other.name === name);
  if (!container) return undefined;
  const previous = newestContainer(runtime, name);
  const waitMs = crashLoopWait(record, container, previous, deps.clock.now());
  if (waitMs > 0) {
    const delay = record.restarts.get(name);
    const seconds = backoffDelayMs(delay?.failures ?? 1, CRASH_LOOP) / 1000;
    const message = `back-off ${goSeconds(seconds)} restarting failed container=${name} pod=${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
    record.waiting.set(name, { reason: 'CrashLoopBackOff', message });
    deps.events.container(
      pod,
      name,
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${name} in pod ${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`,
    );
    return waitMs;
  }
  try {
    await deps.runtime.startContainer(
      pod,
      container,
      runtime,
      previous ? previous.attempt + 1 : restartsBefore(deps, pod, name),
      signal,
    );
    record.waiting.delete(name);
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    const known = error instanceof ContainerStartError;
    record.waiting.set(name, { reason: known ? error.reason : 'RunContainerError', message: messageOf(error) });
    if (!known) deps.events.container(pod, name, 'Warning', 'Failed', `Error: ${messageOf(error)}`);
    return RETRY_MS;
  }
}

/** Restart counts only rise, even when the runtime has forgotten the former containers. */
function restartsBefore(deps: PodWorkerDeps, pod: Pod, name: string): number {
  const status = deps.statuses.current(pod);
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const before = all.find((other) => other.name === name);
  return before?.containerID ? before.restartCount + 1 : 0;
}

/** How long the container has to wait for its next start, counting each exit once. */
function crashLoopWait(
  record: PodRecord,
  container: Container,
  previous: RuntimeContainer | undefined,
  nowMs: number,
): number {
  if (previous?.state !== 'exited') return 0;
  const finishedAt = previous.finishedAt ?? nowMs;
  const entry = record.restarts.get(container.name) ?? { failures: 0, notBefore: 0, countedId: '' };
  if (entry.countedId !== previous.id) {
    // The first restart comes at once; a container that ran well for long enough starts over.
    const ranMs = finishedAt - (previous.startedAt ?? finishedAt);
    const failures = ranMs >= 2 * CRASH_LOOP.maxMs ? 0 : entry.failures;
    const wait = failures === 0 ? 0 : backoffDelayMs(failures, CRASH_LOOP);
    record.restarts.set(container.name, {
      failures: failures + 1,
      notBefore: finishedAt + wait,
      countedId: previous.id,
    });
    return Math.max(0, finishedAt + wait - nowMs);
  }
  return Math.max(0, entry.notBefore - nowMs);
}

/** A pod whose work is done: its sandbox is stopped and its volumes go, its containers stay for their logs. */
async function settle(deps: PodWorkerDeps, record: PodRecord, runtime: RuntimePod): Promise<undefined> {
  deps.probes.forget(record.pod.metadata.uid);
  await stopContainers(deps, record.pod, runtime, graceOf(record.pod), 'the pod has finished');
  if (runtime.sandboxes.some(({ ready }) => ready)) await deps.runtime.stopSandboxes(runtime);
  await deps.volumes.unmount(record.pod.metadata.uid);
}

/** Stops everything within the grace period, then takes it away and, if the API knows the pod, removes it there. */
async function terminate(
  deps: PodWorkerDeps,
  record: PodRecord,
  runtime: RuntimePod,
  signal: AbortSignal,
): Promise<'gone' | undefined> {
  const { pod } = record;
  const { uid } = pod.metadata;
  record.terminatingSince ??= deps.clock.now();
  publish(deps, record, runtime, false);
  const running = runtime.containers.filter(({ state }) => state === 'running');
  for (const { name } of running) deps.events.container(pod, name, 'Normal', 'Killing', `Stopping container ${name}`);
  await stopContainers(deps, pod, runtime, remainingGrace(deps, record), 'the pod is deleted');
  deps.probes.forget(uid);
  await deps.runtime.stopSandboxes(runtime);
  const ended = await deps.runtime.inspect(uid, signal);
  const status = publish(deps, record, ended, true);
  await deps.volumes.unmount(uid);
  if (record.verdict && !record.removed && pod.metadata.deletionTimestamp === undefined) return undefined;
  await deps.runtime.remove(pod, ended);
  if (!record.removed) await deps.statuses.finish(pod, status, signal);
  return 'gone';
}

/** Sidecars end after the others, in reverse order (KEP-753); everything else ends at the same time. */
async function stopContainers(
  deps: PodWorkerDeps,
  pod: Pod,
  runtime: RuntimePod,
  graceSeconds: number,
  why: string,
): Promise<void> {
  const deadline = deps.clock.now() + graceSeconds * 1000;
  const running = runtime.containers.filter(({ state }) => state === 'running');
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const sidecarNames = new Set(sidecars.map(({ name }) => name));
  const stop = (container: RuntimeContainer) => {
    const left = Math.max(0, Math.ceil((deadline - deps.clock.now()) / 1000));
    return deps.runtime.stopContainer(pod, container, Math.min(left, graceSeconds), why);
  };
  await Promise.all(running.filter(({ name }) => !sidecarNames.has(name)).map(stop));
  for (const sidecar of sidecars.toReversed()) {
    await Promise.all(running.filter(({ name }) => name === sidecar.name).map(stop));
  }
}

function publish(deps: PodWorkerDeps, record: PodRecord, runtime: RuntimePod, ended: boolean): PodStatus {
  const { pod } = record;
  const status = podStatus(pod, runtime, {
    hostIp: deps.hostIp(),
    previous: deps.statuses.current(pod),
    nowMs: deps.clock.now(),
    view: {
      waiting: (name) => record.waiting.get(name),
      ready: (container, id) => record.terminatingSince === undefined && deps.probes.ready(container, id),
      started: (container, id) => deps.probes.started(container, id),
    },
    ended,
    verdict: record.verdict,
    qosClass: qosClass(pod),
  });
  if (!record.removed) deps.statuses.set(pod, status);
  return status;
}

/** activeDeadlineSeconds counts from when the agent first saw the pod. */
function deadlineOf(pod: Pod, deps: PodWorkerDeps): number | undefined {
  const seconds = pod.spec.activeDeadlineSeconds;
  const { startTime } = deps.statuses.current(pod);
  if (seconds === undefined) return undefined;
  return (startTime === undefined ? deps.clock.now() : Date.parse(startTime)) + seconds * 1000;
}

function graceOf(pod: Pod): number {
  return pod.spec.terminationGracePeriodSeconds ?? 30;
}

/** What is left of the grace period that the deletion was given. */
function remainingGrace(deps: PodWorkerDeps, record: PodRecord): number {
  const { pod, terminatingSince } = record;
  const total = pod.metadata.deletionGracePeriodSeconds ?? graceOf(pod);
  const elapsed = (deps.clock.now() - (terminatingSince ?? deps.clock.now())) / 1000;
  return Math.max(0, Math.ceil(total - elapsed));
}

function probeOf(pod: Pod, name: string): Container | undefined {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((container) => container.name === name);
}

/** Go prints durations as 10s, 40s, 2m40s, 5m0s. */
function goSeconds(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
