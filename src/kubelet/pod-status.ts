// The status of a pod, worked out from its spec, what the runtime holds and what the probes found: pure. Upstream:
// generateAPIPodStatus and getPhase in pkg/kubelet/kubelet_pods.go, conditions in pkg/kubelet/status/generate.go.

import type { Container } from '../api/core/container.ts';
import type { ContainerStatus } from '../api/core/container-status.ts';
import type { Pod } from '../api/core/pod.ts';
import type { PodCondition, PodStatus } from '../api/core/pod-status.ts';
import { formatTime } from '../api/time.ts';
import { type ContainerView, containerStatus } from './container-status.ts';
import { hasInitialized } from './pod-plan.ts';
import { isSidecar, type RuntimePod } from './runtime-pod.ts';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/** What else the status depends on. */
export interface StatusInputs {
  readonly hostIp: string;
  /** The status that is in the API now: transition times and what has been lost by the runtime are kept from it. */
  readonly previous: PodStatus;
  readonly nowMs: number;
  readonly view: ContainerView;
  /** The pod has been told to end and all its containers have. */
  readonly ended: boolean;
  /** The agent itself ended the pod (deadline, admission, eviction): what it says of that. */
  readonly verdict: { readonly reason: string; readonly message: string } | undefined;
  readonly qosClass: 'Guaranteed' | 'Burstable' | 'BestEffort';
}

/** The whole status as it should stand in the API. */
export function podStatus(pod: Pod, runtime: RuntimePod, inputs: StatusInputs): PodStatus {
  const { previous, view } = inputs;
  const initialized = hasInitialized(pod, runtime) && runtime.containers.length > 0;
  const statusesOf = (
    containers: readonly Container[],
    init: boolean,
    before: readonly ContainerStatus[] | undefined,
  ) =>
    containers.map((container) =>
      containerStatus(container, runtime, {
        view,
        previous: before?.find(({ name }) => name === container.name),
        init,
        waitingReason:
          !init && (pod.spec.initContainers ?? []).length > 0 && !initialized ? 'PodInitializing' : 'ContainerCreating',
        ended: inputs.ended,
      }),
    );
  const initContainerStatuses = statusesOf(pod.spec.initContainers ?? [], true, previous.initContainerStatuses);
  const containerStatuses = statusesOf(pod.spec.containers, false, previous.containerStatuses);
  const phase = inputs.verdict
    ? 'Failed'
    : keepTerminal(previous.phase, podPhase(pod, initContainerStatuses, containerStatuses, inputs.ended));
  const sandbox = runtime.sandboxes[0];
  const ips = pod.spec.hostNetwork === true ? [inputs.hostIp] : sandboxIps(sandbox?.ips, previous);
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: podConditions(pod, phase, initContainerStatuses, containerStatuses, sandbox?.ready === true, inputs),
    ...(inputs.verdict ? { reason: inputs.verdict.reason, message: inputs.verdict.message } : {}),
    hostIP: inputs.hostIp,
    hostIPs: [{ ip: inputs.hostIp }],
    ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    ...(previous.startTime === undefined ? { startTime: formatTime(inputs.nowMs) } : { startTime: previous.startTime }),
    ...(initContainerStatuses.length > 0 ? { initContainerStatuses } : {}),
    containerStatuses,
    ...(previous.ephemeralContainerStatuses ? { ephemeralContainerStatuses: previous.ephemeralContainerStatuses } : {}),
    qosClass: inputs.qosClass,
  };
}

/** A pod that has succeeded or failed never leaves that phase. */
function keepTerminal(previous: string | undefined, computed: PodPhase): PodPhase {
  return previous === 'Succeeded' || previous === 'Failed' ? previous : computed;
}

