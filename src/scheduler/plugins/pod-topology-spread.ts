// PodTopologySpread: keeps the numbers of like pods in the topologies (values of a node label) close to each other.
// Constraints that must hold filter, those that should hold score.

import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { TopologySpreadConstraint } from '../../api/core/pod-spec.ts';
import { type Handle, MAX_NODE_SCORE, type Plugin, type StateKey, type Status } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import {
  DefaultConstraints,
  HOSTNAME_LABEL,
  hasAllTopologies,
  ownConstraints,
  PodCounts,
  type SpreadConstraint,
} from '../spread-constraint.ts';

const NAME = 'PodTopologySpread';

export interface PodTopologySpreadArgs {
  /** For pods without constraints; `defaultingType` must then be `List`. They have no selector. */
  readonly defaultConstraints?: readonly TopologySpreadConstraint[];
  readonly defaultingType?: 'System' | 'List';
}

const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { maxSkew: 3, topologyKey: HOSTNAME_LABEL, whenUnsatisfiable: 'ScheduleAnyway' },
  { maxSkew: 5, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
];

const MISSING_LABEL: Status = {
  code: 'UnschedulableAndUnresolvable',
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  plugin: NAME,
};
const TOO_SKEWED: Status = {
  code: 'Unschedulable',
  reasons: ["node(s) didn't match pod topology spread constraints"],
  plugin: NAME,
};
const SKIP: Status = { code: 'Skip', reasons: [], plugin: NAME };

interface Counted {
  readonly constraint: SpreadConstraint;
  /** Matching pods by topology value; also of topologies that have none. */
  readonly counts: Map<string, number>;
  /** Whether the pod that comes counts too. */
  readonly countsItself: boolean;
  /** The least of the counts; undefined: has to be worked out. */
  least: number | undefined;
}
const REQUIRED: StateKey<readonly Counted[]> = {
  name: `${NAME} required`,
  copy: (all) => all.map((counted) => ({ ...counted, counts: new Map(counted.counts) })),
};

interface Preferred {
  readonly constraint: SpreadConstraint;
  /** By topology value; of one node each, it is counted when the node is scored. */
  readonly counts: ReadonlyMap<string, number> | 'per node';
  /** Topologies that are many weigh more, so that a constraint on hosts is not drowned by one on zones. */
  readonly weight: number;
}
interface Preferences {
  readonly preferred: readonly Preferred[];
  /** Nodes without all of the labels: they score nothing. */
  readonly ignored: ReadonlySet<string>;
}
const PREFERRED: StateKey<Preferences> = { name: `${NAME} preferred` };

