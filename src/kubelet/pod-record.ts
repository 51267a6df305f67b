// What the agent remembers of a pod between two looks at it, and how long the pod may take to end.

import type { Pod } from '../api/core/pod.ts';
import type { PodStatus } from '../api/core/pod-status.ts';
import type { ContainerView } from './container-status.ts';
import type { CrashLoop } from './crash-loop.ts';
import type { PodStatuses } from './pod-parts.ts';
import { podStatus, rejectedStatus } from './pod-status.ts';
import { qosClass } from './qos.ts';
import type { Allocations } from './resize/allocations.ts';
import type { RuntimePod } from './runtime-pod.ts';

/** Why the agent itself ends a pod, and how. */
export interface PodEnding {
  readonly reason: string;
  readonly message: string;
  /** Absent: the pod's own grace period. */
  readonly graceSeconds?: number;
  /** The pod is not to blame: it gets a DisruptionTarget condition, by which its owner may know (KEP-3329). */
  readonly disruption?: boolean;
  /** What it has on this node is needed: its containers and their logs go as well. */
  readonly clears?: boolean;
}

export interface PodRecord {
  /** The newest version of the pod, or the last one before it was removed from the API. */
  declared: Pod;
  /** The same, with the resources that it has been given. */
  pod: Pod;
  /** It has a place on the node, until it is `released`; one that has none and a verdict was turned away. */
  admitted: boolean;
  /** It uses nothing of the node any more: others may have its place. */
  released: boolean;
  /** Pods that have to end before it has its place. */
  readonly waitsFor: Set<string>;
  readonly resize: ResizeState;
  /** It is no longer in the API: it is stopped and forgotten, its status is nobody's business. */
  removed: boolean;
  /** The agent ends the pod by itself: why. */
  verdict: PodEnding | undefined;
  /** Its work is over, and what it used on this node has been given back: nothing is to be done until it is deleted. */
  settled: boolean;
  /** When termination began, in milliseconds. */
  terminatingSince: number | undefined;
  /** What the runtime held at the last look. */
  runtime: RuntimePod | undefined;
  /** As which its volumes show it (downward API); undefined until the agent has brought them up to date. */
  shown: Pod | undefined;
  /** Looks in a row at which something could not be done. */
  failures: number;
  /** Why containers are not running, by name. */
  readonly waiting: Map<string, { readonly reason: string; readonly message: string }>;
  /** By name. */
  readonly crashes: Map<string, CrashLoop>;
  /** Ids of containers that have been told to end. */
  readonly stopping: Set<string>;
}

/** What becomes of the wish for other resources than the pod has. */
export interface ResizeState {
  /** `Deferred` or `Infeasible`: it has not been given them. */
  pending:
    | { readonly reason: string; readonly message: string; readonly generation: number; readonly sinceMs: number }
    | undefined;
  /** It has, and its containers do not all have them yet. */
  inProgress: { readonly generation: number; readonly error: string | undefined } | undefined;
}

export function newPodRecord(pod: Pod): PodRecord {
  return {
    declared: pod,
    pod,
    admitted: false,
    released: false,
    waitsFor: new Set(),
    resize: { pending: undefined, inProgress: undefined },
    removed: false,
    verdict: undefined,
    settled: false,
    terminatingSince: undefined,
    runtime: undefined,
    shown: undefined,
    failures: 0,
    waiting: new Map(),
    crashes: new Map(),
    stopping: new Set(),
  };
}

/** Somebody else wants the pod to end; a verdict of the agent's own is not that. */
export function isDeleted({ removed, pod }: PodRecord): boolean {
  return removed || pod.metadata.deletionTimestamp !== undefined;
}

export function isEnding(record: PodRecord): boolean {
  return isDeleted(record) || record.verdict !== undefined;
}

/**
 * How long the pod's containers may take to end, in seconds, counted from when they are told to. A pod that is gone from
 * the API while it runs was deleted by force: nobody waits for it.
 */
export function gracePeriodOf({ removed, pod, verdict }: PodRecord): number {
  if (removed) return 0;
  const asked = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  return Math.min(asked, verdict?.graceSeconds ?? asked);
}

/** What is left of the grace period. */
export function remainingGrace(record: PodRecord, nowMs: number): number {
  const elapsed = (nowMs - (record.terminatingSince ?? nowMs)) / 1000;
  return Math.max(0, Math.ceil(gracePeriodOf(record) - elapsed));
}

export interface PublishDeps {
  readonly statuses: PodStatuses;
  readonly probes: Pick<ContainerView, 'ready' | 'started'>;
  readonly clock: { now(): number };
  readonly hostIp: () => string;
  readonly allocations: Pick<Allocations, 'actuated'>;
}

/** Works the status out and has it written, unless the pod is gone from the API. */
export function publish(deps: PublishDeps, record: PodRecord, runtime: RuntimePod, ended = false): PodStatus {
  const { pod, verdict, waiting } = record;
  const { probes, statuses } = deps;
  if (runtime.containers.length === 0) {
    if (verdict && !record.admitted) return publishRejection(deps, record, verdict);
    if (wasRejected(statuses.current(pod))) return statuses.current(pod);
  }
  const actuated = deps.allocations.actuated(pod.metadata.uid);
  const status = podStatus(pod, runtime, {
    hostIp: deps.hostIp(),
    previous: statuses.current(pod),
    nowMs: deps.clock.now(),
    view: {
      waiting: (name) => waiting.get(name),
      ready: (container, id) => probes.ready(container, id),
      started: (container, id) => probes.started(container, id),
      actuated: (name) => actuated.containers[name],
    },
    resize: record.resize,
    resources: actuated.pod,
    ended,
    verdict,
    qosClass: qosClass(pod),
  });
  if (!record.removed) statuses.set(pod, status);
  return status;
}

/** A former agent has turned the pod away: of one that it ended its containers would be known. */
function wasRejected({ phase, containerStatuses = [] }: PodStatus): boolean {
  return phase === 'Failed' && containerStatuses.length === 0;
}

function publishRejection(
  { statuses, clock }: PublishDeps,
  { pod, removed }: PodRecord,
  verdict: NonNullable<PodRecord['verdict']>,
): PodStatus {
  const status = rejectedStatus(pod, { verdict, previous: statuses.current(pod), nowMs: clock.now() });
  if (!removed) statuses.set(pod, status);
  return status;
}
