// Which of its pods a replica set lets go first. Upstream: ActivePodsWithRanks in pkg/controller/controller_utils.go.

import type { ContainerStatus } from '../../api/core/container-status.ts';
import type { Pod } from '../../api/core/pod.ts';
import { isSidecar } from '../../api/core/sidecar.ts';
import { timeToMs } from '../../api/time.ts';
import { isPodActive, isPodReady, readySinceMs } from '../pod-state.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * The `count` pods to delete. `related` are the pods of all replica sets of one owner: of two that are else alike, the
 * one with more of them on its node goes first, so that what stays is spread out.
 */
export function podsToDelete(
  pods: readonly Pod[],
  related: readonly Pod[],
  count: number,
  nowMs: number,
): readonly Pod[] {
  if (count >= pods.length) return pods;
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName;
    if (node && isPodActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const facts = pods.map((pod) => factsOf(pod, onNode.get(pod.spec.nodeName ?? '') ?? 0, nowMs));
  facts.sort(compareFacts);
  return facts.slice(0, count).map(({ pod }) => pod);
}

interface Facts {
  readonly pod: Pod;
  /** Compared one after the other; the smaller goes first. */
  readonly order: readonly number[];
}

function factsOf(pod: Pod, relatedOnNode: number, nowMs: number): Facts {
  const ready = isPodReady(pod);
  return {
    pod,
    order: [
      pod.spec.nodeName ? 1 : 0,
      PHASE_ORDER[pod.status.phase ?? 'Pending'] ?? 0,
      ready ? 1 : 0,
      deletionCost(pod),
      -relatedOnNode,
      ready ? ageClass(readySinceMs(pod) ?? 0, nowMs) : 0,
      -mostRestarts(pod.status.containerStatuses),
      -mostRestarts(pod.status.initContainerStatuses, sidecarNames(pod)),
      ageClass(timeToMs(pod.metadata.creationTimestamp), nowMs),
    ],
  };
}

function compareFacts(a: Facts, b: Facts): number {
  for (let i = 0; i < a.order.length; i++) {
    const difference = a.order[i]! - b.order[i]!;
    if (difference !== 0) return difference;
  }
  return a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1;
}

function mostRestarts(statuses: readonly ContainerStatus[] = [], names?: ReadonlySet<string>): number {
  const counted = names ? statuses.filter(({ name }) => names.has(name)) : statuses;
  return Math.max(0, ...counted.map(({ restartCount }) => restartCount));
}

function sidecarNames({ spec }: Pod): ReadonlySet<string> {
  return new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST] ?? '0';
  // What is not an int32 in Go's canonical form counts as nothing; the API server refuses it anyway.
  return /^(0|-?[1-9]\d{0,9})$/.test(text) ? Number(text) : 0;
}

/** Ages that are about the same (within a factor of two) are alike, so that not always the youngest goes. KEP-2185. */
function ageClass(sinceMs: number, nowMs: number): number {
  const ageMs = nowMs - sinceMs;
  return ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * 1e6));
}
