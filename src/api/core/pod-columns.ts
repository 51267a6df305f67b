// What `kubectl get pods` shows: readiness, restarts, and a status that names what holds a pod up rather than its phase
// alone. Upstream: printPod in pkg/printers/internalversion.

import type { Column } from '../kind.ts';
import { ageColumn, ageOf, nameColumn, orNone } from '../printing.ts';
import type { ContainerStateTerminated, ContainerStatus } from './container-status.ts';
import type { Pod } from './pod.ts';
import { isSidecar } from './sidecar.ts';

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  {
    name: 'Ready',
    type: 'string',
    description: 'Containers that are ready, of those that are meant to run.',
    value(pod) {
      const { ready, total } = summarizePod(pod);
      return `${ready}/${total}`;
    },
  },
  {
    name: 'Status',
    type: 'string',
    description: 'What the containers of the pod are doing, all in all.',
    value: (pod) => summarizePod(pod).status,
  },
  {
    name: 'Restarts',
    type: 'string',
    description: 'How often containers of the pod have been restarted, and how long ago the last time was.',
    value(pod, nowMs) {
      const { restarts, lastRestart } = summarizePod(pod);
      return restarts > 0 && lastRestart ? `${restarts} (${ageOf(lastRestart, nowMs)} ago)` : String(restarts);
    },
  },
  ageColumn,
  {
    name: 'IP',
    type: 'string',
    priority: 1,
    description: 'Address of the pod.',
    value: (pod) => orNone(pod.status.podIPs?.[0]?.ip),
  },
  {
    name: 'Node',
    type: 'string',
    priority: 1,
    description: 'Node that the pod is bound to.',
    value: (pod) => orNone(pod.spec.nodeName),
  },
  {
    name: 'Nominated Node',
    type: 'string',
    priority: 1,
    description: 'Node on which room is being made for the pod.',
    value: (pod) => orNone(pod.status.nominatedNodeName),
  },
  {
    name: 'Readiness Gates',
    type: 'string',
    priority: 1,
    description: 'Readiness gates of the pod whose condition is true, of all.',
    value: readinessGates,
  },
];

export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: number;
  /** When the container that was restarted last had ended (RFC 3339). */
  readonly lastRestart: string | undefined;
}

export function summarizePod(pod: Pod): PodSummary {
  const init = summarizeInit(pod);
  const gated = pod.status.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  const base = gated ? 'SchedulingGated' : pod.status.reason || pod.status.phase || '';
  const main =
    init.blocked === undefined || isConditionTrue(pod, 'Initialized')
      ? summarizeContainers(pod, init, init.blocked ?? base)
      : { ready: init.ready, status: init.blocked, restarts: init.restarts, lastRestart: init.lastRestart };
  return { ...main, total: totalContainers(pod), status: deletionStatus(pod) ?? main.status };
}

interface InitSummary {
  /** Sidecars that are ready. */
  readonly ready: number;
  /** What initialization waits for or failed with; absent when it is over. */
  readonly blocked: string | undefined;
  readonly restarts: number;
  readonly lastRestart: string | undefined;
  /** Those of sidecars alone, which count on after initialization. */
  readonly sidecarRestarts: number;
  readonly lastSidecarRestart: string | undefined;
}

function summarizeInit(pod: Pod): InitSummary {
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const statuses = pod.status.initContainerStatuses ?? [];
  let ready = 0;
  let blocked: string | undefined;
  const seen: ContainerStatus[] = [];
  for (const [index, status] of statuses.entries()) {
    seen.push(status);
    const { terminated, waiting } = status.state;
    if (terminated?.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started) {
      if (status.ready) ready++;
      continue;
    }
    if (terminated) blocked = `Init:${terminatedReason(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') blocked = `Init:${waiting.reason}`;
    else blocked = `Init:${index}/${pod.spec.initContainers?.length ?? 0}`;
    break;
  }
  const ofSidecars = seen.filter(({ name }) => sidecars.has(name));
  return {
    ready,
    blocked,
    restarts: countRestarts(seen),
    lastRestart: lastRestartOf(seen),
    sidecarRestarts: countRestarts(ofSidecars),
    lastSidecarRestart: lastRestartOf(ofSidecars),
  };
}

function summarizeContainers(pod: Pod, init: InitSummary, base: string): Omit<PodSummary, 'total'> {
  const statuses = pod.status.containerStatuses ?? [];
  const running = statuses.filter(({ ready, state }) => ready && state.running);
  // The first container that has something to say speaks for the pod.
  let status = base;
  for (const { state } of statuses.toReversed()) {
    if (state.waiting?.reason) status = state.waiting.reason;
    else if (state.terminated) status = terminatedReason(state.terminated);
  }
  if (status === 'Completed' && running.length > 0) status = isConditionTrue(pod, 'Ready') ? 'Running' : 'NotReady';
  return {
    ready: init.ready + running.length,
    status,
    restarts: init.sidecarRestarts + countRestarts(statuses),
    lastRestart: latest([init.lastSidecarRestart, lastRestartOf(statuses)]),
  };
}

function deletionStatus(pod: Pod): string | undefined {
  if (!pod.metadata.deletionTimestamp) return undefined;
  if (pod.status.reason === 'NodeLost') return 'Unknown';
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed' ? undefined : 'Terminating';
}

function totalContainers(pod: Pod): number {
  return pod.spec.containers.length + (pod.spec.initContainers ?? []).filter(isSidecar).length;
}

function terminatedReason({ reason, signal, exitCode }: ContainerStateTerminated): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
}

function countRestarts(statuses: readonly ContainerStatus[]): number {
  return statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
}

function lastRestartOf(statuses: readonly ContainerStatus[]): string | undefined {
  return latest(statuses.map(({ lastState }) => lastState.terminated?.finishedAt));
}

/** Timestamps are in UTC and in seconds, so that their order is that of their texts. */
function latest(timestamps: readonly (string | null | undefined)[]): string | undefined {
  return timestamps
    .filter((timestamp) => typeof timestamp === 'string')
    .sort()
    .at(-1);
}

function isConditionTrue(pod: Pod, type: string): boolean {
  return pod.status.conditions?.find((condition) => condition.type === type)?.status === 'True';
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  return `${gates.filter(({ conditionType }) => isConditionTrue(pod, conditionType)).length}/${gates.length}`;
}
