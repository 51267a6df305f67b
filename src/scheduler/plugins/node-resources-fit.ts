// NodeResourcesFit: a node must have free what the pod asks for; how full it would be gives its score.

import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { QueueingHint } from '../cluster-event.ts';
import type { Handle, Plugin, StateKey, Status } from '../framework.ts';
import { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { amountOf, isExtendedResource, podRequests, type Resources } from '../pod-resources.ts';
import { CPU_AND_MEMORY, capacityFor, podAmount, usedAmount, type WeightedResource } from './resource-scoring.ts';
import { type ScoringStrategy, scorerOf } from './scoring-strategy.ts';

const NAME = 'NodeResourcesFit';

export interface NodeResourcesFitArgs {
  /** Extended resources that are not looked at, by name or by the group before the `/`. */
  readonly ignoredResources?: readonly string[];
  readonly ignoredResourceGroups?: readonly string[];
  readonly scoringStrategy?: ScoringStrategy;
}

/** What the pod asks for, in the order of the scored resources. */
const AMOUNTS: StateKey<readonly number[]> = { name: `${NAME} amounts` };

interface Shortage {
  readonly resource: string;
  /** The pod asks for more than the whole node has. */
  readonly isHopeless: boolean;
}

export function nodeResourcesFit(_handle: Handle, args: unknown): Plugin {
  const { ignoredResources = [], ignoredResourceGroups = [], scoringStrategy } = (args ?? {}) as NodeResourcesFitArgs;
  const strategy = scoringStrategy ?? { type: 'LeastAllocated', resources: CPU_AND_MEMORY };
  const resources = strategy.resources ?? CPU_AND_MEMORY;
  const scorer = scorerOf(strategy);
  const isIgnored = (name: string) =>
    isExtendedResource(name) &&
    (ignoredResources.includes(name) || ignoredResourceGroups.includes(name.slice(0, name.indexOf('/'))));
  const statuses = new Map<string, Status>();
  return {
    name: NAME,
    events: () => [
      { resources: ['AssignedPod'], actions: ['Delete'] },
      { resources: ['AssignedPod', 'TargetPod'], actions: ['UpdatePodScaleDown'], hint: isScaledDownForMe },
      { resources: ['Node'], actions: ['Add', 'UpdateNodeAllocatable'], hint: hasBecomeLargeEnough(isIgnored) },
    ],

    filter(_state, pod, node) {
      const shortages = shortagesOn(pod, node, isIgnored);
      return shortages && statusOf(shortages, statuses);
    },

    preScore(state, pod) {
      state.write(
        AMOUNTS,
        resources.map(({ name }) => podAmount(pod, name, 'with defaults')),
      );
      return undefined;
    },
    score: (state, _pod, node) => scoreNode(resources, state.read(AMOUNTS), node, scorer),
  };
}

function scoreNode(
  resources: readonly WeightedResource[],
  amounts: readonly number[],
  node: NodeInfo,
  scorer: ReturnType<typeof scorerOf>,
): number {
  let weighted = 0;
  let weights = 0;
  for (let i = 0; i < resources.length; i++) {
    const { name, weight = 1 } = resources[i] as WeightedResource;
    const amount = amounts[i] ?? 0;
    const capacity = capacityFor(node, name, amount);
    if (capacity === 0) continue;
    const score = scorer.scoreOf(usedAmount(node, name, 'with defaults') + amount, capacity);
    if (score === 0 && scorer.zeroes === 'left out') continue;
    weighted += score * weight;
    weights += weight;
  }
  if (weights === 0) return 0;
  return scorer.zeroes === 'left out' ? Math.round(weighted / weights) : Math.trunc(weighted / weights);
}

/** What the node has too little of; undefined when it has enough. */
function shortagesOn(pod: PodInfo, node: NodeInfo, isIgnored: (name: string) => boolean): Shortage[] | undefined {
  if (hasPlentyOf(pod, node)) return undefined;
  const { requests } = pod;
  const { allocatable, requested, pods } = node;
  const shortages: Shortage[] = [];
  if (pods.length + 1 > allocatable.pods) shortages.push({ resource: 'pods', isHopeless: false });
  for (const resource of requestedNames(requests)) {
    const wanted = amountOf(requests, resource);
    const capacity = amountOf(allocatable, resource);
    if (wanted <= capacity - amountOf(requested, resource) || isIgnored(resource)) continue;
    shortages.push({ resource, isHopeless: wanted > capacity });
  }
  return shortages.length > 0 ? shortages : undefined;
}

/** As `shortagesOn`, for those who do not ask why. */
function fits(pod: PodInfo, node: NodeInfo, isIgnored: (name: string) => boolean): boolean {
  return hasPlentyOf(pod, node) || (pod.requests.scalars !== undefined && !shortagesOn(pod, node, isIgnored));
}

/**
 * Whether a pod without extended resources fits; false for all others. This is asked thousands of times for each pod that
 * is placed.
 */
function hasPlentyOf({ requests }: PodInfo, { allocatable, requested, pods }: NodeInfo): boolean {
  return (
    requests.scalars === undefined &&
    pods.length < allocatable.pods &&
    (requests.milliCpu === 0 || requests.milliCpu <= allocatable.milliCpu - requested.milliCpu) &&
    (requests.memory === 0 || requests.memory <= allocatable.memory - requested.memory) &&
    (requests.ephemeralStorage === 0 ||
      requests.ephemeralStorage <= allocatable.ephemeralStorage - requested.ephemeralStorage)
  );
}

/** There are few different answers and many nodes: each is made once. */
function statusOf(shortages: readonly Shortage[], made: Map<string, Status>): Status {
  const isHopeless = shortages.some((shortage) => shortage.isHopeless);
  const key = `${isHopeless} ${shortages.map(({ resource }) => resource).join(' ')}`;
  const known = made.get(key);
  if (known) return known;
  const status: Status = {
    code: isHopeless ? 'UnschedulableAndUnresolvable' : 'Unschedulable',
    reasons: shortages.map(({ resource }) => (resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`)),
    plugin: NAME,
  };
  // The names of resources are the users': what they make up must not pile up here.
  if (made.size < 1000) made.set(key, status);
  return status;
}

/** The pod itself asks for less now, or one that is on a node gave back something that the pod asks for. */
function isScaledDownForMe(pod: PodInfo, oldPod: unknown, newPod: unknown): boolean {
  const changed = newPod as Pod;
  if (changed.metadata.uid === pod.uid) return true;
  const before = podRequests(oldPod as Pod);
  const after = podRequests(changed);
  return requestedNames(pod.requests).some((name) => amountOf(before, name) > amountOf(after, name));
}

/** The pod fits the node when it is empty; and, for a change, the node gained something that the pod asks for. */
function hasBecomeLargeEnough(isIgnored: (name: string) => boolean): QueueingHint {
  // One change of a node is held against all waiting pods in a row.
  const emptyNodes = new WeakMap<Node, NodeInfo>();
  const emptied = (node: Node) => {
    const info = emptyNodes.get(node) ?? new NodeInfo(node.metadata.name);
    if (!info.isKnown) info.setNode(node);
    emptyNodes.set(node, info);
    return info;
  };
  return (pod, oldNode, newNode) => {
    const after = emptied(newNode as Node);
    if (!fits(pod, after, isIgnored)) return false;
    if (oldNode === undefined) return true;
    const before = emptied(oldNode as Node).allocatable;
    if (after.allocatable.pods > before.pods) return true;
    return requestedNames(pod.requests).some((name) => amountOf(after.allocatable, name) > amountOf(before, name));
  };
}

function requestedNames(requests: Resources): string[] {
  const names = ['cpu', 'memory', 'ephemeral-storage', ...(requests.scalars?.keys() ?? [])];
  return names.filter((name) => amountOf(requests, name) > 0);
}