export function podTopologySpread(handle: Handle, args: unknown): Plugin {
  const { defaultConstraints = [], defaultingType = 'System' } = (args ?? {}) as PodTopologySpreadArgs;
  const isSystem = defaultingType === 'System';
  const defaults = new DefaultConstraints(handle.informers, isSystem ? SYSTEM_DEFAULTS : defaultConstraints);
  const hasOwn = (pod: Pod) => (pod.spec.topologySpreadConstraints?.length ?? 0) > 0;
  const constraintsOf = (pod: Pod, action: 'DoNotSchedule' | 'ScheduleAnyway') =>
    hasOwn(pod) ? ownConstraints(pod, action) : defaults.of(pod, action);
  const required = (pod: Pod) => constraintsOf(pod, 'DoNotSchedule');
  const podCounts = new PodCounts();

  return {
    name: NAME,
    events: () => [
      {
        resources: ['AssignedPod'],
        actions: ['Add', 'Delete', 'UpdatePodLabel'],
        hint: ({ pod }, before, after) =>
          countChanged(required(pod), pod, before as Pod | undefined, after as Pod | undefined),
      },
      { resources: ['TargetPod'], actions: ['UpdatePodLabel'] },
      {
        resources: ['Node'],
        actions: ['Add', 'Delete', 'UpdateNodeLabel', 'UpdateNodeTaint'],
        hint: ({ pod }, before, after) =>
          topologyChanged(required(pod), before as Node | undefined, after as Node | undefined),
      },
    ],

    preFilter(state, { pod }, nodes) {
      const constraints = required(pod);
      if (constraints.length === 0) return SKIP;
      state.write(REQUIRED, countRequired(podCounts, constraints, pod, nodes));
      return undefined;
    },
    addPod: (state, { pod }, added, { node }) => update(state.read(REQUIRED), pod, added, node, 1),
    removePod: (state, { pod }, removed, { node }) => update(state.read(REQUIRED), pod, removed, node, -1),
    filter(state, _info, { node }) {
      for (const counted of state.read(REQUIRED)) {
        const { constraint, counts, countsItself } = counted;
        const value = node.metadata.labels?.[constraint.topologyKey];
        if (value === undefined) return MISSING_LABEL;
        const count = (counts.get(value) ?? 0) + (countsItself ? 1 : 0);
        if (count - leastOf(counted) > constraint.maxSkew) return TOO_SKEWED;
      }
      return undefined;
    },

    preScore(state, { pod }, feasible) {
      const constraints = constraintsOf(pod, 'ScheduleAnyway');
      if (constraints.length === 0) return SKIP;
      // The system's own defaults spread over hosts also where nodes have no zones.
      const requireAll = hasOwn(pod) || !isSystem;
      const { nodes } = handle.snapshot();
      state.write(PREFERRED, countPreferred(podCounts, constraints, pod, feasible, nodes, requireAll));
      return undefined;
    },
    score: (state, { pod }, node) => scoreNode(podCounts, state.read(PREFERRED), pod, node),
    normalizeScores: (state, _info, scores, nodes) => normalize(state.read(PREFERRED), scores, nodes),
  };
}

function countRequired(
  podCounts: PodCounts,
  constraints: readonly SpreadConstraint[],
  pod: Pod,
  nodes: readonly NodeInfo[],
): Counted[] {
  const all = constraints.map((constraint) => ({
    constraint,
    counts: new Map<string, number>(),
    countsItself: constraint.matches(pod.metadata.labels),
    least: undefined,
  }));
  for (const { node, pods } of nodes) {
    if (!hasAllTopologies(node, constraints)) continue;
    for (const { constraint, counts } of all) {
      if (!constraint.admits(node)) continue;
      const value = node.metadata.labels?.[constraint.topologyKey] ?? '';
      counts.set(value, (counts.get(value) ?? 0) + podCounts.count(pods, constraint, pod.metadata.namespace));
    }
  }
  return all;
}

/** The least count of all topologies; 0 when there are fewer of them than there have to be. */
function leastOf(counted: Counted): number {
  const { counts, constraint } = counted;
  if (counts.size < constraint.minDomains) return 0;
  if (counted.least === undefined) {
    counted.least = Number.MAX_SAFE_INTEGER;
    for (const count of counts.values()) if (count < counted.least) counted.least = count;
  }
  return counted.least;
}

/** A pod is imagined on the node, or away from it. */
function update(all: readonly Counted[], pod: Pod, { pod: other }: PodInfo, node: Node, amount: number): void {
  if (other.metadata.namespace !== pod.metadata.namespace) return;
  const constraints = all.map(({ constraint }) => constraint);
  if (!hasAllTopologies(node, constraints)) return;
  for (const counted of all) {
    const { constraint, counts } = counted;
    if (!constraint.matches(other.metadata.labels) || !constraint.admits(node)) continue;
    const value = node.metadata.labels?.[constraint.topologyKey] ?? '';
    counts.set(value, (counts.get(value) ?? 0) + amount);
    counted.least = undefined;
  }
}

