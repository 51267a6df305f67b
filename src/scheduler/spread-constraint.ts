// Topology spread constraints, ready to be held against nodes and pods: those of a pod, or those that all pods get which
// have none of their own. Upstream: plugins/podtopologyspread/common.go and plugins/helper/spread.go.

import { ReplicaSet } from '../api/apps/replica-set.ts';
import { StatefulSet } from '../api/apps/stateful-set.ts';
import type { Node } from '../api/core/node.ts';
import { matchesRequiredNodeAffinity } from '../api/core/node-selector.ts';
import type { Pod } from '../api/core/pod.ts';
import type { TopologySpreadConstraint, UnsatisfiableConstraintAction } from '../api/core/pod-spec.ts';
import { ReplicationController } from '../api/core/replication-controller.ts';
import { Service } from '../api/core/service.ts';
import { untoleratedTaint } from '../api/core/taint-tolerance.ts';
import { compileLabelMap, compileLabelSelector, type LabelMatcher, type Labels } from '../api/label-selector.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import type { PodInfo } from './pod-info.ts';

export const HOSTNAME_LABEL = 'kubernetes.io/hostname';

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly minDomains: number;
  readonly matches: LabelMatcher['matches'];
  /** The selector as text: constraints of the same text count the same pods. */
  readonly selection: string;
  /** A selector that asks for nothing in particular: it counts no pods. */
  readonly isEverything: boolean;
  /** Whether the node counts as a place for the pod. */
  admits(node: Node): boolean;
}

/** The pod's own constraints of one kind. */
export function ownConstraints(pod: Pod, action: UnsatisfiableConstraintAction): SpreadConstraint[] {
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => {
      const selector = compileLabelSelector(constraint.labelSelector);
      const keys = (constraint.matchLabelKeys ?? []).filter((key) => pod.metadata.labels?.[key] !== undefined);
      const sameRevision = (labels: Labels = {}) => keys.every((key) => labels[key] === pod.metadata.labels?.[key]);
      return compiled(pod, constraint, {
        matches: (labels) => selector.matches(labels) && sameRevision(labels),
        selection: JSON.stringify([constraint.labelSelector, keys.map((key) => [key, pod.metadata.labels?.[key]])]),
        isEverything: selector.isEverything && keys.length === 0,
      });
    });
}

type Counted = Pick<SpreadConstraint, 'matches' | 'selection' | 'isEverything'>;

function compiled(pod: Pod, constraint: TopologySpreadConstraint, counted: Counted): SpreadConstraint {
  const { maxSkew, topologyKey, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
  return {
    maxSkew,
    topologyKey,
    minDomains,
    ...counted,
    admits: (node) =>
      (nodeAffinityPolicy === 'Ignore' || matchesRequiredNodeAffinity(pod, node)) &&
      (nodeTaintsPolicy !== 'Honor' || untoleratedTaint(node.spec.taints, pod.spec.tolerations) === undefined),
  };
}

/** Selections that are remembered for the pods of one node. */
const MAX_REMEMBERED = 32;

/**
 * Counts the pods of nodes that a constraint is about. Pods of one workload ask the same of every node, one after the
 * other, and each that is placed changes a single node: so counts are remembered for as long as a snapshot has the very
 * same list of a node's pods.
 */
export class PodCounts {
  readonly #counts = new WeakMap<readonly PodInfo[], Map<string, number>>();

  /** The pods of a namespace that the constraint counts; those that are going do not count. */
  count(pods: readonly PodInfo[], constraint: SpreadConstraint, namespace: string): number {
    if (constraint.isEverything || pods.length === 0) return 0;
    const key = `${namespace}/${constraint.selection}`;
    const known = this.#counts.get(pods);
    const before = known?.get(key);
    if (before !== undefined) return before;
    const count = countMatching(pods, constraint, namespace);
    if (!known) this.#counts.set(pods, new Map([[key, count]]));
    else if (known.size < MAX_REMEMBERED) known.set(key, count);
    return count;
  }
}

function countMatching(pods: readonly PodInfo[], { matches }: SpreadConstraint, namespace: string): number {
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
  /** Of services, as they were seen: each is held against every pod of its namespace. */
  readonly #serviceSelectorOf = new WeakMap<Service, Selector>();

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
    const companions = this.#companions(pod);
    return companions ? constraints.map((constraint) => compiled(pod, constraint, companions)) : [];
  }

  /** Which pods belong with this one; undefined when nothing says so. */
  #companions(pod: Pod): Counted | undefined {
    const owner = this.#ownerSelector(pod);
    const selectors = [...this.#serviceSelectors(pod), ...(owner ? [owner] : [])];
    const telling = selectors.filter(({ matcher }) => !matcher.isEverything);
    if (telling.length === 0) return undefined;
    return {
      matches: (labels) => telling.every(({ matcher }) => matcher.matches(labels)),
      selection: telling.map(({ text }) => text).join(' '),
      isEverything: false,
    };
  }

  #serviceSelectors({ metadata: { namespace, labels } }: Pod): Selector[] {
    return this.#services
      .list(namespace)
      .map((service) => {
        const selector = this.#serviceSelectorOf.get(service) ?? selectorOf(compileLabelMap, service.spec.selector);
        this.#serviceSelectorOf.set(service, selector);
        return selector;
      })
      .filter(({ matcher }) => !matcher.isEverything && matcher.matches(labels));
  }

  #ownerSelector({ metadata: { namespace, ownerReferences } }: Pod): Selector | undefined {
    const owner = ownerReferences?.find(({ controller }) => controller);
    if (!owner) return undefined;
    const ref = { namespace, name: owner.name };
    switch (`${owner.apiVersion}/${owner.kind}`) {
      case 'v1/ReplicationController':
        return selectorOf(compileLabelMap, this.#replicationControllers.get(ref)?.spec.selector);
      case 'apps/v1/ReplicaSet':
        return selectorOf(compileLabelSelector, this.#replicaSets.get(ref)?.spec.selector ?? {});
      case 'apps/v1/StatefulSet':
        return selectorOf(compileLabelSelector, this.#statefulSets.get(ref)?.spec.selector ?? {});
      default:
        return undefined;
    }
  }
}

interface Selector {
  readonly matcher: LabelMatcher;
  readonly text: string;
}

function selectorOf<S>(compile: (selector: S) => LabelMatcher, selector: S): Selector {
  return { matcher: compile(selector), text: JSON.stringify(selector ?? null) };
}