/** The addresses that pods had stay in their status after their sandbox is gone. */
function sandboxIps(current: readonly string[] | undefined, previous: PodStatus): readonly string[] {
  if (current && current.length > 0) return current;
  return (previous.podIPs ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
}

/** The phase by counting containers. */
export function podPhase(
  pod: Pod,
  init: readonly ContainerStatus[],
  main: readonly ContainerStatus[],
  ended: boolean,
): PodPhase {
  let initializing = 0;
  let initFailed = 0;
  for (const container of pod.spec.initContainers ?? []) {
    const status = init.find(({ name }) => name === container.name);
    if (isSidecar(container)) {
      if (status?.started !== true && !status?.state?.terminated) initializing++;
      continue;
    }
    const terminated = status?.state?.terminated ?? (status?.state?.waiting ? status.lastState?.terminated : undefined);
    if (!terminated) initializing++;
    else if (terminated.exitCode !== 0) {
      initFailed++;
      if (status?.state?.waiting) initializing++;
    } else if (status?.state?.waiting) initializing++;
  }
  const counts = { waiting: 0, running: 0, stopped: 0, succeeded: 0 };
  for (const { state, lastState } of main) {
    if (state?.running) counts.running++;
    else if (state?.terminated) {
      counts.stopped++;
      if (state.terminated.exitCode === 0) counts.succeeded++;
    } else if (lastState?.terminated) counts.stopped++;
    else counts.waiting++;
  }
  const policy = pod.spec.restartPolicy ?? 'Always';
  if (initFailed > 0 && policy === 'Never') return 'Failed';
  if (ended && counts.running === 0) {
    const finished = counts.stopped > 0 && counts.stopped === counts.succeeded && counts.waiting === 0;
    return finished && initializing === 0 ? 'Succeeded' : 'Failed';
  }
  if (initializing > 0 && main.every(({ state, lastState }) => state?.waiting && !lastState?.terminated))
    return 'Pending';
  if (counts.waiting > 0) return 'Pending';
  if (counts.running > 0) return 'Running';
  if (policy === 'Always') return 'Running';
  if (counts.stopped > 0 && counts.stopped === counts.succeeded) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

function podConditions(
  pod: Pod,
  phase: PodPhase,
  init: readonly ContainerStatus[],
  main: readonly ContainerStatus[],
  sandboxReady: boolean,
  inputs: StatusInputs,
): readonly PodCondition[] {
  const notReady = main.filter(({ ready }) => !ready).map(({ name }) => name);
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const unreadySidecars = init.filter(({ name, ready }) => sidecars.includes(name) && !ready).map(({ name }) => name);
  const unready = [...unreadySidecars, ...notReady];
  const uninitialized = init
    .filter(({ name, state, started }) =>
      sidecars.includes(name) ? started !== true : state?.terminated?.exitCode !== 0,
    )
    .map(({ name }) => name);
  const done = phase === 'Succeeded';
  const containersReady: Verdict = done
    ? { status: 'False', reason: 'PodCompleted' }
    : phase === 'Failed'
      ? { status: 'False', reason: 'PodFailed' }
      : unready.length > 0
        ? {
            status: 'False',
            reason: 'ContainersNotReady',
            message: `containers with unready status: [${unready.join(' ')}]`,
          }
        : { status: 'True' };
  const wanted: [string, Verdict][] = [
    ['PodReadyToStartContainers', { status: sandboxReady ? 'True' : 'False' }],
    ['Initialized', initializedVerdict(done, uninitialized)],
    ['Ready', containersReady.status === 'True' ? gatesVerdict(pod, inputs.previous) : containersReady],
    ['ContainersReady', containersReady],
    ['PodScheduled', { status: 'True' }],
  ];
  const before = inputs.previous.conditions ?? [];
  const own = new Set(wanted.map(([type]) => type));
  return [
    ...wanted.map(([type, verdict]) => condition(type, verdict, pod, before, inputs.nowMs)),
    ...before.filter(({ type }) => !own.has(type)),
  ];
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

function initializedVerdict(done: boolean, uninitialized: readonly string[]): Verdict {
  if (done) return { status: 'True', reason: 'PodCompleted' };
  if (uninitialized.length === 0) return { status: 'True' };
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${uninitialized.join(' ')}]`,
  };
}

/** Readiness gates are conditions that others set on the pod (KEP-580). */
function gatesVerdict(pod: Pod, previous: PodStatus): Verdict {
  const unmet: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const found = previous.conditions?.find(({ type }) => type === conditionType);
    if (!found) unmet.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (found.status !== 'True') {
      unmet.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`);
    }
  }
  return unmet.length === 0
    ? { status: 'True' }
    : { status: 'False', reason: 'ReadinessGatesNotReady', message: unmet.join(', ') };
}

function condition(
  type: string,
  verdict: Verdict,
  pod: Pod,
  before: readonly PodCondition[],
  nowMs: number,
): PodCondition {
  const old = before.find((other) => other.type === type);
  const transition = old?.status === verdict.status ? old.lastTransitionTime : formatTime(nowMs);
  return {
    type,
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    status: verdict.status,
    lastProbeTime: null,
    lastTransitionTime: transition ?? null,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
  };
}
