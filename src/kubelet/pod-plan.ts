// What to do next for one pod: a pure comparison of its spec with what the runtime holds. Carrying the plan out, backoff
// included, is the pod worker's. Upstream: computePodActions in pkg/kubelet/kuberuntime/kuberuntime_manager.go.

import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import { isSidecar, newestContainer, type RuntimeContainer, type RuntimePod, restartPolicyOf } from './runtime-pod.ts';

/** What the probes think of a container; absent: not known (yet). */
export interface ProbeVerdicts {
  liveness(containerId: string): 'success' | 'failure' | undefined;
  startup(containerId: string): 'success' | 'failure' | undefined;
}

export interface ContainerToKill {
  readonly id: string;
  readonly name: string;
  readonly why: 'SpecChanged' | 'LivenessFailed' | 'StartupFailed' | 'Unknown' | 'InitReplaced';
  readonly message: string;
}

export interface PodPlan {
  /** Everything of the pod is to be stopped: before a new sandbox, or because its work is done. */
  readonly stopPod: boolean;
  /** The attempt number of the sandbox to create. */
  readonly createSandbox: number | undefined;
  readonly kill: readonly ContainerToKill[];
  /** Names to start once the kills are done: in this order, init containers before the others. */
  readonly start: readonly string[];
}

const NOTHING: PodPlan = { stopPod: false, createSandbox: undefined, kill: [], start: [] };

export function planPod(
  pod: Pod,
  runtime: RuntimePod,
  probes: ProbeVerdicts,
  hashOf: (container: Container) => string,
): PodPlan {
  const sandbox = runtime.sandboxes[0];
  const usable =
    sandbox?.ready === true &&
    sandbox.hostNetwork === (pod.spec.hostNetwork === true) &&
    (sandbox.hostNetwork || sandbox.ips.length > 0);
  if (!usable) return planFresh(pod, runtime);
  return planRunning(pod, runtime, probes, hashOf);
}

/** There is no sandbox that can be used: start over, unless the pod's work is over. */
function planFresh(pod: Pod, runtime: RuntimePod): PodPlan {
  const attempt = runtime.sandboxes[0] ? runtime.sandboxes[0].attempt + 1 : 0;
  const stopPod = runtime.sandboxes.length > 0;
  const wanted = pod.spec.containers.filter((container) => wantsStart(pod, container, runtime));
  const began = runtime.containers.length > 0;
  if (began && wanted.length === 0) return { ...NOTHING, stopPod };
  if (began && pod.spec.restartPolicy === 'Never' && attempt > 0 && !stillInitializing(pod, runtime)) {
    return { ...NOTHING, stopPod };
  }
  const [firstInit] = pod.spec.initContainers ?? [];
  const start = firstInit ? [firstInit.name] : wanted.map(({ name }) => name);
  return { stopPod, createSandbox: attempt, kill: [], start };
}

function planRunning(
  pod: Pod,
  runtime: RuntimePod,
  probes: ProbeVerdicts,
  hashOf: (container: Container) => string,
): PodPlan {
  const kill: ContainerToKill[] = [];
  const start: string[] = [];
  const init = planInit(pod, runtime, probes, kill, start);
  if (init === 'failed') return { ...NOTHING, stopPod: true };
  if (init === 'waiting') return { ...NOTHING, kill, start };

  let alive = 0;
  for (const container of pod.spec.containers) {
    const current = newestContainer(runtime, container.name);
    if (current?.state !== 'running') {
      if (current?.state === 'unknown')
        kill.push(killOf(current, 'Unknown', 'it is in a state the runtime cannot tell'));
      if (current?.state === 'created' || wantsStart(pod, container, runtime)) start.push(container.name);
      continue;
    }
    const reason = replaceReason(container, current, probes, hashOf);
    if (!reason) {
      alive++;
      continue;
    }
    const restart = reason.why === 'SpecChanged' || restartPolicyOf(pod.spec, container) !== 'Never';
    kill.push(restart ? { ...reason, message: `${reason.message}, will be restarted` } : reason);
    if (restart) start.push(container.name);
  }
  if (alive === 0 && start.length === 0) return { ...NOTHING, stopPod: true };
  return { ...NOTHING, kill, start };
}

/**
 * Walks the init containers in order. `done` when the others may start (sidecars may still be in `start`), `waiting` while
 * one is under way, `failed` when one has failed for good.
 */
