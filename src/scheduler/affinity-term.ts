// The pod affinity and anti-affinity of a pod, ready to be held against other pods. Upstream: framework.AffinityTerm.

import type { PodAffinityTerm, WeightedPodAffinityTerm } from '../api/core/affinity.ts';
import type { Pod } from '../api/core/pod.ts';
import { compileLabelSelector, type LabelMatcher, type Labels } from '../api/label-selector.ts';

export interface AffinityTerm {
  readonly topologyKey: string;
  readonly namespaces: ReadonlySet<string>;
  /** Of namespaces' labels, besides those named. */
  readonly namespaceSelector: LabelMatcher;
  /** Whether the namespaces' labels have to be known. */
  readonly hasNamespaceSelector: boolean;
  readonly selector: LabelMatcher;
}

export interface WeightedAffinityTerm extends AffinityTerm {
  readonly weight: number;
}

export interface AffinityTerms {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly WeightedAffinityTerm[];
  readonly preferredAnti: readonly WeightedAffinityTerm[];
}

/** Undefined for the many pods that have neither. */
export function affinityTermsOf(pod: Pod): AffinityTerms | undefined {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return undefined;
  const terms = (list: readonly PodAffinityTerm[] | undefined) => (list ?? []).map((term) => termOf(pod, term));
  const weighted = (list: readonly WeightedPodAffinityTerm[] | undefined) =>
    (list ?? []).map(({ weight, podAffinityTerm }) => ({ ...termOf(pod, podAffinityTerm), weight }));
  return {
    required: terms(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAnti: terms(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAnti: weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  };
}

/** Whether the term means the pod. `namespaceLabels` are those of the pod's namespace. */
export function termMatches(term: AffinityTerm, pod: Pod, namespaceLabels: Labels | undefined): boolean {
  const isNamespace = term.namespaces.has(pod.metadata.namespace) || term.namespaceSelector.matches(namespaceLabels);
  return isNamespace && term.selector.matches(pod.metadata.labels);
}

function termOf(
  pod: Pod,
  { namespaces, namespaceSelector, labelSelector, topologyKey }: PodAffinityTerm,
): AffinityTerm {
  // Without any word on namespaces the pod's own is meant.
  const ownOnly = !namespaces?.length && !namespaceSelector;
  return {
    topologyKey,
    namespaces: new Set(ownOnly ? [pod.metadata.namespace] : namespaces),
    namespaceSelector: compileLabelSelector(namespaceSelector),
    hasNamespaceSelector: namespaceSelector !== undefined,
    selector: compileLabelSelector(labelSelector),
  };
}
