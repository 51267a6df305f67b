// What is decided about a daemon set's pods from: every node, whether the set is for it, and which of its pods are there.

import type { DaemonSet } from '../../api/apps/daemon-set.ts';
import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import { isPodTerminal } from '../pod-state.ts';
import { targetNode } from './daemon-pod.ts';
import { type NodeFit, nodeFitOf } from './node-fit.ts';

export interface DaemonNode {
  readonly name: string;
  readonly fit: NodeFit;
  /** Those on it and those meant for it, the ones on their way out included. */
  readonly pods: readonly Pod[];
}

export interface DaemonFacts {
  readonly daemonSet: DaemonSet;
  /** Of the revision of its template. */
  readonly hash: string;
  readonly nodes: readonly DaemonNode[];
  /** Pods that wait for a node that is gone: nobody else would delete them. */
  readonly stranded: readonly Pod[];
  readonly nowMs: number;
}

export interface DaemonPlan {
  /** Names of nodes. */
  readonly create: readonly string[];
  readonly delete: readonly Pod[];
}

export function daemonFacts(
  daemonSet: DaemonSet,
  { hash, nodes, pods, nowMs }: { hash: string; nodes: readonly Node[]; pods: readonly Pod[]; nowMs: number },
): DaemonFacts {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    // One that has ended and is being deleted only waits for somebody's finalizer.
    if (isPodTerminal(pod) && !isStaying(pod)) continue;
    const node = targetNode(pod);
    if (node === undefined) continue;
    const there = byNode.get(node);
    if (there) there.push(pod);
    else byNode.set(node, [pod]);
  }
  const fitOf = nodeFitOf(daemonSet);
  const daemonNodes = nodes.map((node): DaemonNode => {
    const { name } = node.metadata;
    const there = byNode.get(name) ?? [];
    byNode.delete(name);
    return { name, fit: fitOf(node), pods: there };
  });
  const stranded = [...byNode.values()].flat().filter((pod) => !pod.spec.nodeName && isStaying(pod));
  return { daemonSet, hash, nodes: daemonNodes, stranded, nowMs };
}

export function isStaying({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp === undefined;
}
