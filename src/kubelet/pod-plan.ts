// What to do next for one pod: a pure comparison of its spec with what the runtime holds. Carrying the plan out, backoff
// included, is the pod worker's. Upstream: computePodActions in pkg/kubelet/kuberuntime/kuberuntime_manager.go.

import type { Container } from '../api/core/container.ts';
import { restartsAfter } from '../api/core/container-restart.ts';
import type { Pod } from '../api/core/pod.ts';
import { isSidecar } from '../api/core/sidecar.ts';
import { newestContainer, type RuntimeContainer, type RuntimePod } from './runtime-pod.ts';

/** What the probes think of a container; absent: not known (yet). */
export interface ProbeVerdicts {
  liveness(containerId: string): 'success' | 'failure' | undefined;
  startup(containerId: string): 'success' | 'failure' | undefined;
}

export interface ContainerToKill {
  readonly id: string;
  readonly name: string;
  readonly why: 'SpecChanged' | 'LivenessFailed' | 'StartupFailed' | 'Unknown' | 'Resized';
  readonly message: string;
}

export interface PodPlan {
  /** Everything of the pod is to be stopped: before a new sandbox, or because its work is done. */
  readonly stopPod: boolean;
  /** The attempt number of the sandbox to create. */
  readonly createSandbox: number | undefined;
  readonly kill: readonly ContainerToKill[];
  /** Names to start once the kills are done: in this order, ephemeral ones first, init containers before the others. */
  readonly start: readonly string[];
}

const NOTHING: PodPlan = { stopPod: false, createSandbox: undefined, kill: [], start: [] };
/** The exit code of a process that was killed, by which it is decided whether it is started again. */
const KILLED_EXIT_CODE = 137;

export function planPod(
  pod: Pod,
  runtime: RuntimePod,
  probes: ProbeVerdicts,
  hashOf: (container: Container) => string,
): PodPlan {
  if (!hasUsableSandbox(pod, runtime)) return planFresh(pod, runtime);
  const plan = planRunning(pod, runtime, probes, hashOf);
  return plan.stopPod ? plan : { ...plan, start: [...ephemeralToStart(pod, runtime), ...plan.start] };
}

/** Ephemeral containers are started once, whether or not the pod has been initialized (KEP-277). */
function ephemeralToStart(pod: Pod, runtime: RuntimePod): readonly string[] {
  const names = (pod.spec.ephemeralContainers ?? []).map(({ name }) => name);
  return names.filter((name) => !newestContainer(runtime, name));
}

/** Whether the newest sandbox is one that containers can be started in. */
export function hasUsableSandbox(pod: Pod, runtime: RuntimePod): boolean {
  const [sandbox] = runtime.sandboxes;
  return (
    sandbox?.ready === true &&
    sandbox.hostNetwork === (pod.spec.hostNetwork === true) &&
    (sandbox.hostNetwork || sandbox.ips.length > 0)
  );
}

/** Whether all init containers have passed, or there are none: judged by the first of the main containers being there. */
export function hasInitialized(pod: Pod, runtime: RuntimePod): boolean {
  return (pod.spec.initContainers ?? []).length === 0 || hasBegunMain(pod, runtime);
}

/** Whether one of the main containers has been made in the newest sandbox. */
export function hasBegunMain(pod: Pod, runtime: RuntimePod): boolean {
  return pod.spec.containers.some(({ name }) => {
    const current = newestContainer(runtime, name);
    return current !== undefined && inNewestSandbox(runtime, current);
  });
}

/** Whether a container that is not running is to be started, by its policy and how it ended. */
export function wantsStart(pod: Pod, container: Container, runtime: RuntimePod): boolean {
  const current = newestContainer(runtime, container.name);
  if (!current) return true;
  if (current.state === 'running') return false;
  if (current.state !== 'exited') return true;
  return restartsAfter(pod.spec, container, current.exitCode ?? 0);
}

/** There is no sandbox that can be used: what still runs without it ends, and all starts over unless the work is over. */
function planFresh(pod: Pod, runtime: RuntimePod): PodPlan {
  const attempt = runtime.sandboxes[0] ? runtime.sandboxes[0].attempt + 1 : 0;
  const stopPod = runtime.sandboxes.length > 0;
  const wanted = pod.spec.containers.filter((container) => wantsStartAnew(pod, container, runtime));
  const began = runtime.containers.length > 0;
  const beganMain = pod.spec.containers.some(({ name }) => newestContainer(runtime, name));
  const isOver = wanted.length === 0 || (pod.spec.restartPolicy === 'Never' && attempt > 0 && beganMain);
  const isRunning = runtime.containers.some(({ state }) => state === 'running');
  if (began && isOver) return { ...NOTHING, stopPod: isRunning };
  const [firstInit] = pod.spec.initContainers ?? [];
  const start = firstInit ? [firstInit.name] : wanted.map(({ name }) => name);
  return { stopPod, createSandbox: attempt, kill: [], start };
}

