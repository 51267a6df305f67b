// What follows from how long a node has been silent and what it says of itself: its conditions, its taints and its labels.
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
/** Labels of old that go along with those that took their place. */
const OLD_LABELS: readonly (readonly [label: string, old: string])[] = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
];
/** Those that only a living node agent can vouch for. */
const VOUCHED_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

export function readyCondition(node: Node): NodeCondition | undefined {
  return node.status.conditions?.find(({ type }) => type === 'Ready');
}

export function readyStatus(node: Node): string | undefined {
  return readyCondition(node)?.status;
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

/** Pods are taken off the node for not being ready. */
export function isGivenUp({ spec }: Node): boolean {
  return spec.taints?.some(isEvicting) ?? false;
}

function isEvicting({ key, effect }: Taint): boolean {
  return effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE);
}

function isOwned(taint: Taint): boolean {
  return taint.effect === 'NoSchedule' ? OWNED_NO_SCHEDULE.has(taint.key) : isEvicting(taint);
}

/** The labels that the node lacks; none if it has all of them. */
export function missingLabels({ metadata: { labels = {} } }: Node): Readonly<Record<string, string>> {
  const missing = OLD_LABELS.flatMap(([label, old]) => {
    const value = labels[label];
    return value === undefined || labels[old] === value ? [] : [[old, value] as const];
  });
  return Object.fromEntries(missing);
}
