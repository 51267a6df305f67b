// What the node's server asks of pods: which container's log is meant, what runs, which sandbox. Upstream:
// validateContainerLogStatus in pkg/kubelet/kubelet_pods.go.

import type { ContainerStatus } from '../api/core/container-status.ts';
import type { Pod } from '../api/core/pod.ts';
import type { PodStatus } from '../api/core/pod-status.ts';
import type { Cri } from '../cri/cri.ts';
import { ifFound } from './if-found.ts';
import type { RuntimePod } from './runtime-pod.ts';

export interface ContainerLog {
  readonly containerId: string;
  readonly path: string;
}

/** There is no such log; the message says why, as clients of the API read it. */
export class NoLogError extends Error {
  override readonly name = 'NoLogError';
}

/** What the server knows of the node's pods. */
export interface ServedPods {
  pod(namespace: string, name: string): Pod | undefined;
  pods(): readonly Pod[];
  /** The log of the container that runs or ran last, or of the one before it. Throws NoLogError. */
  log(pod: Pod, name: string, previous: boolean): Promise<ContainerLog>;
  /** The id of the container if it runs. */
  running(pod: Pod, name: string): Promise<string | undefined>;
  isRunning(containerId: string): Promise<boolean>;
  /** The sandbox that is ready. */
  sandbox(pod: Pod): Promise<string | undefined>;
}

export interface ServedPodsDeps {
  readonly cri: Pick<Cri, 'containerStatus'>;
  readonly pod: (namespace: string, name: string) => Pod | undefined;
  readonly pods: () => readonly Pod[];
  readonly inspect: (uid: string) => Promise<RuntimePod>;
  readonly status: (pod: Pod) => PodStatus;
  readonly logPath: (pod: Pod, container: string, attempt: number) => string;
}

export function servedPods({ cri, pod, pods, inspect, status, logPath }: ServedPodsDeps): ServedPods {
  return {
    pod,
    pods,
    async log(of, name, previous) {
      const containerId = loggedContainer(of.metadata.name, status(of), name, previous);
      const { containers } = await inspect(of.metadata.uid);
      const found = containers.find(({ id }) => id === containerId);
      if (!found) throw new NoLogError(`unable to retrieve container logs for containerd://${containerId}`);
      return { containerId, path: logPath(of, name, found.attempt) };
    },
    async running(of, name) {
      const { containers } = await inspect(of.metadata.uid);
      const newest = containers.find((container) => container.name === name);
      return newest?.state === 'running' ? newest.id : undefined;
    },
    async isRunning(containerId) {
      const answer = await ifFound(cri.containerStatus({ containerId }));
      return answer?.status?.state === 'CONTAINER_RUNNING';
    },
    sandbox: async (of) => (await inspect(of.metadata.uid)).sandboxes.find(({ ready }) => ready)?.id,
  };
}

/** The id of the container whose log is meant. Throws NoLogError. Exported for its test. */
export function loggedContainer(pod: string, status: PodStatus, container: string, previous: boolean): string {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status;
  const all = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
  const found = all.find(({ name }) => name === container);
  if (!found) throw new NoLogError(`container "${container}" in pod "${pod}" is not available`);
  const { state, lastState } = found;
  const former = lastState?.terminated?.containerID;
  const waiting = `container "${container}" in pod "${pod}" is waiting to start`;
  if (previous) {
    if (former) return idOf(former);
    throw new NoLogError(`previous terminated container "${container}" in pod "${pod}" not found`);
  }
  if (state?.running && found.containerID) return idOf(found.containerID);
  const ended = state?.terminated?.containerID || former;
  if (ended) return idOf(ended);
  if (state?.terminated || lastState?.terminated) {
    throw new NoLogError(`container "${container}" in pod "${pod}" is terminated`);
  }
  throw new NoLogError(state?.waiting ? `${waiting}: ${waitingWords(state.waiting)}` : `${waiting} - no logs yet`);
}

function waitingWords({ reason = '' }: NonNullable<NonNullable<ContainerStatus['state']>['waiting']>): string {
  if (reason === 'ErrImagePull') return "image can't be pulled";
  if (reason === 'ImagePullBackOff') return 'trying and failing to pull image';
  return reason;
}

/** `containerd://ID` */
function idOf(containerId: string): string {
  return containerId.slice(containerId.indexOf('://') + 3);
}
