// What a pod does on a node that only pretends: it runs as soon as it is there, ends when it is told to, or after a time
// that it names itself. Pure: a function of the pod, so that it goes on where it was after a restart. Its status is worked
// out by the same code as a real pod's, from a runtime that is made up.

import type { Container } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { PodStatus } from '../../api/core/pod-status.ts';
import { isSidecar } from '../../api/core/sidecar.ts';
import { timeToMs } from '../../api/time.ts';
import { podStatus } from '../pod-status.ts';
import { qosClass } from '../qos.ts';
import type { RuntimeContainer, RuntimePod } from '../runtime-pod.ts';

/**
 * Annotations by which a pod says how it behaves here:
 * - `run-seconds`: its containers end by themselves after so long (not if its restart policy is Always);
 * - `exit-code`: of containers that end by themselves; absent: 0;
 * - `stop-seconds`: how long its containers take to end when told to, at most the grace period; absent: no time.
 */
export const RUN_SECONDS = 'simulated.typernetes.io/run-seconds';
export const EXIT_CODE = 'simulated.typernetes.io/exit-code';
export const STOP_SECONDS = 'simulated.typernetes.io/stop-seconds';

export interface SimulatedPlan {
  readonly status: PodStatus;
  /** Its containers have ended after it was told to: it is to be removed. */
  readonly isGone: boolean;
  /** When it does something next by itself. */
  readonly nextAtMs: number | undefined;
}

export interface SimulatedPlace {
  readonly hostIp: string;
  readonly podIp: string;
}

export function planSimulatedPod(pod: Pod, { hostIp, podIp }: SimulatedPlace, nowMs: number): SimulatedPlan {
  const startedMs = startOf(pod) ?? nowMs;
  const stopMs = stopOf(pod);
  const endMs = endOf(pod, startedMs);
  const wasFinished = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
  const hasStopped = stopMs !== undefined && (nowMs >= stopMs || wasFinished);
  const hasEnded = endMs !== undefined && nowMs >= endMs;
  const finishedMs = hasEnded ? endMs : hasStopped ? nowMs : undefined;
  const exitCode = hasEnded ? (numberFrom(pod, EXIT_CODE) ?? 0) : 0;
  const runtime = simulatedRuntime(pod, podIp, startedMs, finishedMs, exitCode);
  const computed = podStatus(pod, runtime, {
    hostIp,
    nowMs,
    previous: pod.status,
    view: { waiting: () => undefined, ready: () => true, started: () => true },
    ended: hasStopped,
    verdict: undefined,
    qosClass: qosClass(pod),
  });
  const pending = [stopMs, endMs].filter((atMs) => atMs !== undefined && atMs > nowMs) as number[];
  return {
    status: wasFinished ? pod.status : computed,
    isGone: hasStopped,
    nextAtMs: finishedMs === undefined && pending.length > 0 ? Math.min(...pending) : undefined,
  };
}

function simulatedRuntime(
  pod: Pod,
  podIp: string,
  startedMs: number,
  finishedMs: number | undefined,
  exitCode: number,
): RuntimePod {
  const { uid, name, namespace } = pod.metadata;
  const hostNetwork = pod.spec.hostNetwork === true;
  const sandboxId = idOf(uid, 0);
  const made = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const initCount = made.length - pod.spec.containers.length;
  return {
    uid,
    name,
    namespace,
    sandboxes: [
      {
        id: sandboxId,
        attempt: 0,
        ready: finishedMs === undefined,
        createdAt: startedMs,
        ips: hostNetwork ? [] : [podIp],
        hostNetwork,
      },
    ],
    containers: made.map((container, i) => {
      const isPassing = i < initCount && !isSidecar(container);
      const identity = { id: idOf(uid, i + 1), sandboxId };
      if (isPassing) return simulatedContainer(container, identity, startedMs, startedMs, 0);
      return simulatedContainer(container, identity, startedMs, finishedMs, exitCode);
    }),
  };
}

function simulatedContainer(
  { name, image = '' }: Container,
  identity: { readonly id: string; readonly sandboxId: string },
  startedMs: number,
  finishedMs: number | undefined,
  exitCode: number,
): RuntimeContainer {
  const hasEnded = finishedMs !== undefined;
  return {
    ...identity,
    name,
    attempt: 0,
    state: hasEnded ? 'exited' : 'running',
    createdAt: startedMs,
    startedAt: startedMs,
    finishedAt: finishedMs,
    exitCode: hasEnded ? exitCode : undefined,
    reason: hasEnded ? (exitCode === 0 ? 'Completed' : 'Error') : '',
    message: '',
    image,
    imageId: image,
    specHash: '',
  };
}

/** As long as the runtime's, and the same each time. */
function idOf(uid: string, index: number): string {
  return uid.replaceAll('-', '').padEnd(56, '0') + index.toString(16).padStart(8, '0');
}

function startOf({ status }: Pod): number | undefined {
  const state = status.containerStatuses?.[0]?.state;
  const startedAt = state?.running?.startedAt ?? state?.terminated?.startedAt;
  return startedAt ? timeToMs(startedAt) : undefined;
}

/** When its containers have ended after it was told to; undefined while it is not. */
function stopOf(pod: Pod): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  if (!deletionTimestamp) return undefined;
  const told = timeToMs(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return told + Math.min(numberFrom(pod, STOP_SECONDS) ?? 0, deletionGracePeriodSeconds) * 1000;
}

function endOf(pod: Pod, startedMs: number): number | undefined {
  const seconds = pod.spec.restartPolicy === 'Always' ? undefined : numberFrom(pod, RUN_SECONDS);
  return seconds === undefined ? undefined : startedMs + seconds * 1000;
}

/** What is no number counts as absent: a pod must not hang by a slip of the pen. */
function numberFrom(pod: Pod, annotation: string): number | undefined {
  const text = pod.metadata.annotations?.[annotation];
  const number = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
