// What creators and updaters of pods do not decide: the status, what each subresource may touch, and how long a deleted
// pod has to end. Upstream: pkg/registry/core/pod/strategy.go.

import { restoreMetadata } from '../metadata-restore.ts';
import type { Draft } from '../schema.ts';
import type { PodAffinityTerm } from './affinity.ts';
import { adoptAppArmorAnnotations } from './app-armor-annotations.ts';
import type { Container } from './container.ts';
import type { Pod } from './pod.ts';
import { qosClassOf } from './pod-qos.ts';
import type { TopologySpreadConstraint } from './pod-spec.ts';

export function preparePodForCreate(pod: Draft<Pod>, warn?: (text: string) => void): void {
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec) };
  if (pod.spec.schedulingGates?.length) {
    pod.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        lastTransitionTime: pod.metadata.creationTimestamp,
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
  }
  resolveLabelKeys(pod);
  adoptAppArmorAnnotations(pod, warn);
}

/** What an older node agent leaves out of the status stays as it was, and so do owners, which it would corrupt. */
export function preparePodForStatusUpdate(pod: Draft<Pod>, previous: Pod): void {
  restoreMetadata(pod.metadata, previous.metadata, ['deletionTimestamp', 'ownerReferences']);
  const { qosClass, observedGeneration, conditions } = previous.status;
  if (qosClass) pod.status.qosClass ||= qosClass;
  if (observedGeneration) pod.status.observedGeneration ||= observedGeneration;
  const unmatched = [...(conditions ?? [])];
  for (const condition of pod.status.conditions ?? []) {
    const index = unmatched.findIndex(({ type }) => type === condition.type);
    const before = index < 0 ? undefined : unmatched.splice(index, 1)[0];
    if (before?.observedGeneration) condition.observedGeneration ||= before.observedGeneration;
  }
}

/** pods/ephemeralcontainers changes the list of ephemeral containers and nothing else. */
export function prepareEphemeralContainers(pod: Draft<Pod>, previous: Pod): void {
  const { ephemeralContainers } = pod.spec;
  restorePod(pod, previous);
  pod.spec = { ...pod.spec };
  if (ephemeralContainers === undefined) delete pod.spec.ephemeralContainers;
  else pod.spec.ephemeralContainers = ephemeralContainers;
}

/**
 * pods/resize changes resources and resize policies. A request that adds, removes, renames or reorders containers is
 * left as it is, for validation to refuse.
 */
export function prepareResize(pod: Draft<Pod>, previous: Pod): void {
  const { containers, initContainers = [], resources } = pod.spec;
  if (!sameNames(containers, previous.spec.containers)) return;
  if (!sameNames(initContainers, previous.spec.initContainers ?? [])) return;
  restorePod(pod, previous);
  pod.spec = { ...pod.spec, containers: withResourcesOf(previous.spec.containers, containers) };
  if (previous.spec.initContainers) {
    pod.spec.initContainers = withResourcesOf(previous.spec.initContainers, initContainers);
  }
  if (resources === undefined) delete pod.spec.resources;
  else pod.spec.resources = resources;
}

/** A pod that nothing runs of, or not any more, goes at once. */
export function podGracePeriodSeconds(pod: Pod, requested: number | undefined): number {
  if (!pod.spec.nodeName) return 0;
  if (pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded') return 0;
  const period = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return period < 0 ? 1 : period;
}

function restorePod(pod: Draft<Pod>, previous: Pod): void {
  // The parts that are put back are shared with the stored object: nobody changes them after preparation.
  pod.spec = previous.spec as Draft<Pod>['spec'];
  pod.status = previous.status as Draft<Pod>['status'];
  restoreMetadata(pod.metadata, previous.metadata);
}

function sameNames(containers: readonly Pick<Container, 'name'>[], others: readonly Pick<Container, 'name'>[]) {
  return containers.length === others.length && containers.every(({ name }, index) => name === others[index]?.name);
}

function withResourcesOf(previous: readonly Container[], containers: Draft<Container>[]): Draft<Container>[] {
  return previous.map((container, index) => {
    const merged = { ...container } as Draft<Container>;
    const { resources, resizePolicy } = containers[index] ?? merged;
    merged.resources = resources;
    if (resizePolicy === undefined) delete merged.resizePolicy;
    else merged.resizePolicy = resizePolicy;
    return merged;
  });
}

/**
 * `matchLabelKeys` stands for "the same value as this pod's": written out in the selector, so that the scheduler needs
 * no labels but those of the others. Upstream: KEP-3633 and KEP-3243.
 */
function resolveLabelKeys(pod: Draft<Pod>): void {
  const { affinity, topologySpreadConstraints } = pod.spec;
  for (const affinities of [affinity?.podAffinity, affinity?.podAntiAffinity]) {
    const terms = [
      ...(affinities?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinities?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
    ];
    for (const term of terms) {
      selectOwnValues(term, term.matchLabelKeys, 'In', pod.metadata.labels);
      selectOwnValues(term, term.mismatchLabelKeys, 'NotIn', pod.metadata.labels);
    }
  }
  for (const constraint of topologySpreadConstraints ?? []) {
    selectOwnValues(constraint, constraint.matchLabelKeys, 'In', pod.metadata.labels);
  }
}

function selectOwnValues(
  term: Pick<Draft<PodAffinityTerm | TopologySpreadConstraint>, 'labelSelector'>,
  keys: readonly string[] | undefined,
  operator: 'In' | 'NotIn',
  labels: Readonly<Record<string, string>> | undefined,
): void {
  if (!term.labelSelector) return; // Without a selector a term matches nothing, and goes on doing so.
  for (const key of keys ?? []) {
    const value = labels?.[key];
    if (value === undefined) continue;
    term.labelSelector.matchExpressions = [
      ...(term.labelSelector.matchExpressions ?? []),
      { key, operator, values: [value] },
    ];
  }
}
