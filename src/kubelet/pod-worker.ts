// Brings one pod to what the API says, one step at a time and never twice at once: the work of the node agent's queue. What
// is to be done is decided in pod-plan.ts; how pods end is pod-termination.ts; the rest is done by the parts handed in.

import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import { containersOf } from '../api/core/pod-references.ts';
import { type BackoffOptions, backoffDelayMs } from '../base/backoff.ts';
import { messageOf } from '../base/message-of.ts';
import { crashLoopAfter, goDuration } from './crash-loop.ts';
import { ContainerStartError } from './pod-parts.ts';
import { type ContainerToKill, type PodPlan, planPod } from './pod-plan.ts';
import { isEnding, type PodRecord, publish } from './pod-record.ts';
import {
  look,
  secondsOf,
  settle,
  stopContainer,
  stopContainers,
  type TerminationDeps,
  terminate,
} from './pod-termination.ts';
import { hasResizes, planResize, type ResizePlan, withRestarts } from './resize/plan-resize.ts';
import { type ResizeDeps, resizePod } from './resize/resize-pod.ts';
import { beginResize, failResize, followResize } from './resize/resize-progress.ts';
import { allContainers, newestContainer, type RuntimePod } from './runtime-pod.ts';

export interface PodWorkerDeps extends TerminationDeps {
  readonly hashOf: (container: Container) => string;
  readonly cgroups: ResizeDeps['cgroups'];
  /** Asked before anything of the pod is made: it may turn out that the node cannot take it. */
  readonly equip: (record: PodRecord, signal: AbortSignal) => Promise<void>;
}

/** How long to wait after something could not be done: what is missing wakes the pod by itself where it can. */
const RETRY: BackoffOptions = { baseMs: 1_000, maxMs: 20_000 };

/** When to look again if nothing happens before; `gone` when the pod is to be forgotten. */
export type PodOutcome = { readonly requeueAfterMs: number } | 'gone' | undefined;

/** One look at a pod, and what follows from it. Rejects when the runtime or the API fail, or with the signal's reason. */
export async function reconcilePod(deps: PodWorkerDeps, record: PodRecord, signal: AbortSignal): Promise<PodOutcome> {
  if (record.settled && !isEnding(record)) return undefined;
  const runtime = await look(deps, record, signal);
  const untilDeadlineMs = timeToDeadline(deps, record.pod);
  if (untilDeadlineMs !== undefined && untilDeadlineMs <= 0) record.verdict ??= DEADLINE_EXCEEDED;
  if (isNew(runtime) && record.admitted && !isEnding(record)) await deps.equip(record, signal);
  if (isEnding(record)) return terminate(deps, record, runtime, signal);
  if (show(deps, record, runtime) === 'over') return void (await settle(deps, record, runtime, signal));

  const resizes = planResize(record.pod, runtime, deps.allocations.actuated(record.pod.metadata.uid));
  const plan = withRestarts(planPod(record.pod, runtime, deps.probes, deps.hashOf), resizes);
  const retryMs = await carryOut(deps, record, runtime, { plan, resizes }, signal);
  record.failures = retryMs === undefined ? 0 : record.failures;
  const after = await look(deps, record, signal);
  const isResizing = followResize(deps, record, after);
  await deps.allocations.save(record.pod.metadata.uid);
  if (show(deps, record, after) === 'over') return void (await settle(deps, record, after, signal));
  const isDone = !isResizing && !hasWork(planPod(record.pod, after, deps.probes, deps.hashOf));
  const next = retryMs ?? (isDone ? undefined : 0);
  const requeueAfterMs = soonest(next, untilDeadlineMs);
  return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
}

