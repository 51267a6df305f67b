// Topology spread constraints, ready to be held against nodes and pods: those of a pod, or those that all pods get which
// have none of their own. Upstream: plugins/podtopologyspread/common.go and plugins/helper/spread.go.

import { ReplicaSet } from '../api/apps/replica-set.ts';
import { StatefulSet } from '../api/apps/stateful-set.ts';
import type { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import type { TopologySpreadConstraint, UnsatisfiableConstraintAction } from '../api/core/pod-spec.ts';
import { ReplicationController } from '../api/core/replication-controller.ts';
import { Service } from '../api/core/service.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import { isEmptySelector, type LabelMatch, type Labels, labelMatch } from './label-match.ts';
import { matchesRequiredNodeAffinity } from './node-selector.ts';
import type { PodInfo } from './pod-info.ts';
import { untoleratedTaint } from './taints.ts';

export const HOSTNAME_LABEL = 'kubernetes.io/hostname';

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly minDomains: number;
  readonly matches: LabelMatch;
  /** A selector that names nothing at all: it counts no pods. */
  readonly isEmpty: boolean;
  /** Whether the node counts as a place for the pod. */
  admits(node: Node): boolean;
}

/** The pod's own constraints of one kind. */
export function ownConstraints(pod: Pod, action: UnsatisfiableConstraintAction): SpreadConstraint[] {
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => {
      const selected = labelMatch(constraint.labelSelector);
      const keys = (constraint.matchLabelKeys ?? []).filter((key) => pod.metadata.labels?.[key] !== undefined);
      const sameRevision = (labels: Labels = {}) => keys.every((key) => labels[key] === pod.metadata.labels?.[key]);
      const isEmpty = constraint.labelSelector !== undefined && isEmptySelector(constraint.labelSelector);
      return compiled(
        pod,
        constraint,
        (labels) => selected(labels) && sameRevision(labels),
        isEmpty && keys.length === 0,
      );
    });
}

function compiled(
  pod: Pod,
  constraint: TopologySpreadConstraint,
  matches: LabelMatch,
  isEmpty: boolean,
): SpreadConstraint {
  const { maxSkew, topologyKey, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
  return {
    maxSkew,
    topologyKey,
    minDomains,
    matches,
    isEmpty,
    admits: (node) =>
      (nodeAffinityPolicy === 'Ignore' || matchesRequiredNodeAffinity(pod, node)) &&
      (nodeTaintsPolicy !== 'Honor' || untoleratedTaint(node.spec.taints, pod.spec.tolerations) === undefined),
  };
}

/** The pods of a namespace that a constraint counts; those that are going do not count. */
export function countMatching(
  pods: readonly PodInfo[],
  { matches, isEmpty }: SpreadConstraint,
  namespace: string,
): number {
  if (isEmpty) return 0;
  let count = 0;
  for (const { pod } of pods) {
    const { metadata } = pod;
    if (metadata.namespace === namespace && !metadata.deletionTimestamp && matches(metadata.labels)) count++;
  }
  return count;
}

export function hasAllTopologies({ metadata: { labels } }: Node, constraints: readonly SpreadConstraint[]): boolean {
  return constraints.every(({ topologyKey }) => labels?.[topologyKey] !== undefined);
}

/** Gives default constraints to pods, which spread together with those of the same services and the same owner. */
export class DefaultConstraints {
  readonly #constraints: readonly TopologySpreadConstraint[];
  readonly #services;
  readonly #replicationControllers;
  readonly #replicaSets;
  readonly #statefulSets;

  constructor(informers: InformerFactory, constraints: readonly TopologySpreadConstraint[]) {
    this.#constraints = constraints;
    this.#services = informers.informer(Service);
    this.#replicationControllers = informers.informer(ReplicationController);
    this.#replicaSets = informers.informer(ReplicaSet);
    this.#statefulSets = informers.informer(StatefulSet);
  }

  of(pod: Pod, action: UnsatisfiableConstraintAction): SpreadConstraint[] {
    const constraints = this.#constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action);
    if (constraints.length === 0) return [];
    const matches = this.#companions(pod);
    return matches ? constraints.map((constraint) => compiled(pod, constraint, matches, false)) : [];
  }

  /** Which pods belong with this one; undefined when nothing says so. */
  #companions(pod: Pod): LabelMatch | undefined {
    const conditions = this.#serviceSelectors(pod);
    const owner = this.#ownerSelector(pod);
    if (owner) conditions.push(owner);
    return conditions.length === 0 ? undefined : (labels) => conditions.every((matches) => matches(labels));
  }

  #serviceSelectors({ metadata: { namespace, labels } }: Pod): LabelMatch[] {
    const found: LabelMatch[] = [];
    for (const { spec } of this.#services.list(namespace)) {
      if (!spec.selector || Object.keys(spec.selector).length === 0) continue;
      const matches = labelMatch({ matchLabels: spec.selector });
      if (matches(labels)) found.push(matches);
    }
    return found;
  }

  #ownerSelector({ metadata: { namespace, ownerReferences } }: Pod): LabelMatch | undefined {
    const owner = ownerReferences?.find(({ controller }) => controller);
    if (!owner) return undefined;
    const ref = { namespace, name: owner.name };
    switch (`${owner.apiVersion}/${owner.kind}`) {
      case 'v1/ReplicationController': {
        const matchLabels = this.#replicationControllers.get(ref)?.spec.selector;
        return matchLabels && labelMatch({ matchLabels });
      }
      case 'apps/v1/ReplicaSet': {
        const selector = this.#replicaSets.get(ref)?.spec.selector;
        return selector && labelMatch(selector);
      }
      case 'apps/v1/StatefulSet': {
        const selector = this.#statefulSets.get(ref)?.spec.selector;
        return selector && labelMatch(selector);
      }
      default:
        return undefined;
    }
  }
}