function planInit(
  pod: Pod,
  runtime: RuntimePod,
  probes: ProbeVerdicts,
  kill: ContainerToKill[],
  start: string[],
): 'done' | 'waiting' | 'failed' {
  // Once a main container has been made in this sandbox, initialization is over for good; only sidecars are looked after.
  const initialized = hasInitialized(pod, runtime);
  for (const container of pod.spec.initContainers ?? []) {
    const current = newestContainer(runtime, container.name);
    if (isSidecar(container)) {
      const state = planSidecar(container, current, probes, kill, start);
      if (state === 'started' || initialized) continue;
      return 'waiting';
    }
    if (initialized) continue;
    if (current && !inCurrentSandbox(runtime, current)) {
      start.push(container.name); // A new sandbox runs its init containers again.
      return 'waiting';
    }
    switch (current?.state) {
      case 'running':
        return 'waiting';
      case 'exited':
        if (current.exitCode === 0) continue;
        if (restartPolicyOf(pod.spec, container) === 'Never') return 'failed';
        start.push(container.name);
        return 'waiting';
      case 'unknown':
        kill.push(killOf(current, 'Unknown', 'it is in a state the runtime cannot tell'));
        start.push(container.name);
        return 'waiting';
      case 'created':
      case undefined:
        start.push(container.name);
        return 'waiting';
    }
  }
  return 'done';
}

function planSidecar(
  container: Container,
  current: RuntimeContainer | undefined,
  probes: ProbeVerdicts,
  kill: ContainerToKill[],
  start: string[],
): 'started' | 'starting' {
  if (current?.state !== 'running') {
    if (current?.state === 'unknown') kill.push(killOf(current, 'Unknown', 'it is in a state the runtime cannot tell'));
    start.push(container.name);
    return 'starting';
  }
  const failed = probeFailure(container, current, probes);
  if (failed) {
    kill.push(failed);
    start.push(container.name);
    return 'starting';
  }
  return !container.startupProbe || probes.startup(current.id) === 'success' ? 'started' : 'starting';
}

/** Whether the first of the main containers has come to life since the newest sandbox was made. */
export function hasInitialized(pod: Pod, runtime: RuntimePod): boolean {
  if ((pod.spec.initContainers ?? []).length === 0) return true;
  return pod.spec.containers.some(({ name }) => {
    const current = newestContainer(runtime, name);
    return current !== undefined && inCurrentSandbox(runtime, current);
  });
}

/** Whether a container that is not running is to be started, by its policy and how it ended. */
export function wantsStart(pod: Pod, container: Container, runtime: RuntimePod): boolean {
  const current = newestContainer(runtime, container.name);
  if (!current) return true;
  if (current.state === 'running') return false;
  if (current.state !== 'exited') return true;
  switch (restartPolicyOf(pod.spec, container)) {
    case 'Always':
      return true;
    case 'OnFailure':
      return current.exitCode !== 0;
    case 'Never':
      return false;
  }
}

function stillInitializing(pod: Pod, runtime: RuntimePod): boolean {
  return !pod.spec.containers.some(({ name }) => newestContainer(runtime, name));
}

function inCurrentSandbox(runtime: RuntimePod, container: RuntimeContainer): boolean {
  const sandbox = runtime.sandboxes[0];
  return sandbox === undefined || container.sandboxId === sandbox.id;
}

function replaceReason(
  container: Container,
  current: RuntimeContainer,
  probes: ProbeVerdicts,
  hashOf: (container: Container) => string,
): ContainerToKill | undefined {
  if (current.specHash !== hashOf(container)) {
    return killOf(current, 'SpecChanged', `Container ${container.name} definition changed`);
  }
  return probeFailure(container, current, probes);
}

function probeFailure(
  container: Container,
  current: RuntimeContainer,
  probes: ProbeVerdicts,
): ContainerToKill | undefined {
  if (container.livenessProbe && probes.liveness(current.id) === 'failure') {
    return killOf(current, 'LivenessFailed', `Container ${container.name} failed liveness probe`);
  }
  if (container.startupProbe && probes.startup(current.id) === 'failure') {
    return killOf(current, 'StartupFailed', `Container ${container.name} failed startup probe`);
  }
  return undefined;
}

function killOf(container: RuntimeContainer, why: ContainerToKill['why'], message: string): ContainerToKill {
  return { id: container.id, name: container.name, why, message };
}
