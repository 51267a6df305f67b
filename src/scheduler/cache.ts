// What the scheduler knows of nodes and of the pods on them: what the informers say, plus the pods that it has placed
// itself and whose binding the informers have not shown yet (assumed pods). Upstream: pkg/scheduler/backend/cache.

import type { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import { type ImageState, NodeInfo } from './node-info.ts';
import { NodeTree, zoneOf } from './node-tree.ts';
import { type PodInfo, podInfoOf } from './pod-info.ts';
import type { Snapshot } from './snapshot.ts';

interface Placed {
  readonly info: PodInfo;
  readonly nodeName: string;
  /** Placed by this scheduler, and not yet seen bound. */
  readonly assumed: boolean;
}

export class Cache {
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #pods = new Map<string, Placed>();
  readonly #tree = new NodeTree();
  readonly #images = new Map<string, ImageState>();
  /** Nodes that the next snapshot has to copy, and those that it has to forget. */
  readonly #changed = new Set<NodeInfo>();
  readonly #gone = new Set<string>();
  #orderChanged = false;

  get podCount(): number {
    return this.#pods.size;
  }

  isAssumed(uid: string): boolean {
    return this.#pods.get(uid)?.assumed === true;
  }

  /** The pod as this cache counts it; an assumed one has its node's name. */
  pod(uid: string): PodInfo | undefined {
    return this.#pods.get(uid)?.info;
  }

  node(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name);
    return info?.isKnown ? info : undefined;
  }

  /** Counts a pod on the node that it has been placed on, before it is bound. Throws if the pod is on one already. */
  assume(info: PodInfo): void {
    const known = this.#pods.get(info.uid);
    if (known) throw new Error(`pod ${info.uid} is on node ${known.nodeName} already`);
    this.#place(info, true);
  }

  /** Takes back an assumption; false if the pod is not assumed (it was seen bound, or has gone). */
  forget(uid: string): boolean {
    if (!this.isAssumed(uid)) return false;
    this.#displace(uid);
    return true;
  }

  /** A bound pod was seen, new or changed. What was assumed of it gives way, also if it was bound elsewhere. */
  setPod(pod: Pod): void {
    this.#displace(pod.metadata.uid);
    this.#place(podInfoOf(pod), false);
  }

  removePod(uid: string): void {
    this.#displace(uid);
  }

  setNode(node: Node): NodeInfo {
    const info = this.#nodeInfo(node.metadata.name);
    const previous = info.isKnown ? info.node : undefined;
    if (!previous || zoneOf(previous) !== zoneOf(node)) {
      if (previous) this.#tree.remove(previous);
      this.#tree.add(node);
      this.#orderChanged = true;
    }
    if (previous?.status.images !== node.status.images) info.images = this.#setImages(node, info.images);
    info.setNode(node);
    this.#gone.delete(info.name);
    this.#changed.add(info);
    return info;
  }

  /** The node has gone. Its pods may go later: until then they are remembered, but the node is not offered. */
  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info?.isKnown) return;
    this.#tree.remove(info.node);
    this.#orderChanged = true;
    this.#dropImages(info);
    info.setNode(undefined);
    this.#changed.delete(info);
    this.#gone.add(name);
    this.#dropIfEmpty(info);
  }

  /** Brings the snapshot up to date. There is one snapshot for each cache: changes are remembered once. */
  updateSnapshot(snapshot: Snapshot): void {
    if (this.#changed.size === 0 && this.#gone.size === 0 && !this.#orderChanged) return;
    snapshot.update(this.#changed, this.#gone, this.#orderChanged ? this.#tree.list() : undefined);
    this.#changed.clear();
    this.#gone.clear();
    this.#orderChanged = false;
  }

  #place(info: PodInfo, assumed: boolean): void {
    const nodeName = info.pod.spec.nodeName ?? '';
    const node = this.#nodeInfo(nodeName);
    node.addPod(info);
    if (node.isKnown) this.#changed.add(node);
    this.#pods.set(info.uid, { info, nodeName, assumed });
  }

  #displace(uid: string): void {
    const placed = this.#pods.get(uid);
    if (!placed) return;
    this.#pods.delete(uid);
    const node = this.#nodeInfo(placed.nodeName);
    node.removePod(uid);
    if (node.isKnown) this.#changed.add(node);
    this.#dropIfEmpty(node);
  }

  /** The entry of a node, made if need be: pods may be seen before their node. */
  #nodeInfo(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (!info) {
      info = new NodeInfo(name);
      this.#nodes.set(name, info);
    }
    return info;
  }

  #dropIfEmpty(info: NodeInfo): void {
    if (!info.isKnown && info.pods.length === 0) this.#nodes.delete(info.name);
  }

  #setImages(node: Node, previous: ReadonlyMap<string, ImageState>): ReadonlyMap<string, ImageState> {
    const images = new Map<string, ImageState>();
    for (const { names, sizeBytes } of node.status.images ?? []) {
      for (const name of names ?? []) {
        const state = this.#images.get(name) ?? { sizeBytes: sizeBytes ?? 0, nodes: new Set<string>() };
        state.nodes.add(node.metadata.name);
        this.#images.set(name, state);
        images.set(name, state);
      }
    }
    this.#releaseImages(node.metadata.name, previous, images);
    return images;
  }

  #dropImages(info: NodeInfo): void {
    this.#releaseImages(info.name, info.images, new Map());
    info.images = new Map();
  }

  #releaseImages(
    nodeName: string,
    before: ReadonlyMap<string, ImageState>,
    kept: ReadonlyMap<string, ImageState>,
  ): void {
    for (const [name, state] of before) {
      if (kept.has(name)) continue;
      state.nodes.delete(nodeName);
      if (state.nodes.size === 0) this.#images.delete(name);
    }
  }
}