function countPreferred(
  podCounts: PodCounts,
  constraints: readonly SpreadConstraint[],
  pod: Pod,
  feasible: readonly NodeInfo[],
  nodes: readonly NodeInfo[],
  requireAll: boolean,
): Preferences {
  const ignored = new Set<string>();
  if (requireAll) {
    for (const { name, node } of feasible) if (!hasAllTopologies(node, constraints)) ignored.add(name);
  }
  const preferred = constraints.map((constraint): Preferred => {
    const { topologyKey } = constraint;
    if (topologyKey === HOSTNAME_LABEL) {
      return { constraint, counts: 'per node', weight: Math.log(feasible.length - ignored.size + 2) };
    }
    const counts = new Map<string, number>();
    for (const { name, node } of feasible) {
      const value = node.metadata.labels?.[topologyKey];
      if (value !== undefined && !ignored.has(name)) counts.set(value, 0);
    }
    if (counts.size > 0) countInto(podCounts, counts, constraint, constraints, pod, nodes, requireAll);
    return { constraint, counts, weight: Math.log(counts.size + 2) };
  });
  return { preferred, ignored };
}

/** Only topologies of nodes that can be chosen are of interest, but in them all nodes count. */
function countInto(
  podCounts: PodCounts,
  counts: Map<string, number>,
  constraint: SpreadConstraint,
  constraints: readonly SpreadConstraint[],
  pod: Pod,
  nodes: readonly NodeInfo[],
  requireAll: boolean,
): void {
  for (const { node, pods } of nodes) {
    const value = node.metadata.labels?.[constraint.topologyKey];
    const before = value === undefined ? undefined : counts.get(value);
    if (value === undefined || before === undefined) continue;
    if ((requireAll && !hasAllTopologies(node, constraints)) || !constraint.admits(node)) continue;
    counts.set(value, before + podCounts.count(pods, constraint, pod.metadata.namespace));
  }
}

function scoreNode(
  podCounts: PodCounts,
  { preferred, ignored }: Preferences,
  pod: Pod,
  { name, node, pods }: NodeInfo,
): number {
  if (ignored.has(name)) return 0;
  let score = 0;
  for (const { constraint, counts, weight } of preferred) {
    const value = node.metadata.labels?.[constraint.topologyKey];
    if (value === undefined) continue;
    const perNode = counts === 'per node';
    const count = perNode ? podCounts.count(pods, constraint, pod.metadata.namespace) : (counts.get(value) ?? 0);
    score += count * weight + (constraint.maxSkew - 1);
  }
  return Math.round(score);
}

/** The fewer pods, the better. */
function normalize({ ignored }: Preferences, scores: number[], nodes: readonly NodeInfo[]): void {
  let least = Number.MAX_SAFE_INTEGER;
  let most = 0;
  const isIgnored = (i: number) => ignored.has(nodes[i]?.name ?? '');
  for (const [i, score] of scores.entries()) {
    if (isIgnored(i)) continue;
    least = Math.min(least, score);
    most = Math.max(most, score);
  }
  for (const [i, score] of scores.entries()) {
    if (isIgnored(i)) scores[i] = 0;
    else scores[i] = most === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (most + least - score)) / most);
  }
}

/** Another pod came, went or changed its labels, and counts for one of the constraints, before or after but not both. */
function countChanged(
  constraints: readonly SpreadConstraint[],
  pod: Pod,
  before: Pod | undefined,
  after: Pod | undefined,
): boolean {
  if ((after ?? before)?.metadata.namespace !== pod.metadata.namespace) return false;
  const counts = (matches: SpreadConstraint['matches'], other: Pod | undefined) =>
    other !== undefined && matches(other.metadata.labels);
  return constraints.some(({ matches }) => counts(matches, before) !== counts(matches, after));
}

/** A node with all of the labels came or went, or changed what a constraint asks of it. */
function topologyChanged(
  constraints: readonly SpreadConstraint[],
  before: Node | undefined,
  after: Node | undefined,
): boolean {
  const countsBefore = before !== undefined && hasAllTopologies(before, constraints);
  const countsAfter = after !== undefined && hasAllTopologies(after, constraints);
  if (!countsBefore || !countsAfter) return countsBefore !== countsAfter;
  return constraints.some(
    ({ topologyKey, admits }) =>
      before.metadata.labels?.[topologyKey] !== after.metadata.labels?.[topologyKey] ||
      admits(before) !== admits(after),
  );
}