/** What runs outside of a sandbox that can be used is killed first. */
function wantsStartAnew(pod: Pod, container: Container, runtime: RuntimePod): boolean {
  if (newestContainer(runtime, container.name)?.state !== 'running') return wantsStart(pod, container, runtime);
  return restartsAfter(pod.spec, container, KILLED_EXIT_CODE);
}

function planRunning(
  pod: Pod,
  runtime: RuntimePod,
  probes: ProbeVerdicts,
  hashOf: (container: Container) => string,
): PodPlan {
  const init = planInit(pod, runtime, probes, hashOf);
  if (init.state === 'failed') return { ...NOTHING, stopPod: true };
  const kill = [...init.kill];
  if (init.state === 'waiting') return { ...NOTHING, kill, start: init.start };

  const start: string[] = [];
  let alive = 0;
  for (const container of pod.spec.containers) {
    const current = newestContainer(runtime, container.name);
    if (current?.state !== 'running') {
      if (!wantsStart(pod, container, runtime)) continue;
      if (current?.state === 'unknown') kill.push(killUnknown(current));
      start.push(container.name);
      continue;
    }
    const reason = replaceReason(container, current, probes, hashOf);
    if (!reason) {
      alive++;
      continue;
    }
    const restart = reason.why === 'SpecChanged' || restartsAfter(pod.spec, container, KILLED_EXIT_CODE);
    kill.push(restart ? { ...reason, message: `${reason.message}, will be restarted` } : reason);
    if (restart) start.push(container.name);
  }
  // Sidecars alone do not keep a pod alive.
  if (alive === 0 && start.length === 0) return { ...NOTHING, stopPod: true };
  return { ...NOTHING, kill, start: [...init.start, ...start] };
}

interface InitPlan {
  /** `done` when the others may start, `waiting` while one is under way, `failed` when one has failed for good. */
  readonly state: 'done' | 'waiting' | 'failed';
  readonly kill: readonly ContainerToKill[];
  readonly start: readonly string[];
}

/** Walks the init containers in order, up to the first that has neither passed nor, as a sidecar, started. */
function planInit(
  pod: Pod,
  runtime: RuntimePod,
  probes: ProbeVerdicts,
  hashOf: (container: Container) => string,
): InitPlan {
  // Once a main container has been made in this sandbox, initialization is over for good; only sidecars are looked after.
  const initialized = hasInitialized(pod, runtime);
  const kill: ContainerToKill[] = [];
  const start: string[] = [];
  for (const container of pod.spec.initContainers ?? []) {
    const sidecar = isSidecar(container);
    if (initialized && !sidecar) continue;
    const newest = newestContainer(runtime, container.name);
    // A new sandbox runs its init containers again.
    const current = newest && inNewestSandbox(runtime, newest) ? newest : undefined;
    const step = sidecar ? sidecarStep(container, current, probes, hashOf) : initStep(pod, container, current);
    if (step === 'failed') return { state: 'failed', kill: [], start: [] };
    if (typeof step === 'object' && step.kill) kill.push(step.kill);
    if (typeof step === 'object') start.push(container.name);
    if (step !== 'passed' && !initialized) return { state: 'waiting', kill, start };
  }
  return { state: 'done', kill, start };
}

/** An object: it is to be started, after the kill if there is one. */
type Step = 'passed' | 'waiting' | 'failed' | { readonly kill: ContainerToKill | undefined };

function initStep(pod: Pod, container: Container, current: RuntimeContainer | undefined): Step {
  switch (current?.state) {
    case 'running':
      return 'waiting';
    case 'exited':
      if (current.exitCode === 0) return 'passed';
      return restartsAfter(pod.spec, container, current.exitCode ?? 0) ? { kill: undefined } : 'failed';
    case 'unknown':
      return { kill: killUnknown(current) };
    default:
      return { kill: undefined };
  }
}

function sidecarStep(
  container: Container,
  current: RuntimeContainer | undefined,
  probes: ProbeVerdicts,
  hashOf: (container: Container) => string,
): Step {
  if (current?.state === 'unknown') return { kill: killUnknown(current) };
  if (current?.state !== 'running') return { kill: undefined };
  const reason = replaceReason(container, current, probes, hashOf);
  if (reason) return { kill: { ...reason, message: `${reason.message}, will be restarted` } };
  return !container.startupProbe || probes.startup(current.id) === 'success' ? 'passed' : 'waiting';
}

function inNewestSandbox(runtime: RuntimePod, container: RuntimeContainer): boolean {
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

/** It may be running for all one knows: two of one container must not. */
function killUnknown(container: RuntimeContainer): ContainerToKill {
  return killOf(container, 'Unknown', 'Container is in "unknown" state, try killing it before restart');
}

function killOf(container: RuntimeContainer, why: ContainerToKill['why'], message: string): ContainerToKill {
  return { id: container.id, name: container.name, why, message };
}
