// The status of one container: what the runtime holds of its newest and its former attempt, what the agent knows of the
// next one. Upstream: convertToAPIContainerStatuses in pkg/kubelet/kubelet_pods.go.

import type { Container } from '../api/core/container.ts';
import type { ContainerState, ContainerStatus } from '../api/core/container-status.ts';
import { formatTime } from '../api/time.ts';
import { isSidecar, type RuntimeContainer, type RuntimePod } from './runtime-pod.ts';

/** What the agent knows of containers besides the runtime. */
export interface ContainerView {
  /** Why a container is not running: `CrashLoopBackOff`, `ImagePullBackOff`, `CreateContainerConfigError` … */
  waiting(name: string): { readonly reason: string; readonly message: string } | undefined;
  /** Ready by its probes; a container without a readiness probe is ready while it has started. */
  ready(container: Container, containerId: string): boolean;
  /** The startup probe has succeeded, or there is none. */
  started(container: Container, containerId: string): boolean;
}

interface Inputs {
  readonly view: ContainerView;
  readonly previous: ContainerStatus | undefined;
  readonly init: boolean;
  /** Of a container that has never been made. */
  readonly waitingReason: 'ContainerCreating' | 'PodInitializing';
  readonly ended: boolean;
}

export function containerStatus(container: Container, runtime: RuntimePod, inputs: Inputs): ContainerStatus {
  const attempts = runtime.containers.filter(({ name }) => name === container.name);
  const current = attempts[0];
  if (!current) return withoutContainer(container, inputs);
  const waiting = current.state === 'running' ? undefined : inputs.view.waiting(container.name);
  const running = current.state === 'running';
  const started = running && inputs.view.started(container, current.id);
  const last = waiting ? terminatedState(current) : terminatedState(attempts[1]);
  const exited = current.exitCode === 0 && !running;
  return {
    name: container.name,
    state: waiting ? { waiting } : currentState(current, inputs),
    lastState: last ?? inputs.previous?.lastState ?? {},
    ready: inputs.init && !isSidecar(container) ? exited : started && inputs.view.ready(container, current.id),
    restartCount: Math.max(current.attempt, inputs.previous?.restartCount ?? 0),
    image: current.image,
    imageID: current.imageId,
    containerID: `containerd://${current.id}`,
    started: inputs.init && !isSidecar(container) ? running : started,
    ...mountsOf(container),
    ...(container.resources.limits || container.resources.requests ? { resources: container.resources } : {}),
  };
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

/** The runtime has no container of that name: not made yet, or lost. */
function withoutContainer(container: Container, { view, previous, waitingReason, ended }: Inputs): ContainerStatus {
  const waiting = view.waiting(container.name);
  const state = previous?.state?.terminated
    ? previous.state
    : lostState(previous, waiting ?? { reason: waitingReason }, ended);
  return {
    name: container.name,
    state,
    lastState: previous?.lastState ?? {},
    ready: previous?.state?.terminated ? previous.ready : false,
    restartCount: previous?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: previous?.imageID ?? '',
    ...(previous?.containerID ? { containerID: previous.containerID } : {}),
    started: false,
    ...mountsOf(container),
    ...(container.resources.limits || container.resources.requests ? { resources: container.resources } : {}),
  };
}

function lostState(
  previous: ContainerStatus | undefined,
  waiting: { readonly reason: string; readonly message?: string },
  ended: boolean,
): ContainerState {
  if (!ended && !previous?.state?.running) return { waiting };
  return {
    terminated: {
      startedAt: null,
      finishedAt: null,
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
      message: 'The container could not be located when the pod was terminated',
    },
  };
}

function currentState(container: RuntimeContainer, { waitingReason }: Inputs): ContainerState {
  switch (container.state) {
    case 'running':
      return { running: { startedAt: formatTime(container.startedAt ?? container.createdAt) } };
    case 'exited':
    case 'unknown':
      return terminatedState(container) ?? {};
    case 'created':
      return { waiting: { reason: waitingReason } };
  }
}

function terminatedState(container: RuntimeContainer | undefined): ContainerState | undefined {
  if (container?.state !== 'exited' && container?.state !== 'unknown') return undefined;
  const known = container.state === 'exited';
  return {
    terminated: {
      exitCode: known ? (container.exitCode ?? 0) : 137,
      reason: known ? container.reason : 'ContainerStatusUnknown',
      ...(container.message === '' ? {} : { message: container.message }),
      startedAt: container.startedAt === undefined ? null : formatTime(container.startedAt),
      finishedAt: container.finishedAt === undefined ? null : formatTime(container.finishedAt),
      containerID: `containerd://${container.id}`,
    },
  };
}
