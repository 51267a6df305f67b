// What follows from how long a node has been silent: its conditions, its taints and whether its pods may be evicted.
// Pure. Upstream: pkg/controller/nodelifecycle, with its reasons and messages.

import type { Node } from '../../api/core/node.ts';
import type { NodeCondition } from '../../api/core/node-status.ts';
import type { Taint } from '../../api/core/toleration.ts';
import { formatTime } from '../../api/time.ts';

export const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Conditions that keep new pods away, by the status in which they do. */
const TAINT_OF_CONDITION: readonly (readonly [type: string, status: string, taint: string])[] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
];
const OWNED_NO_SCHEDULE: ReadonlySet<string> = new Set([
  ...TAINT_OF_CONDITION.map(([, , taint]) => taint),
  UNSCHEDULABLE,
]);
/** Those that only a living node agent can vouch for. */
const VOUCHED_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

export function readyStatus(node: Node): string | undefined {
  return node.status.conditions?.find(({ type }) => type === 'Ready')?.status;
}

/** The conditions of a node that has been silent for too long; undefined if they say so already. */
export function silentConditions({ status, metadata }: Node, nowMs: number): readonly NodeCondition[] | undefined {
  const conditions = status.conditions ?? [];
  const now = formatTime(nowMs);
  const known = new Map(conditions.map((condition) => [condition.type, condition]));
  let hasChanged = false;
  for (const type of VOUCHED_CONDITIONS) {
    const current = known.get(type);
    if (current?.status === 'Unknown') continue;
    hasChanged = true;
    known.set(
      type,
      current
        ? {
            ...current,
            status: 'Unknown',
            reason: 'NodeStatusUnknown',
            message: 'Kubelet stopped posting node status.',
            lastTransitionTime: now,
          }
        : {
            type,
            status: 'Unknown',
            reason: 'NodeStatusNeverUpdated',
            message: 'Kubelet never posted node status.',
            lastHeartbeatTime: metadata.creationTimestamp,
            lastTransitionTime: now,
          },
    );
  }
  return hasChanged ? [...known.values()] : undefined;
}

/**
 * The taints that the node ought to have; the same array if those are the ones it has. `evicts`: pods may be taken off
 * a node that is not ready, which is what NoExecute does.
 */
export function plannedTaints(
  node: Node,
  { evicts, nowMs }: { readonly evicts: boolean; readonly nowMs: number },
): readonly Taint[] {
  const current = node.spec.taints ?? [];
  const wanted = new Map<string, Taint>();
  const want = (key: string, effect: Taint['effect']) => wanted.set(`${key} ${effect}`, { key, effect });
  for (const [type, status, taint] of TAINT_OF_CONDITION) {
    if (node.status.conditions?.some((condition) => condition.type === type && condition.status === status)) {
      want(taint, 'NoSchedule');
    }
  }
  if (node.spec.unschedulable) want(UNSCHEDULABLE, 'NoSchedule');
  const ready = readyStatus(node);
  if (evicts && ready === 'False') want(NOT_READY, 'NoExecute');
  if (evicts && ready === 'Unknown') want(UNREACHABLE, 'NoExecute');

  const kept = current.filter((taint) => !isOwned(taint) || wanted.delete(`${taint.key} ${taint.effect}`));
  const timeAdded = formatTime(nowMs);
  const added = [...wanted.values()].map((taint) => ({ ...taint, timeAdded }));
  return kept.length === current.length && added.length === 0 ? current : [...kept, ...added];
}

function isOwned({ key, effect }: Taint): boolean {
  if (effect === 'NoSchedule') return OWNED_NO_SCHEDULE.has(key);
  return effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE);
}

export type ClusterHealth = 'normal' | 'partial' | 'full';

const PARTIAL_SHARE = 0.55;
const LARGE_CLUSTER = 50;

/** `full`: not one node is ready, so it is more likely the network or this process that is at fault. */
export function clusterHealth(nodes: readonly Node[]): ClusterHealth {
  const notReady = nodes.filter((node) => readyStatus(node) !== 'True').length;
  if (nodes.length > 0 && notReady === nodes.length) return 'full';
  return notReady > 2 && notReady / nodes.length >= PARTIAL_SHARE ? 'partial' : 'normal';
}

/** How many nodes a second may be given up; 0 for none. */
export function evictionRate(health: ClusterHealth, nodeCount: number): number {
  switch (health) {
    case 'normal':
      return 0.1;
    case 'partial':
      return nodeCount > LARGE_CLUSTER ? 0.01 : 0;
    case 'full':
      return 0;
    default:
      return health satisfies never;
  }
}
