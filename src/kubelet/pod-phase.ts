// The phase of a pod, worked out from its spec and the statuses of its containers: pure. Upstream: getPhase in
// pkg/kubelet/kubelet_pods.go.

import type { Container } from '../api/core/container.ts';
import { restartsAfter } from '../api/core/container-restart.ts';
import type { ContainerStateTerminated, ContainerStatus } from '../api/core/container-status.ts';
import type { Pod } from '../api/core/pod.ts';
import { isSidecar } from '../api/core/sidecar.ts';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PhaseInputs {
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
  /** One of the main containers has been made: sidecars that start anew do not take the pod back to Pending. */
  readonly begunMain: boolean;
  /** The pod has been told to end and all its containers have: one that never ran has failed then. */
  readonly ended: boolean;
}

export function podPhase(pod: Pod, inputs: PhaseInputs): PodPhase {
  const phase = phaseByCount(pod, inputs);
  return inputs.ended && phase !== 'Succeeded' ? 'Failed' : phase;
}

function phaseByCount(pod: Pod, { init, main, begunMain, ended }: PhaseInputs): PodPhase {
  const initContainers = pod.spec.initContainers ?? [];
  const passing = initContainers.filter((container) => !isSidecar(container));
  const steps = passing.map((container) => initStep(pod, container, statusOf(init, container)));
  if (steps.includes('failed')) return 'Failed';
  const sidecars = initContainers.filter(isSidecar).map((container) => statusOf(init, container));
  const sidecarsPending = sidecars.some((status) =>
    status?.state?.running ? status.started !== true : !lastEnd(status),
  );
  if (steps.includes('pending') || (sidecarsPending && !begunMain)) return 'Pending';

  const mains = pod.spec.containers.map((container) => ({ container, status: statusOf(main, container) }));
  const all = [...sidecars, ...mains.map(({ status }) => status)];
  if (all.some((status) => !status?.state?.running && !lastEnd(status))) return 'Pending';
  if (all.some((status) => status?.state?.running)) return 'Running';

  const restarts = mains.some(({ container, status }) =>
    restartsAfter(pod.spec, container, lastEnd(status)?.exitCode ?? 0),
  );
  if (restarts && !ended) return 'Running';
  return mains.every(({ status }) => status?.state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
}

/** Where an init container is that is to end by itself: `failed` when it will not be started again. */
function initStep(pod: Pod, container: Container, status: ContainerStatus | undefined): 'pending' | 'over' | 'failed' {
  const end = lastEnd(status);
  if (status?.state?.running || !end) return 'pending';
  return end.exitCode === 0 || restartsAfter(pod.spec, container, end.exitCode) ? 'over' : 'failed';
}

/** How a container that does not run has ended, if it ever ran. */
function lastEnd(status: ContainerStatus | undefined): ContainerStateTerminated | undefined {
  return status?.state?.terminated ?? (status?.state?.waiting ? status.lastState?.terminated : undefined);
}

function statusOf(statuses: readonly ContainerStatus[], { name }: Container): ContainerStatus | undefined {
  return statuses.find((status) => status.name === name);
}
