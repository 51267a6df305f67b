// What pods use: what their containers ask for and may use, while they have not ended. Upstream:
// pkg/quota/v1/evaluator/core/pods.go and DefaultUpdateFilter of pkg/quota/v1/install.

import type { PodAffinityTerm } from '../core/affinity.ts';
import type { Container } from '../core/container.ts';
import type { ContainerStatus } from '../core/container-status.ts';
import type { Pod } from '../core/pod.ts';
import { qosClassOf } from '../core/pod-qos.ts';
import { occupiedResources } from '../core/pod-resources.ts';
import { isExtendedResource, isHugePages, isNativeResource } from '../core/resource-names.ts';
import { deepEqual } from '../deep-equal.ts';
import type { AnyObject } from '../kind.ts';
import type { ResourceList } from '../resource-list.ts';
import { timeToMs } from '../time.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';
import { selectsClass } from './quota-scope.ts';

/** Of every pod that there is, ended or not. */
const COUNT = 'count/pods';
const COMPUTE_RESOURCES = ['cpu', 'memory', 'ephemeral-storage'];
const TRACKED: ReadonlySet<string> = new Set([
  COUNT,
  'pods',
  ...COMPUTE_RESOURCES.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
/** Where these are limited, every container has to say what it wants. Upstream regrets it, and there will be no more. */
const MANDATORY = ['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]);

export const podEvaluator: QuotaEvaluator = {
  tracks: (resource) =>
    TRACKED.has(resource) ||
    isHugePages(resource) ||
    resource.startsWith('requests.hugepages-') ||
    (resource.startsWith('requests.') && !isNativeResource(resource)),
  isCharged({ operation, subresource, object, previous }) {
    if (operation === 'CREATE') return subresource === '';
    if (subresource === 'resize') return true;
    // A deadline can be set later, and the pod is in other scopes then.
    return (
      subresource === '' && previous !== undefined && isTerminating(asPod(object)) !== isTerminating(asPod(previous))
    );
  },
  isInScope(requirement, object) {
    const pod = asPod(object);
    switch (requirement.scopeName) {
      case 'Terminating':
        return isTerminating(pod);
      case 'NotTerminating':
        return !isTerminating(pod);
      case 'BestEffort':
        return qosClassOf(pod.spec) === 'BestEffort';
      case 'NotBestEffort':
        return qosClassOf(pod.spec) !== 'BestEffort';
      case 'PriorityClass':
        return selectsClass(requirement, pod.spec.priorityClassName || undefined);
      case 'CrossNamespacePodAffinity':
        return hasCrossNamespaceAffinity(pod);
      case 'VolumeAttributesClass':
        return false;
      default:
        return requirement.scopeName satisfies never;
    }
  },
  usage(object, nowMs) {
    const pod = asPod(object);
    if (!isUsing(pod, nowMs)) return { [COUNT]: '1' };
    const compute = computeUsage(occupiedResources(pod, 'requests'), occupiedResources(pod, 'limits'));
    return { [COUNT]: '1', pods: '1', ...compute };
  },
  usedUntilMs: (object) => endOf(asPod(object)),
  missing(object, limited) {
    const { containers, initContainers = [] } = asPod(object).spec;
    const mandatory = limited.filter((name) => MANDATORY.includes(name)).toSorted();
    const missing = mandatory.flatMap((name) => {
      const without = [...containers, ...initContainers].filter((container) => !says(container, name));
      const names = [...new Set(without.map((container) => container.name))].toSorted();
      return names.length === 0 ? [] : [`${name} for: ${names.join(',')}`];
    });
    return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`;
  },
  isRecounted(object, previous, nowMs) {
    const [pod, before] = [asPod(object), asPod(previous)];
    if (isUsing(before, nowMs) && !isUsing(pod, nowMs)) return true;
    if (pod.metadata.deletionTimestamp !== before.metadata.deletionTimestamp) return true;
    return isTerminating(pod) !== isTerminating(before) || !deepEqual(heldResources(pod), heldResources(before));
  },
};

function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: Record<string, string> = {};
  for (const [name, amount] of Object.entries(requests)) {
    const isCounted = COMPUTE_RESOURCES.includes(name) || isHugePages(name);
    if (isCounted) usage[name] = amount;
    if (isCounted || isExtendedResource(name)) usage[`requests.${name}`] = amount;
  }
  for (const name of COMPUTE_RESOURCES) if (limits[name] !== undefined) usage[`limits.${name}`] = limits[name];
  return usage;
}

function says({ resources }: Container, name: string): boolean {
  return computeUsage(resources.requests ?? {}, resources.limits ?? {})[name] !== undefined;
}

/** A pod that nobody ends, on a node that is lost, does not keep others from taking its place. */
function isUsing(pod: Pod, nowMs: number): boolean {
  if (pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded') return false;
  const endMs = endOf(pod);
  return endMs === undefined || nowMs <= endMs;
}

function endOf({ metadata }: Pod): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return undefined;
  return timeToMs(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function isTerminating({ spec }: Pod): boolean {
  return spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0;
}

/** What the node says that the containers have; it ends a resize with this. */
function heldResources({ status }: Pod): readonly unknown[] {
  const held = ({ name, resources, allocatedResources }: ContainerStatus) => [name, resources, allocatedResources];
  return [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].map(held);
}

function hasCrossNamespaceAffinity({ spec }: Pod): boolean {
  return [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity].some((affinity) =>
    [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
    ].some(isCrossNamespace),
  );
}

function isCrossNamespace({ namespaces = [], namespaceSelector }: PodAffinityTerm): boolean {
  return namespaces.length > 0 || namespaceSelector !== undefined;
}

function asPod(object: AnyObject): Pod {
  return object as unknown as Pod;
}
