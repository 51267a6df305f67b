// Where a pod should go: the nodes that pass the filters, and of those the one with the best score. Looks at part of a
// large cluster only, and goes on from there with the next pod. Upstream: schedule_one.go, schedulePod and below.

import type { Random } from '../base/random.ts';
import type { CycleState } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import { blame, type Diagnosis, newDiagnosis } from './node-statuses.ts';
import type { PodInfo } from './pod-info.ts';
import type { Profile } from './profile.ts';
import type { Snapshot } from './snapshot.ts';

export interface Placement {
  readonly nodeName: string;
  readonly evaluatedNodes: number;
  readonly feasibleNodes: number;
}

export type Finding =
  | { readonly found: true; readonly placement: Placement }
  | { readonly found: false; readonly diagnosis: Diagnosis };

const MIN_NODES_TO_FIND = 100;
const MIN_PERCENTAGE_TO_FIND = 5;

export class NodeFinder {
  readonly #random: Random;
  readonly #percentageOfNodesToScore: number;
  /** Where in the list of nodes the next pod's search begins, so that all nodes get their turn. */
  #start = 0;

  constructor(random: Random, percentageOfNodesToScore: number) {
    this.#random = random;
    this.#percentageOfNodesToScore = percentageOfNodesToScore;
  }

  /** Throws `PluginError` when a plugin does. */
  find(profile: Profile, state: CycleState, pod: PodInfo, snapshot: Snapshot): Finding {
    const diagnosis = newDiagnosis(snapshot.nodes.length);
    const feasible = this.#findFeasible(profile, state, pod, snapshot, diagnosis);
    const nodeName = feasible.length > 0 ? this.#best(profile, state, pod, feasible) : undefined;
    if (nodeName === undefined) return { found: false, diagnosis };
    const evaluatedNodes = feasible.length + diagnosis.statuses.size;
    return { found: true, placement: { nodeName, evaluatedNodes, feasibleNodes: feasible.length } };
  }

  #findFeasible(
    profile: Profile,
    state: CycleState,
    pod: PodInfo,
    snapshot: Snapshot,
    diagnosis: Diagnosis,
  ): readonly NodeInfo[] {
    const { status, nodeNames, limitedBy } = profile.preFilter(state, pod, snapshot.nodes);
    for (const plugin of limitedBy) diagnosis.unschedulablePlugins.add(plugin);
    if (status) {
      diagnosis.statuses.absent = status;
      diagnosis.preFilterMessage = status.reasons.join(', ');
      blame(diagnosis, status);
      return [];
    }
    // Preemption has made room there: most likely it is the only node, so it is tried before all others.
    const nominated = snapshot.get(pod.pod.status.nominatedNodeName ?? '');
    if (nominated && this.#pass(profile, state, pod, [nominated], 0, 1, diagnosis).length > 0) return [nominated];

    let nodes = snapshot.nodes;
    if (nodeNames) {
      nodes = [...nodeNames].map((name) => snapshot.get(name)).filter((node) => node !== undefined);
      diagnosis.statuses.absent = {
        code: 'UnschedulableAndUnresolvable',
        reasons: [`node(s) didn't satisfy plugin(s) [${limitedBy.toSorted().join(' ')}]`],
        plugin: '',
      };
    }
    const wanted = profile.hasScores ? this.#nodesToFind(profile, nodes.length) : 1;
    const feasible = this.#pass(profile, state, pod, nodes, this.#start, wanted, diagnosis);
    this.#start = (this.#start + feasible.length + diagnosis.statuses.size) % Math.max(1, snapshot.nodes.length);
    return feasible;
  }

  /** The nodes that pass all filters, at most as many as wanted, starting anywhere and going round. */
  #pass(
    profile: Profile,
    state: CycleState,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
    start: number,
    wanted: number,
    diagnosis: Diagnosis,
  ): readonly NodeInfo[] {
    const filters = profile.filtersFor(state);
    const feasible: NodeInfo[] = [];
    for (let i = 0; i < nodes.length && feasible.length < wanted; i++) {
      const node = nodes[(start + i) % nodes.length] as NodeInfo;
      const status = profile.filterWithNominatedPods(filters, state, pod, node);
      if (status) {
        diagnosis.statuses.set(node.name, status);
        blame(diagnosis, status);
      } else {
        feasible.push(node);
      }
    }
    return feasible;
  }

  /** Half of a small cluster, less and less of a large one, but never less than 5 % or 100 nodes. */
  #nodesToFind(profile: Profile, nodeCount: number): number {
    if (nodeCount < MIN_NODES_TO_FIND) return nodeCount;
    const configured = profile.percentageOfNodesToScore ?? this.#percentageOfNodesToScore;
    const adaptive = Math.max(MIN_PERCENTAGE_TO_FIND, 50 - Math.trunc(nodeCount / 125));
    const percentage = configured === 0 ? adaptive : configured;
    return Math.max(MIN_NODES_TO_FIND, Math.trunc((nodeCount * percentage) / 100));
  }

  /** The node with the highest score; of several, any with equal chances. */
  #best(profile: Profile, state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): string | undefined {
    if (nodes.length === 1) return nodes[0]?.name;
    const scores = profile.score(state, pod, nodes);
    let best = Number.NEGATIVE_INFINITY;
    let ties = 0;
    let chosen: NodeInfo | undefined;
    for (let i = 0; i < nodes.length; i++) {
      const score = scores[i] ?? 0;
      if (score < best) continue;
      ties = score > best ? 1 : ties + 1;
      best = score;
      if (ties === 1 || this.#random.next() * ties < 1) chosen = nodes[i];
    }
    return chosen?.name;
  }
}
