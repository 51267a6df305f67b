// InterPodAffinity: pods that want to be near others, or not, by topology (the value of a node label). Required terms
// filter, in both directions for anti-affinity; preferred terms score, in both directions for both.

import { Namespace } from '../../api/core/namespace.ts';
import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Labels } from '../../api/label-selector.ts';
import { type AffinityTerm, termMatches } from '../affinity-term.ts';
import { type Handle, MAX_NODE_SCORE, type Plugin, type StateKey, type Status } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

const NAME = 'InterPodAffinity';

export interface InterPodAffinityArgs {
  /** How much a required affinity of a pod that is there counts for the one that comes, which it need not want. */
  readonly hardPodAffinityWeight?: number;
  /** Looks only at what the pod that comes prefers. */
  readonly ignorePreferredTermsOfExistingPods?: boolean;
}

const AFFINITY: Status = {
  code: 'UnschedulableAndUnresolvable',
  reasons: ["node(s) didn't match pod affinity rules"],
  plugin: NAME,
};
const ANTI_AFFINITY: Status = {
  code: 'Unschedulable',
  reasons: ["node(s) didn't match pod anti-affinity rules"],
  plugin: NAME,
};
const EXISTING_ANTI_AFFINITY: Status = {
  code: 'Unschedulable',
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  plugin: NAME,
};
const SKIP: Status = { code: 'Skip', reasons: [], plugin: NAME };

/** Numbers by topology: label key, then value. Entries of zero are dropped. */
class TopologyCounts {
  readonly #counts: Map<string, Map<string, number>>;

