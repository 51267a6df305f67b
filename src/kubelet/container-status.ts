// The status of one container: what the runtime holds of its newest and its former attempt, what the agent knows of the
// next one, and what the API was told before. Upstream: convertToAPIContainerStatuses in pkg/kubelet/kubelet_pods.go and
// UpdatePodStatus in pkg/kubelet/prober.

import type { Container } from '../api/core/container.ts';
import type { ResourceRequirements } from '../api/core/container-resources.ts';
import type { ContainerState, ContainerStateTerminated, ContainerStatus } from '../api/core/container-status.ts';
import type { Pod } from '../api/core/pod.ts';
import { isSidecar } from '../api/core/sidecar.ts';
import { formatTime } from '../api/time.ts';
import { utf8Length } from '../base/utf8-length.ts';
import { hasBegunMain, wantsStart } from './pod-plan.ts';
import { reportedResources } from './resources.ts';
import type { RuntimeContainer, RuntimePod } from './runtime-pod.ts';

/** What the agent knows of containers besides the runtime. */
export interface ContainerView {
  /** Why a container is not running: `CrashLoopBackOff`, `ImagePullBackOff`, `CreateContainerConfigError` … */
  waiting(name: string): { readonly reason: string; readonly message: string } | undefined;
  /** Ready by its probes; a container without a readiness probe is ready while it has started. */
  ready(container: Container, containerId: string): boolean;
  /** The startup probe has succeeded, or there is none. */
  started(container: Container, containerId: string): boolean;
  /** What it runs with as far as the agent knows; absent where the node does not resize. */
  actuated?(name: string): ResourceRequirements | undefined;
}

export interface ContainerInputs {
  readonly view: ContainerView;
  /** What the status said before. */
  readonly previous: ContainerStatus | undefined;
  readonly role: ContainerRole;
}

export type ContainerRole = 'init' | 'main' | 'ephemeral';

const UNKNOWN = 'ContainerStatusUnknown';
/** What a container that was killed leaves behind: the best guess for one that nobody knows. */
const KILLED_EXIT_CODE = 137;

export function containerStatus(
  pod: Pod,
  container: Container,
  runtime: RuntimePod,
  inputs: ContainerInputs,
): ContainerStatus {
  const attempts = runtime.containers.filter(({ name }) => name === container.name);
  const [current] = attempts;
  const status = current
    ? knownStatus(container, current, attempts[1], inputs)
    : lostStatus(pod, container, runtime, inputs);
  const waiting = inputs.view.waiting(container.name);
  if (!waiting || !isToStart(pod, container, runtime, inputs.role)) return status;
  const lastState = status.state?.terminated ? status.state : (status.lastState ?? {});
  return { ...status, state: { waiting }, lastState };
}

/** A container that is gone for good although nobody saw how it ended. */
export function endedUnseen(status: ContainerStatus): ContainerStatus {
  if (status.state?.terminated) return status;
  const terminated = unseen('The container could not be located when the pod was terminated');
  return { ...status, state: { terminated }, ready: false, started: false };
}

/** The runtime has at least one container of the name. */
function knownStatus(
  container: Container,
  current: RuntimeContainer,
  former: RuntimeContainer | undefined,
  { view, previous, role }: ContainerInputs,
): ContainerStatus {
  const passing = role === 'init' && !isSidecar(container);
  const running = current.state === 'running';
  const started = running && (passing || view.started(container, current.id));
  const vanished = current.state === 'unknown' && previous?.state?.running !== undefined;
  const { requests } = container.resources;
  const isReady = () => {
    if (role === 'ephemeral') return false; // Nobody waits for one, and it has no probes.
    return passing
      ? current.state === 'exited' && current.exitCode === 0
      : started && view.ready(container, current.id);
  };
  return {
    name: container.name,
    state: vanished
      ? { terminated: unseen('The container could not be located when the pod was terminated') }
      : currentState(current, previous),
    lastState: lastState(current, former, previous),
    ready: isReady(),
    // Counts only rise, also where the runtime has forgotten former attempts.
    restartCount: Math.max(current.attempt, (previous?.restartCount ?? 0) + (vanished ? 1 : 0)),
    image: current.image,
    imageID: current.imageId,
    containerID: `containerd://${current.id}`,
    ...(role === 'ephemeral' ? {} : { started }),
    ...(requests ? { allocatedResources: requests } : {}),
    resources: running ? resourcesInEffect(container, current, view) : container.resources,
    ...mountsOf(container),
    ...(current.user ? { user: { linux: current.user } } : {}),
  };
}

/** What the runtime says, where it says anything, and the agent's own knowledge of what it has told the runtime. */
function resourcesInEffect(
  container: Container,
  { resources: told }: RuntimeContainer,
  view: ContainerView,
): ResourceRequirements {
  const known = view.actuated?.(container.name) ?? container.resources;
  return told ? reportedResources(known, told) : known;
}