function soonest(...delays: readonly (number | undefined)[]): number | undefined {
  const known = delays.filter((delay) => delay !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

function isNew({ sandboxes, containers }: RuntimePod): boolean {
  return sandboxes.length + containers.length === 0;
}

const DEADLINE_EXCEEDED = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

/** Tells probes and the API what there is. `over`: the pod's work is done, well or not. */
function show(deps: PodWorkerDeps, record: PodRecord, runtime: RuntimePod): 'over' | 'going on' {
  deps.probes.follow(record.pod, runtime);
  const { phase } = publish(deps, record, runtime);
  return phase === 'Succeeded' || phase === 'Failed' ? 'over' : 'going on';
}

function hasWork({ stopPod, createSandbox, kill, start }: PodPlan): boolean {
  return stopPod || createSandbox !== undefined || kill.length > 0 || start.length > 0;
}

/** Carries the plan out. Resolves with the time after which something is to be tried again. */
async function carryOut(
  deps: PodWorkerDeps,
  record: PodRecord,
  runtime: RuntimePod,
  { plan, resizes }: { readonly plan: PodPlan; readonly resizes: ResizePlan },
  signal: AbortSignal,
): Promise<number | undefined> {
  const { pod } = record;
  if (plan.stopPod) {
    if (plan.createSandbox !== undefined) deps.events.pod(pod, 'Normal', 'SandboxChanged', SANDBOX_CHANGED);
    await stopContainers(deps, record, runtime, secondsOf(pod), signal);
    await deps.runtime.stopSandboxes(runtime, signal);
  }
  await Promise.all(plan.kill.map((kill) => carryOutKill(deps, record, runtime, kill, signal)));
  const resizeMs = plan.stopPod ? undefined : await resize(deps, record, { pod, resizes }, signal);
  if (plan.createSandbox === undefined && plan.start.length === 0) return resizeMs;
  try {
    await deps.volumes.mount(pod, signal);
  } catch (error) {
    return failed(deps, record, 'FailedMount', messageOf(error), signal);
  }
  if (plan.createSandbox === undefined) {
    const now = plan.kill.length > 0 ? await look(deps, record, signal) : runtime; // What was killed has ended by now.
    return soonest(resizeMs, await startInOrder(deps, record, now, plan.start, signal));
  }
  try {
    await deps.runtime.createSandbox(pod, plan.createSandbox, signal);
    deps.allocations.actuatePod(pod.metadata.uid, pod.spec.resources);
  } catch (error) {
    const message = `Failed to create pod sandbox: ${messageOf(error)}`;
    return failed(deps, record, 'FailedCreatePodSandBox', message, signal);
  }
  const current = await look(deps, record, signal);
  show(deps, record, current); // The address is known before images are pulled.
  return startInOrder(deps, record, current, plan.start, signal);
}

const SANDBOX_CHANGED = 'Pod sandbox changed, it will be killed and re-created.';

/** Carries resizes of the pod as it was planned with out that need no new container. Resolves with the time after which to try again. */
async function resize(
  deps: PodWorkerDeps,
  record: PodRecord,
  { pod, resizes }: { readonly pod: Pod; readonly resizes: ResizePlan },
  signal: AbortSignal,
): Promise<number | undefined> {
  if (!hasResizes(resizes)) return undefined;
  beginResize(record);
  try {
    await resizePod(deps, pod, resizes, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    failResize(deps, record, messageOf(error));
    record.failures++;
    return backoffDelayMs(record.failures, RETRY);
  }
}

/** Tells what went wrong and when to try again. */
function failed(deps: PodWorkerDeps, record: PodRecord, reason: string, message: string, signal: AbortSignal): number {
  signal.throwIfAborted();
  deps.events.pod(record.pod, 'Warning', reason, message);
  record.failures++;
  return backoffDelayMs(record.failures, RETRY);
}

async function carryOutKill(
  deps: PodWorkerDeps,
  record: PodRecord,
  runtime: RuntimePod,
  { id, name, why, message }: ContainerToKill,
  signal: AbortSignal,
): Promise<void> {
  const container = runtime.containers.find((other) => other.id === id);
  if (!container) return;
  const spec = allContainers(record.pod).find((other) => other.name === name);
  const probe =
    why === 'LivenessFailed' ? spec?.livenessProbe : why === 'StartupFailed' ? spec?.startupProbe : undefined;
  const graceSeconds = probe?.terminationGracePeriodSeconds ?? secondsOf(record.pod);
  await stopContainer(deps, record, container, { graceSeconds, why: message }, signal);
}

/**
 * Starts one container after the other: the next one waits for the postStart of the one before. An init container that
 * cannot be started keeps back what comes after it. Resolves with the time after which one is to be tried (again).
 */
async function startInOrder(
  deps: PodWorkerDeps,
  record: PodRecord,
  runtime: RuntimePod,
  names: readonly string[],
  signal: AbortSignal,
): Promise<number | undefined> {
  const delays: number[] = [];
  for (const [index, name] of names.entries()) {
    if (index > 0) show(deps, record, await look(deps, record, signal)); // The next one's image may take its time.
    const delayMs = await startContainer(deps, record, runtime, name, signal);
    if (delayMs === undefined) continue;
    delays.push(delayMs);
    if (record.pod.spec.initContainers?.some((container) => container.name === name)) break;
  }
  return delays.length > 0 ? Math.min(...delays) : undefined;
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
  const container = containersOf(pod).find((other) => other.name === name);
  if (!container) return undefined;
  const waitMs = crashLoopWait(deps, record, runtime, name);
  if (waitMs > 0) return waitMs;
  const attempt = nextAttempt(deps, pod, runtime, name);
  try {
    await deps.runtime.startContainer(pod, container, runtime, attempt, signal);
    deps.allocations.actuate(pod.metadata.uid, name, container.resources);
    record.waiting.delete(name);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const known = error instanceof ContainerStartError ? error : undefined;
    record.waiting.set(name, { reason: known?.reason ?? 'RunContainerError', message: messageOf(error) });
    if (!known) deps.events.container(pod, name, 'Warning', 'Failed', `Error: ${messageOf(error)}`);
    record.failures++;
    return known?.retryAfterMs ?? backoffDelayMs(record.failures, RETRY);
  }
}

/** How long the container has to wait for its next start; 0 when it may be started. */
function crashLoopWait(deps: PodWorkerDeps, record: PodRecord, runtime: RuntimePod, name: string): number {
  const { pod } = record;
  const crash = crashLoopAfter(record.crashes.get(name), newestContainer(runtime, name), deps.clock.now());
  if (!crash) return 0;
  record.crashes.set(name, crash);
  const waitMs = crash.notBefore - deps.clock.now();
  if (waitMs <= 0) return 0;
  const whose = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
  const message = `back-off ${goDuration(crash.delayMs)} restarting failed container=${name} pod=${whose}`;
  record.waiting.set(name, { reason: 'CrashLoopBackOff', message });
  const event = `Back-off restarting failed container ${name} in pod ${whose}`;
  deps.events.container(pod, name, 'Warning', 'BackOff', event);
  return waitMs;
}

/** Restart counts only rise, even when the runtime has forgotten the former containers. */
function nextAttempt(deps: PodWorkerDeps, pod: Pod, runtime: RuntimePod, name: string): number {
  const { initContainerStatuses = [], containerStatuses = [] } = deps.statuses.current(pod);
  const before = [...initContainerStatuses, ...containerStatuses].find((status) => status.name === name);
  const newest = newestContainer(runtime, name);
  if (newest) return Math.max(newest.attempt + 1, before?.restartCount ?? 0);
  const hasRun = before?.state?.terminated !== undefined || before?.lastState?.terminated !== undefined;
  return (before?.restartCount ?? 0) + (hasRun ? 1 : 0);
}

/** activeDeadlineSeconds counts from when the agent first saw the pod. Undefined: there is no deadline. */
function timeToDeadline({ clock, statuses }: PodWorkerDeps, pod: Pod): number | undefined {
  const seconds = pod.spec.activeDeadlineSeconds;
  if (seconds === undefined) return undefined;
  const { startTime } = statuses.current(pod);
  const since = startTime === undefined ? clock.now() : Date.parse(startTime);
  return since + seconds * 1000 - clock.now();
}
