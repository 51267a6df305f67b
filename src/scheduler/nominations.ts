// Pods for which preemption has made room on a node, until they get there: others of lower priority leave that room
// alone. Upstream: backend/queue/nominator.go.

import type { NominatedPods } from './framework.ts';
import type { PodInfo } from './pod-info.ts';

const NONE: readonly PodInfo[] = [];

export class Nominations implements NominatedPods {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodes = new Map<string, string>();

  on(nodeName: string): readonly PodInfo[] {
    if (this.#byNode.size === 0) return NONE;
    const pods = this.#byNode.get(nodeName);
    return pods ? [...pods.values()] : NONE;
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodes.get(uid);
  }

  /** Keeps the room on the node for the pod; `''` lets it go. */
  set(info: PodInfo, nodeName: string): void {
    this.delete(info.uid);
    if (nodeName === '') return;
    const pods = this.#byNode.get(nodeName) ?? new Map<string, PodInfo>();
    pods.set(info.uid, info);
    this.#byNode.set(nodeName, pods);
    this.#nodes.set(info.uid, nodeName);
  }

  /**
   * A new version of the pod was seen. Where the status says nothing before and after, what is in memory stands: it may
   * not have reached the API yet.
   */
  update(before: PodInfo['pod'], info: PodInfo): void {
    const stated = info.pod.status.nominatedNodeName ?? '';
    const previouslyStated = before.status.nominatedNodeName ?? '';
    const remembered = stated === '' && previouslyStated === '' ? this.nodeOf(info.uid) : undefined;
    this.set(info, remembered ?? stated);
  }

  delete(uid: string): void {
    const nodeName = this.#nodes.get(uid);
    if (nodeName === undefined) return;
    this.#nodes.delete(uid);
    const pods = this.#byNode.get(nodeName);
    pods?.delete(uid);
    if (pods?.size === 0) this.#byNode.delete(nodeName);
  }
}
