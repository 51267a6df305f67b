// A node and what is on it: its pods (bound and assumed), with their sums kept as pods come and go.

import { HostPorts } from '../api/core/host-ports.ts';
import type { Node } from '../api/core/node.ts';
import type { PodInfo } from './pod-info.ts';
import { type Allocatable, allocatableOf, type Resources } from './pod-resources.ts';

/** An image that some node has; shared by all nodes that have it, so that `nodes` is always current. */
export interface ImageState {
  readonly sizeBytes: number;
  readonly nodes: Set<string>;
}

/** Sums of requests; changed in place by the NodeInfo that owns it. */
export interface RequestSum {
  milliCpu: number;
  memory: number;
  ephemeralStorage: number;
  scalars: Map<string, number> | undefined;
}

const NOTHING_ALLOCATABLE: Allocatable = { milliCpu: 0, memory: 0, ephemeralStorage: 0, scalars: undefined, pods: 0 };

export class NodeInfo {
  readonly name: string;
  /** Absent while only pods that name the node are known. Never absent in a snapshot. */
  #node: Node | undefined;
  #allocatable: Allocatable = NOTHING_ALLOCATABLE;
  #pods: PodInfo[] = [];
  #withAffinity: PodInfo[] = [];
  #withRequiredAntiAffinity: PodInfo[] = [];
  #hostPorts = new HostPorts();
  readonly requested: RequestSum = { milliCpu: 0, memory: 0, ephemeralStorage: 0, scalars: undefined };
  /** With defaults for what containers did not ask for: only for scoring. */
  readonly nonZeroRequested = { milliCpu: 0, memory: 0 };
  images: ReadonlyMap<string, ImageState> = new Map();

  constructor(name: string) {
    this.name = name;
  }

  /** The node; throws if it is not known, which in a snapshot is a bug. */
  get node(): Node {
    if (!this.#node) throw new Error(`node ${this.name} is not known`);
    return this.#node;
  }

  get isKnown(): boolean {
    return this.#node !== undefined;
  }

  get allocatable(): Allocatable {
    return this.#allocatable;
  }

  get pods(): readonly PodInfo[] {
    return this.#pods;
  }

  get podsWithAffinity(): readonly PodInfo[] {
    return this.#withAffinity;
  }

  get podsWithRequiredAntiAffinity(): readonly PodInfo[] {
    return this.#withRequiredAntiAffinity;
  }

  get hostPorts(): HostPorts {
    return this.#hostPorts;
  }

  setNode(node: Node | undefined): void {
    if (node?.status.allocatable !== this.#node?.status.allocatable || !node) {
      this.#allocatable = node ? allocatableOf(node) : NOTHING_ALLOCATABLE;
    }
    this.#node = node;
  }

  addPod(info: PodInfo): void {
    this.#pods.push(info);
    if (info.affinity) this.#withAffinity.push(info);
    if (info.affinity?.requiredAnti.length) this.#withRequiredAntiAffinity.push(info);
    this.#account(info, 1);
    for (const port of info.hostPorts) this.#hostPorts.add(port);
  }

  /** Takes the pod with this uid away; false if it is not here. */
  removePod(uid: string): boolean {
    const info = takeOut(this.#pods, uid);
    if (!info) return false;
    if (info.affinity) takeOut(this.#withAffinity, uid);
    if (info.affinity?.requiredAnti.length) takeOut(this.#withRequiredAntiAffinity, uid);
    this.#account(info, -1);
    for (const port of info.hostPorts) this.#hostPorts.remove(port);
    return true;
  }

  /** A copy that may be changed on its own. */
  clone(): NodeInfo {
    const clone = new NodeInfo(this.name);
    clone.copyFrom(this);
    return clone;
  }

  copyFrom(other: NodeInfo): void {
    this.#node = other.#node;
    this.#allocatable = other.#allocatable;
    this.#pods = other.#pods.slice();
    this.#withAffinity = other.#withAffinity.slice();
    this.#withRequiredAntiAffinity = other.#withRequiredAntiAffinity.slice();
    this.#hostPorts = new HostPorts(other.#hostPorts);
    Object.assign(this.requested, other.requested);
    this.requested.scalars = other.requested.scalars && new Map(other.requested.scalars);
    Object.assign(this.nonZeroRequested, other.nonZeroRequested);
    this.images = other.images;
  }

  #account({ requests, nonZeroRequests }: PodInfo, sign: 1 | -1): void {
    this.requested.milliCpu += sign * requests.milliCpu;
    this.requested.memory += sign * requests.memory;
    this.requested.ephemeralStorage += sign * requests.ephemeralStorage;
    this.nonZeroRequested.milliCpu += sign * nonZeroRequests.milliCpu;
    this.nonZeroRequested.memory += sign * nonZeroRequests.memory;
    if (requests.scalars) this.#accountScalars(requests, sign);
  }

  #accountScalars(requests: Resources, sign: 1 | -1): void {
    this.requested.scalars ??= new Map();
    for (const [name, amount] of requests.scalars ?? []) {
      this.requested.scalars.set(name, (this.requested.scalars.get(name) ?? 0) + sign * amount);
    }
  }
}

/** Order does not matter: the last one takes the place of the one that goes. */
function takeOut(infos: PodInfo[], uid: string): PodInfo | undefined {
  const at = infos.findIndex((info) => info.uid === uid);
  if (at < 0) return undefined;
  const taken = infos[at];
  const last = infos.pop();
  if (last && at < infos.length) infos[at] = last;
  return taken;
}