  constructor(from?: TopologyCounts) {
    this.#counts = new Map(from ? [...from.#counts].map(([key, values]) => [key, new Map(values)]) : []);
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  get(key: string, value: string): number {
    return this.#counts.get(key)?.get(value) ?? 0;
  }

  /** To the topology that the node is in; none if it has no such label. */
  add(key: string, node: Node, amount: number): void {
    const value = node.metadata.labels?.[key];
    if (value === undefined) return;
    const values = this.#counts.get(key) ?? new Map<string, number>();
    const sum = (values.get(value) ?? 0) + amount;
    if (sum === 0) values.delete(value);
    else values.set(value, sum);
    if (values.size === 0) this.#counts.delete(key);
    else this.#counts.set(key, values);
  }

  /** The sum over the topologies that the node is in. */
  sumFor(node: Node): number {
    let sum = 0;
    for (const [key, values] of this.#counts) sum += values.get(node.metadata.labels?.[key] ?? '') ?? 0;
    return sum;
  }

  /** Whether the node is in any of the topologies. */
  touches(node: Node): boolean {
    for (const [key, values] of this.#counts) {
      const value = node.metadata.labels?.[key];
      if (value !== undefined && values.has(value)) return true;
    }
    return false;
  }
}

interface Wishes {
  readonly namespaceLabels: Labels | undefined;
  /** Of pods that are there, against the one that comes. */
  readonly existingAnti: TopologyCounts;
  /** Pods that match all of the required terms of the one that comes. */
  readonly wanted: TopologyCounts;
  readonly unwanted: TopologyCounts;
}
const WISHES: StateKey<Wishes> = {
  name: `${NAME} wishes`,
  copy: ({ namespaceLabels, existingAnti, wanted, unwanted }) => ({
    namespaceLabels,
    existingAnti: new TopologyCounts(existingAnti),
    wanted: new TopologyCounts(wanted),
    unwanted: new TopologyCounts(unwanted),
  }),
};
const PREFERENCES: StateKey<TopologyCounts> = { name: `${NAME} preferences` };

const NO_TERMS = { required: [], requiredAnti: [], preferred: [], preferredAnti: [] } as const;

export function interPodAffinity(handle: Handle, args: unknown): Plugin {
  const { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false } = (args ??
    {}) as InterPodAffinityArgs;
  const namespaces = handle.informers.informer(Namespace);
  const labelsOf = (namespace: string) => namespaces.get({ name: namespace })?.metadata.labels;
  const matches = (term: AffinityTerm, pod: Pod) =>
    termMatches(term, pod, term.hasNamespaceSelector ? labelsOf(pod.metadata.namespace) : undefined);
  const matchesAll = (terms: readonly AffinityTerm[], pod: Pod) =>
    terms.length > 0 && terms.every((term) => matches(term, pod));

  /** Counts what the other pod on the node means for the one that comes. */
  const count = (wishes: Wishes, { pod, affinity = NO_TERMS }: PodInfo, other: PodInfo, node: Node, amount: number) => {
    for (const term of other.affinity?.requiredAnti ?? []) {
      if (termMatches(term, pod, wishes.namespaceLabels)) wishes.existingAnti.add(term.topologyKey, node, amount);
    }
    if (matchesAll(affinity.required, other.pod)) {
      for (const { topologyKey } of affinity.required) wishes.wanted.add(topologyKey, node, amount);
    }
    for (const term of affinity.requiredAnti) {
      if (matches(term, other.pod)) wishes.unwanted.add(term.topologyKey, node, amount);
    }
  };

  return {
    name: NAME,
    events: () => [
      {
        resources: ['AssignedPod'],
        actions: ['Add', 'Delete', 'UpdatePodLabel'],
        hint: (info, before, after) =>
          mayHelp(matches, matchesAll, info, before as Pod | undefined, after as Pod | undefined),
      },
      { resources: ['TargetPod'], actions: ['UpdatePodLabel'] },
      {
        resources: ['Node'],
        actions: ['Add', 'UpdateNodeLabel'],
        hint: (info, before, after) => topologyChanged(info, before as Node | undefined, after as Node),
      },
    ],

    preFilter(state, info, nodes) {
      const hasTerms = info.affinity && info.affinity.required.length + info.affinity.requiredAnti.length > 0;
      const wishes: Wishes = {
        namespaceLabels: labelsOf(info.pod.metadata.namespace),
        existingAnti: new TopologyCounts(),
        wanted: new TopologyCounts(),
        unwanted: new TopologyCounts(),
      };
      if (hasTerms) {
        for (const { node, pods } of nodes) for (const other of pods) count(wishes, info, other, node, 1);
      } else {
        for (const { node, podsWithRequiredAntiAffinity } of handle.snapshot().nodesWithRequiredAntiAffinity) {
          for (const other of podsWithRequiredAntiAffinity) count(wishes, info, other, node, 1);
        }
        if (wishes.existingAnti.isEmpty) return SKIP;
      }
      state.write(WISHES, wishes);
      return undefined;
    },
    addPod: (state, info, added, { node }) => count(state.read(WISHES), info, added, node, 1),
    removePod: (state, info, removed, { node }) => count(state.read(WISHES), info, removed, node, -1),
    filter(state, { pod, affinity = NO_TERMS }, { node }) {
      const wishes = state.read(WISHES);
      const isFirstOfItsKind = () => wishes.wanted.isEmpty && matchesAll(affinity.required, pod);
      if (!isNear(affinity.required, wishes.wanted, node, isFirstOfItsKind)) return AFFINITY;
      const labels = node.metadata.labels ?? {};
      const isUnwanted = ({ topologyKey }: AffinityTerm) =>
        wishes.unwanted.get(topologyKey, labels[topologyKey] ?? '') > 0;
      if (affinity.requiredAnti.some(isUnwanted)) return ANTI_AFFINITY;
      return wishes.existingAnti.touches(node) ? EXISTING_ANTI_AFFINITY : undefined;
    },

    preScore(state, { pod, affinity = NO_TERMS }) {
      const prefers = affinity.preferred.length + affinity.preferredAnti.length > 0;
      if (!prefers && ignorePreferredTermsOfExistingPods) return SKIP;
      const { nodes, nodesWithAffinity } = handle.snapshot();
      const namespaceLabels = labelsOf(pod.metadata.namespace);
      const scores = new TopologyCounts();
      const score = (term: AffinityTerm, node: Node, weight: number) => scores.add(term.topologyKey, node, weight);
      for (const { node, pods, podsWithAffinity } of prefers ? nodes : nodesWithAffinity) {
        for (const other of prefers ? pods : podsWithAffinity) {
          for (const term of affinity.preferred) if (matches(term, other.pod)) score(term, node, term.weight);
          for (const term of affinity.preferredAnti) if (matches(term, other.pod)) score(term, node, -term.weight);
          if (!other.affinity) continue;
          const wantsUs = (term: AffinityTerm) => termMatches(term, pod, namespaceLabels);
          for (const term of other.affinity.required) if (wantsUs(term)) score(term, node, hardPodAffinityWeight);
          for (const term of other.affinity.preferred) if (wantsUs(term)) score(term, node, term.weight);
          for (const term of other.affinity.preferredAnti) if (wantsUs(term)) score(term, node, -term.weight);
        }
      }
      if (scores.isEmpty) return SKIP;
      state.write(PREFERENCES, scores);
      return undefined;
    },
    score: (state, _info, { node }) => state.read(PREFERENCES).sumFor(node),
    normalizeScores(_state, _info, scores) {
      const least = Math.min(...scores);
      const range = Math.max(...scores) - least;
      for (let i = 0; i < scores.length; i++) {
        scores[i] = range === 0 ? 0 : Math.trunc((MAX_NODE_SCORE * ((scores[i] ?? 0) - least)) / range);
      }
    },
  };
}

/**
 * The node has every topology that is asked for, and in each there is a pod as wanted; or there is no such pod at all and
 * the one that comes is itself as wanted, so that the first of a group is not kept out for ever.
 */
function isNear(
  terms: readonly AffinityTerm[],
  wanted: TopologyCounts,
  node: Node,
  isFirstOfItsKind: () => boolean,
): boolean {
  let allThere = true;
  for (const { topologyKey } of terms) {
    const value = node.metadata.labels?.[topologyKey];
    if (value === undefined) return false;
    if (wanted.get(topologyKey, value) <= 0) allThere = false;
  }
  return allThere || isFirstOfItsKind();
}

/** Whether another pod that came, went or changed its labels may have been in the way, or is what was missing. */
function mayHelp(
  matches: (term: AffinityTerm, pod: Pod) => boolean,
  matchesAll: (terms: readonly AffinityTerm[], pod: Pod) => boolean,
  { pod, affinity = NO_TERMS }: PodInfo,
  before: Pod | undefined,
  after: Pod | undefined,
): boolean {
  const wasWanted = before !== undefined && matchesAll(affinity.required, before);
  const isWanted = after !== undefined && matchesAll(affinity.required, after);
  if (isWanted && !wasWanted) return true;
  // It may have been the last of its kind: then the waiting pod may be the first.
  if (wasWanted && !isWanted && matchesAll(affinity.required, pod)) return true;
  const isInTheWay = (other: Pod) => affinity.requiredAnti.some((term) => matches(term, other));
  if (before && isInTheWay(before) && !(after && isInTheWay(after))) return true;
  // What the other itself does not want near is part of its spec: only its end changes that.
  const refuses = before?.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length;
  return Boolean(refuses) && after === undefined;
}

/** A node came into, or changed, a topology that the pod's terms speak of. */
function topologyChanged({ affinity = NO_TERMS }: PodInfo, before: Node | undefined, after: Node): boolean {
  const keys = [...affinity.required, ...affinity.requiredAnti].map(({ topologyKey }) => topologyKey);
  // It was turned down by the terms of others, and those are not known here.
  if (keys.length === 0) return true;
  const labels = after.metadata.labels ?? {};
  if (!affinity.required.every(({ topologyKey }) => topologyKey in labels)) return false;
  return before === undefined || keys.some((key) => before.metadata.labels?.[key] !== labels[key]);
}
