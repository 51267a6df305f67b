// The quality-of-service class of a pod, which decides who is evicted first and where its cgroup is. Upstream:
// pkg/apis/core/helper/qos, and KEP-2837 for resources of a pod as a whole.

import { compareQuantities, quantitySign } from '../quantity.ts';
import type { ResourceRequirements } from './container-resources.ts';
import type { PodSpec } from './pod-spec.ts';
import type { PodQOSClass } from './pod-status.ts';

const COMPUTE_RESOURCES = ['cpu', 'memory'] as const;

/** Ephemeral containers have no resources and do not count. */
export function qosClassOf(spec: Pick<PodSpec, 'containers' | 'initContainers' | 'resources'>): PodQOSClass {
  const all = spec.resources
    ? [spec.resources]
    : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ resources }) => resources);
  if (all.every((resources) => COMPUTE_RESOURCES.every((name) => asksForNothing(resources, name)))) return 'BestEffort';
  const guaranteed = all.every((resources) => COMPUTE_RESOURCES.every((name) => isExact(resources, name)));
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function asksForNothing({ requests, limits }: ResourceRequirements, name: string): boolean {
  return !isPositive(requests?.[name]) && !isPositive(limits?.[name]);
}

/** Requests exceed no limits, so that sums are equal only where each request equals its limit. */
function isExact({ requests, limits }: ResourceRequirements, name: string): boolean {
  const limit = limits?.[name];
  const request = requests?.[name];
  if (limit === undefined || request === undefined || !isPositive(limit)) return false;
  return compareQuantities(request, limit) === 0;
}

function isPositive(quantity: string | undefined): boolean {
  return quantity !== undefined && quantitySign(quantity) > 0;
}
