// Which nodes turned a pod down and why; and the message that users read of it.
// Upstream: framework.NodeToStatus, Diagnosis and FitError.

import type { Status, StatusCode } from './framework.ts';

export class NodeStatuses {
  readonly #byNode = new Map<string, Status>();
  /** Of the nodes that were not looked at. */
  absent: Status | undefined;

  get size(): number {
    return this.#byNode.size;
  }

  set(nodeName: string, status: Status): void {
    this.#byNode.set(nodeName, status);
  }

  get(nodeName: string): Status | undefined {
    return this.#byNode.get(nodeName) ?? this.absent;
  }

  values(): Iterable<Status> {
    return this.#byNode.values();
  }

  codeOf(nodeName: string): StatusCode | undefined {
    // A node nobody looked at, for no reason given, is taken to be out of the question.
    return (this.get(nodeName) ?? { code: 'UnschedulableAndUnresolvable' as const }).code;
  }
}

/** Why a pod could not be placed. */
export interface Diagnosis {
  readonly nodeCount: number;
  readonly statuses: NodeStatuses;
  /** The plugins that turned the pod down, by which it is moved when something changes. */
  readonly unschedulablePlugins: Set<string>;
  readonly pendingPlugins: Set<string>;
  /** The reasons of a preFilter plugin that turned the pod down for all nodes. */
  preFilterMessage: string;
  postFilterMessage: string;
}

export function newDiagnosis(nodeCount: number): Diagnosis {
  return {
    nodeCount,
    statuses: new NodeStatuses(),
    unschedulablePlugins: new Set(),
    pendingPlugins: new Set(),
    preFilterMessage: '',
    postFilterMessage: '',
  };
}

/** Notes which plugin an answer came from. */
export function blame(diagnosis: Diagnosis, status: Status): void {
  if (status.plugin === '') return;
  if (status.code === 'Pending') diagnosis.pendingPlugins.add(status.plugin);
  else diagnosis.unschedulablePlugins.add(status.plugin);
}

/** `0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: …` */
export function fitMessage(diagnosis: Diagnosis): string {
  const { nodeCount, preFilterMessage, postFilterMessage } = diagnosis;
  const reasons = preFilterMessage === '' ? reasonCounts(diagnosis).join(', ') : preFilterMessage;
  return [
    `0/${nodeCount} nodes are available:`,
    ...(reasons === '' ? [] : [`${reasons}.`]),
    ...(postFilterMessage === '' ? [] : [postFilterMessage]),
  ].join(' ');
}

function reasonCounts({ nodeCount, statuses }: Diagnosis): string[] {
  const counts = new Map<string, number>();
  const count = (status: Status, times: number) => {
    for (const reason of status.reasons) counts.set(reason, (counts.get(reason) ?? 0) + times);
  };
  for (const status of statuses.values()) count(status, 1);
  if (statuses.absent && statuses.size < nodeCount) count(statuses.absent, nodeCount - statuses.size);
  return [...counts].map(([reason, times]) => `${times} ${reason}`).sort();
}