/** The runtime has none: it was never made, or what was made is lost. */
function lostStatus(
  pod: Pod,
  container: Container,
  runtime: RuntimePod,
  { previous, role }: ContainerInputs,
): ContainerStatus {
  if (previous?.state?.terminated) return previous;
  const hasInitContainers = (pod.spec.initContainers ?? []).length > 0;
  const wasRunning = previous?.state?.running !== undefined && !previous.lastState?.terminated;
  const wasPassed = role === 'init' && !isSidecar(container) && hasBegunMain(pod, runtime);
  return {
    name: container.name,
    state: wasPassed
      ? { terminated: { ...PASSED, startedAt: null, finishedAt: null } }
      : { waiting: { reason: hasInitContainers ? 'PodInitializing' : 'ContainerCreating' } },
    lastState: wasRunning
      ? {
          terminated: unseen(
            'The container could not be located when the pod was deleted.  The container used to be Running',
          ),
        }
      : (previous?.lastState ?? {}),
    ready: wasPassed,
    restartCount: previous?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    ...(role === 'ephemeral' ? {} : { started: false }),
    ...mountsOf(container),
  };
}

const PASSED = {
  exitCode: 0,
  reason: 'Completed',
  message:
    'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally',
} as const;

/** Whether what keeps the container waiting is the truth about it: it does not run, and it is going to be started. */
function isToStart(pod: Pod, container: Container, runtime: RuntimePod, role: ContainerRole): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  const current = runtime.containers.find(({ name }) => name === container.name);
  if (role === 'ephemeral') return !current;
  if (role === 'init' && !isSidecar(container) && current?.state === 'exited' && current.exitCode === 0) return false;
  return wantsStart(pod, container, runtime);
}

function currentState(container: RuntimeContainer, previous: ContainerStatus | undefined): ContainerState {
  switch (container.state) {
    case 'running':
      return { running: { startedAt: formatTime(container.startedAt ?? container.createdAt) } };
    case 'exited':
      return { terminated: terminatedState(container) };
    case 'unknown':
      return previous?.state?.terminated ? previous.state : { waiting: {} };
    case 'created':
      return { waiting: {} };
    default:
      return container.state satisfies never;
  }
}

/** How the attempt before ended; from the former status where the runtime does not have it any more. */
function lastState(
  current: RuntimeContainer,
  former: RuntimeContainer | undefined,
  previous: ContainerStatus | undefined,
): ContainerState {
  if (former?.state === 'exited') return { terminated: terminatedState(former) };
  const isReplaced = previous?.containerID !== undefined && previous.containerID !== `containerd://${current.id}`;
  if (isReplaced && previous.state?.terminated) return { terminated: previous.state.terminated };
  return previous?.lastState ?? {};
}

function terminatedState(container: RuntimeContainer): ContainerStateTerminated {
  return {
    exitCode: container.exitCode ?? 0,
    reason: container.reason,
    ...(container.message === '' ? {} : { message: container.message }),
    startedAt: container.startedAt === undefined ? null : formatTime(container.startedAt),
    finishedAt: container.finishedAt === undefined ? null : formatTime(container.finishedAt),
    containerID: `containerd://${container.id}`,
  };
}

function unseen(message: string): ContainerStateTerminated {
  return { exitCode: KILLED_EXIT_CODE, reason: UNKNOWN, message, startedAt: null, finishedAt: null };
}

function mountsOf(container: Container): Pick<ContainerStatus, 'volumeMounts'> {
  const mounts = container.volumeMounts ?? [];
  if (mounts.length === 0) return {};
  return {
    volumeMounts: mounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly === true ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}),
    })),
  };
}

/** What all containers of a pod may say at their end together, so that the status stays small. */
const MAX_POD_MESSAGES_BYTES = 12 * 1024;

/** With messages of no more than the container's share. */
export function withBriefMessages(status: ContainerStatus, containers: number): ContainerStatus {
  const maxBytes = Math.floor(MAX_POD_MESSAGES_BYTES / containers);
  const brief = (state: ContainerState | undefined): ContainerState | undefined => {
    const message = state?.terminated?.message;
    if (!state?.terminated || message === undefined || utf8Length(message) <= maxBytes) return state;
    const short = Buffer.from(message).subarray(0, maxBytes).toString('utf8');
    return { terminated: { ...state.terminated, message: short } };
  };
  const [state, lastState] = [brief(status.state), brief(status.lastState)];
  if (state === status.state && lastState === status.lastState) return status;
  return { ...status, state: state ?? {}, lastState: lastState ?? {} };
}
