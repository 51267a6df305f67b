// InterPodAffinity: pods that want to be near others, or not, by topology (the value of a node label). Required terms
// filter, in both directions for anti-affinity; preferred terms score, in both directions for both.

import { Namespace } from '../../api/core/namespace.ts';
import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Labels } from '../../api/label-selector.ts';
import type { Lister } from '../../client/object-cache.ts';
import { type AffinityTerm, termMatches } from '../affinity-term.ts';
import { type Handle, MAX_NODE_SCORE, type Plugin, type StateKey, type Status } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';
import { TopologyCounts } from '../topology-counts.ts';

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
  const options = (args ?? {}) as InterPodAffinityArgs;
  const matcher = new TermMatcher(handle.informers.informer(Namespace));
  return {
    name: NAME,
    events: () => [
      {
        resources: ['AssignedPod'],
        actions: ['Add', 'Delete', 'UpdatePodLabel'],
        hint: (info, before, after) => mayHelp(matcher, info, before as Pod | undefined, after as Pod | undefined),
      },
      { resources: ['TargetPod'], actions: ['UpdatePodLabel'] },
      {
        resources: ['Node'],
        actions: ['Add', 'UpdateNodeLabel'],
        hint: (info, before, after) => topologyChanged(info, before as Node | undefined, after as Node),
      },
    ],

    preFilter(state, info, nodes) {
      const { required, requiredAnti } = info.affinity ?? NO_TERMS;
      const wishes: Wishes = {
        namespaceLabels: matcher.labelsOf(info.pod.metadata.namespace),
        existingAnti: new TopologyCounts(),
        wanted: new TopologyCounts(),
        unwanted: new TopologyCounts(),
      };
      if (required.length + requiredAnti.length > 0) {
        for (const { node, pods } of nodes) for (const other of pods) count(matcher, wishes, info, other, node, 1);
      } else {
        for (const { node, podsWithRequiredAntiAffinity } of handle.snapshot().nodesWithRequiredAntiAffinity) {
          for (const other of podsWithRequiredAntiAffinity) count(matcher, wishes, info, other, node, 1);
        }
        if (wishes.existingAnti.isEmpty) return SKIP;
      }
      state.write(WISHES, wishes);
      return undefined;
    },
    addPod: (state, info, added, { node }) => count(matcher, state.read(WISHES), info, added, node, 1),
    removePod: (state, info, removed, { node }) => count(matcher, state.read(WISHES), info, removed, node, -1),
    filter: (state, info, { node }) => check(matcher, state.read(WISHES), info, node),

    preScore(state, info) {
      const { preferred, preferredAnti } = info.affinity ?? NO_TERMS;
      const prefers = preferred.length + preferredAnti.length > 0;
      if (!prefers && options.ignorePreferredTermsOfExistingPods) return SKIP;
      const { nodes, nodesWithAffinity } = handle.snapshot();
      const scores = new TopologyCounts();
      const weight = options.hardPodAffinityWeight ?? 1;
      for (const { node, pods, podsWithAffinity } of prefers ? nodes : nodesWithAffinity) {
        for (const other of prefers ? pods : podsWithAffinity) prefer(matcher, scores, info, other, node, weight);
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

/** Holds terms against pods, with the labels of the pods' namespaces where a term asks for them. */
class TermMatcher {
  readonly #namespaces: Lister<Namespace>;

  constructor(namespaces: Lister<Namespace>) {
    this.#namespaces = namespaces;
  }

  labelsOf(namespace: string): Labels | undefined {
    return this.#namespaces.get({ name: namespace })?.metadata.labels;
  }

  matches(term: AffinityTerm, pod: Pod): boolean {
    return termMatches(term, pod, term.hasNamespaceSelector ? this.labelsOf(pod.metadata.namespace) : undefined);
  }

  /** False where there are no terms. */
  matchesAll(terms: readonly AffinityTerm[], pod: Pod): boolean {
    return terms.length > 0 && terms.every((term) => this.matches(term, pod));
  }
}

/** Counts what a pod on the node means for the required terms: its own, and those of the pod that comes. */
function count(
  matcher: TermMatcher,
  wishes: Wishes,
  { pod, affinity = NO_TERMS }: PodInfo,
  other: PodInfo,
  node: Node,
  amount: number,
): void {
  for (const term of other.affinity?.requiredAnti ?? []) {
    if (termMatches(term, pod, wishes.namespaceLabels)) wishes.existingAnti.add(term.topologyKey, node, amount);
  }
  if (matcher.matchesAll(affinity.required, other.pod)) {
    for (const { topologyKey } of affinity.required) wishes.wanted.add(topologyKey, node, amount);
  }
  for (const term of affinity.requiredAnti) {
    if (matcher.matches(term, other.pod)) wishes.unwanted.add(term.topologyKey, node, amount);
  }
}

function check(
  matcher: TermMatcher,
  { wanted, unwanted, existingAnti }: Wishes,
  { pod, affinity = NO_TERMS }: PodInfo,
  node: Node,
): Status | undefined {
  const isFirstOfItsKind = () => wanted.isEmpty && matcher.matchesAll(affinity.required, pod);
  if (!isNear(affinity.required, wanted, node, isFirstOfItsKind)) return AFFINITY;
  const labels = node.metadata.labels ?? {};
  const isUnwanted = ({ topologyKey }: AffinityTerm) => unwanted.get(topologyKey, labels[topologyKey] ?? '') > 0;
  if (affinity.requiredAnti.some(isUnwanted)) return ANTI_AFFINITY;
  return existingAnti.touches(node) ? EXISTING_ANTI_AFFINITY : undefined;
}

/** Adds up what a pod on the node means for the preferred terms, its own and those of the pod that comes. */
function prefer(
  matcher: TermMatcher,
  scores: TopologyCounts,
  { pod, affinity = NO_TERMS }: PodInfo,
  other: PodInfo,
  node: Node,
  hardPodAffinityWeight: number,
): void {
  const add = (term: AffinityTerm, weight: number) => scores.add(term.topologyKey, node, weight);
  for (const term of affinity.preferred) if (matcher.matches(term, other.pod)) add(term, term.weight);
  for (const term of affinity.preferredAnti) if (matcher.matches(term, other.pod)) add(term, -term.weight);
  if (!other.affinity) return;
  const wantsIt = (term: AffinityTerm) => matcher.matches(term, pod);
  for (const term of other.affinity.required) if (wantsIt(term)) add(term, hardPodAffinityWeight);
  for (const term of other.affinity.preferred) if (wantsIt(term)) add(term, term.weight);
  for (const term of other.affinity.preferredAnti) if (wantsIt(term)) add(term, -term.weight);
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
  matcher: TermMatcher,
  { pod, affinity = NO_TERMS }: PodInfo,
  before: Pod | undefined,
  after: Pod | undefined,
): boolean {
  const wasWanted = before !== undefined && matcher.matchesAll(affinity.required, before);
  const isWanted = after !== undefined && matcher.matchesAll(affinity.required, after);
  if (isWanted && !wasWanted) return true;
  // It may have been the last of its kind: then the waiting pod may be the first.
  if (wasWanted && !isWanted && matcher.matchesAll(affinity.required, pod)) return true;
  const isInTheWay = (other: Pod) => affinity.requiredAnti.some((term) => matcher.matches(term, other));
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
