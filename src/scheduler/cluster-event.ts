// What happens in the cluster that may make a waiting pod schedulable, and which plugin cares for what. The queue
// (queue.ts) moves pods on these events; event-handlers.ts derives them from what the informers see.
// Upstream: scheduler queueing hints (KEP 4247).

import type { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import type { PodInfo } from './pod-info.ts';
import { podRequests, type Resources } from './pod-resources.ts';

/** `AssignedPod` is another pod that is on a node, or keeps room on one; `TargetPod` is the waiting pod itself. */
export type EventResource =
  | 'AssignedPod'
  | 'TargetPod'
  | 'Node'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'StorageClass';

export type EventAction =
  | 'Add'
  | 'Delete'
  /** Any change that has no name of its own. */
  | 'Update'
  | 'UpdateNodeAllocatable'
  | 'UpdateNodeLabel'
  | 'UpdateNodeTaint'
  | 'UpdateNodeCondition'
  | 'UpdateNodeAnnotation'
  | 'UpdatePodLabel'
  | 'UpdatePodScaleDown'
  | 'UpdatePodToleration'
  | 'UpdatePodSchedulingGatesEliminated';

export interface ClusterEvent {
  readonly resource: EventResource;
  readonly action: EventAction;
}

/** Moves every pod, whatever turned it down: it has waited too long, or a plugin asked for it. */
export const WILDCARD = '*';
export type QueueEvent = ClusterEvent | typeof WILDCARD;

/**
 * Whether the change from the old to the new object (either may be absent) may make the pod schedulable. Must be cheap:
 * it is asked for each waiting pod. When in doubt, yes.
 */
export type QueueingHint = (pod: PodInfo, oldObject: unknown, newObject: unknown) => boolean;

export interface EventRegistration {
  readonly resources: readonly EventResource[];
  readonly actions: readonly EventAction[];
  /** Absent: always worth a try. */
  readonly hint?: QueueingHint;
}

const EVERY_RESOURCE: readonly EventResource[] = [
  'AssignedPod',
  'TargetPod',
  'Node',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StorageClass',
];
const EVERY_ACTION: readonly EventAction[] = [
  'Add',
  'Delete',
  'Update',
  'UpdateNodeAllocatable',
  'UpdateNodeLabel',
  'UpdateNodeTaint',
  'UpdateNodeCondition',
  'UpdateNodeAnnotation',
  'UpdatePodLabel',
  'UpdatePodScaleDown',
  'UpdatePodToleration',
  'UpdatePodSchedulingGatesEliminated',
];

/** What a plugin that registers nothing is taken to care for. */
export const EVERY_EVENT: readonly EventRegistration[] = [{ resources: EVERY_RESOURCE, actions: EVERY_ACTION }];

/** The parts of a node whose change matters to scheduling. Heartbeats give none. */
export function nodeEvents(oldNode: Node, newNode: Node): ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const add = (action: EventAction) => events.push({ resource: 'Node', action });
  if (!sameMap(oldNode.status.allocatable, newNode.status.allocatable)) add('UpdateNodeAllocatable');
  if (!sameMap(oldNode.metadata.labels, newNode.metadata.labels)) add('UpdateNodeLabel');
  if (!sameTaints(oldNode, newNode) || oldNode.spec.unschedulable !== newNode.spec.unschedulable)
    add('UpdateNodeTaint');
  if (!sameConditions(oldNode, newNode)) add('UpdateNodeCondition');
  if (!sameMap(oldNode.metadata.annotations, newNode.metadata.annotations)) add('UpdateNodeAnnotation');
  return events;
}

/** The parts of a pod whose change matters to scheduling: its own, if it waits, or that of others. */
export function podEvents(resource: 'AssignedPod' | 'TargetPod', oldPod: Pod, newPod: Pod): ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const add = (action: EventAction) => events.push({ resource, action });
  if (!sameMap(oldPod.metadata.labels, newPod.metadata.labels)) add('UpdatePodLabel');
  if (isScaledDown(oldPod, newPod)) add('UpdatePodScaleDown');
  if (hasGates(oldPod) && !hasGates(newPod)) add('UpdatePodSchedulingGatesEliminated');
  if (!sameValue(oldPod.spec.tolerations, newPod.spec.tolerations)) add('UpdatePodToleration');
  if (events.length === 0) add('Update');
  return events;
}

function hasGates(pod: Pod): boolean {
  return (pod.spec.schedulingGates?.length ?? 0) > 0;
}

function isScaledDown(oldPod: Pod, newPod: Pod): boolean {
  // An update of the status alone shares the spec and the resources in it; most updates end here.
  if (oldPod.spec === newPod.spec && oldPod.status.containerStatuses === newPod.status.containerStatuses) return false;
  const before = podRequests(oldPod);
  const after = podRequests(newPod);
  return (
    after.milliCpu < before.milliCpu ||
    after.memory < before.memory ||
    after.ephemeralStorage < before.ephemeralStorage ||
    hasLessScalars(before, after)
  );
}

function hasLessScalars(before: Resources, after: Resources): boolean {
  if (!before.scalars) return false;
  for (const [name, value] of before.scalars) {
    if ((after.scalars?.get(name) ?? 0) < value) return true;
  }
  return false;
}

function sameTaints(oldNode: Node, newNode: Node): boolean {
  return sameValue(oldNode.spec.taints, newNode.spec.taints);
}

function sameConditions(oldNode: Node, newNode: Node): boolean {
  const statusOf = (node: Node) => new Map(node.status.conditions?.map(({ type, status }) => [type, status]));
  if (oldNode.status.conditions === newNode.status.conditions) return true;
  const before = statusOf(oldNode);
  const after = statusOf(newNode);
  return before.size === after.size && [...before].every(([type, status]) => after.get(type) === status);
}

type StringMap = Readonly<Record<string, string>>;

function sameMap(a: StringMap | undefined, b: StringMap | undefined): boolean {
  if (a === b) return true;
  const keys = Object.keys(a ?? {});
  return keys.length === Object.keys(b ?? {}).length && keys.every((key) => b?.[key] === a?.[key]);
}

/** Both come out of the same decoder, so that equal values have equal texts. */
function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
