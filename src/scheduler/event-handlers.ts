// What the informers see, told to the cache and the queue. Pods that have finished count as gone: they take nothing
// from their node. Upstream: eventhandlers.go.

import type { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import type { Change } from '../client/object-cache.ts';
import { type EventResource, nodeEvents, podEvents } from './cluster-event.ts';
import type { PodInfo } from './pod-info.ts';
import type { SchedulingCore } from './scheduling-core.ts';

type Deps = Pick<SchedulingCore, 'cache' | 'queue' | 'profiles' | 'waitingPods'>;

export function handleNodeChange({ cache, queue }: Deps, change: Change<Node>): void {
  const { object: node } = change;
  switch (change.type) {
    case 'added':
      cache.setNode(node);
      queue.move({ resource: 'Node', action: 'Add' }, undefined, node);
      break;
    case 'updated':
      cache.setNode(node);
      for (const event of nodeEvents(change.previous, node)) queue.move(event, change.previous, node);
      break;
    case 'deleted':
      cache.removeNode(node.metadata.name);
      queue.move({ resource: 'Node', action: 'Delete' }, node, undefined);
      break;
    default:
      change satisfies never;
  }
}

/** Of kinds of which nothing is kept here: plugins read them themselves. */
export function handleStorageChange({ queue }: Deps, resource: EventResource, change: Change<unknown>): void {
  const { type, object } = change;
  if (type === 'added') queue.move({ resource, action: 'Add' }, undefined, object);
  else if (type === 'updated') queue.move({ resource, action: 'Update' }, change.previous, object);
  else queue.move({ resource, action: 'Delete' }, object, undefined);
}

export function handlePodChange(deps: Deps, change: Change<Pod>): void {
  const previous = change.type === 'updated' ? change.previous : change.type === 'deleted' ? change.object : undefined;
  const before = previous && !isFinished(previous) ? previous : undefined;
  const after = change.type !== 'deleted' && !isFinished(change.object) ? change.object : undefined;
  if (before && after) podChanged(deps, before, after);
  else if (after) podAppeared(deps, after);
  else if (before) podDisappeared(deps, before);
}

function podAppeared(deps: Deps, pod: Pod): void {
  if (isAssigned(pod)) {
    deps.cache.setPod(pod);
    deps.queue.move({ resource: 'AssignedPod', action: 'Add' }, undefined, pod);
  } else if (isOurs(deps, pod)) {
    deps.queue.add(pod);
  }
}

function podChanged(deps: Deps, before: Pod, after: Pod): void {
  const { cache, queue } = deps;
  if (isAssigned(before)) {
    cache.setPod(after);
    for (const event of podEvents('AssignedPod', before, after)) queue.move(event, before, after);
  } else if (isAssigned(after)) {
    podAppeared(deps, after);
    // It is no longer in the queue if it was bound from here, but others may bind too.
    queue.delete(after.metadata.uid);
  } else if (isOurs(deps, after)) {
    waitingPodChanged(deps, before, after);
  }
}

function waitingPodChanged(deps: Deps, before: Pod, after: Pod): void {
  const { cache, queue } = deps;
  if (cache.isAssumed(after.metadata.uid)) {
    if (after.metadata.deletionTimestamp && !before.metadata.deletionTimestamp) assumedPodGoes(deps, after);
    return;
  }
  queue.update(before, after);
  const nominated = before.status.nominatedNodeName;
  if (nominated && nominated !== after.status.nominatedNodeName) roomIsFree(deps, before);
}

function podDisappeared(deps: Deps, pod: Pod): void {
  const { cache, queue } = deps;
  const { uid } = pod.metadata;
  if (isAssigned(pod)) {
    cache.removePod(uid);
    queue.move({ resource: 'AssignedPod', action: 'Delete' }, pod, undefined);
    return;
  }
  if (!isOurs(deps, pod)) return;
  queue.delete(uid);
  if (cache.isAssumed(uid)) assumedPodGoes(deps, pod);
  else if (pod.status.nominatedNodeName) roomIsFree(deps, pod);
}

/** Its place is free at once, though its binding may still be under way: that fails, or comes to nothing. */
function assumedPodGoes({ cache, queue, waitingPods }: Deps, { metadata: { uid } }: Pod): void {
  const assumed = cache.pod(uid);
  if (!assumed) return;
  if (!waitingPods.reject(uid, '', 'removed')) cache.forget(uid);
  queue.move({ resource: 'AssignedPod', action: 'Delete' }, assumed.pod, undefined);
}

/** A pod that kept room on a node does not any more. Only those that had to leave it that room care. */
function roomIsFree({ queue }: Deps, pod: Pod): void {
  const priority = pod.spec.priority ?? 0;
  const mayTakeIt = (other: PodInfo) => other.priority <= priority;
  queue.move({ resource: 'AssignedPod', action: 'Delete' }, pod, undefined, mayTakeIt);
}

function isAssigned(pod: Pod): boolean {
  return Boolean(pod.spec.nodeName);
}

function isFinished({ status: { phase } }: Pod): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

function isOurs({ profiles }: Deps, pod: Pod): boolean {
  return profiles.has(pod.spec.schedulerName || 'default-scheduler');
}
