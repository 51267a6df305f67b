// Whether the node has room for a pod besides those that it has let in: by what they have been given, not by what they
// use. Upstream: Fits in pkg/scheduler/framework/plugins/noderesources, as the node's admission asks it.

import type { Pod } from '../../api/core/pod.ts';
import { specifiedResources } from '../../api/core/pod-resources.ts';
import { isExtendedResource } from '../../api/core/resource-names.ts';
import { quantityMilliValue, quantityValue } from '../../api/quantity.ts';
import { addResources, type ResourceList } from '../../api/resource-list.ts';

/** There is not enough of a resource: CPU in thousandths, everything else in its own unit. */
export interface Shortage {
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

/** Everything that the node lacks, in upstream's order: the number of pods, then its own resources, then the others. */
export function shortagesFor(pod: Pod, others: readonly Pod[], allocatable: ResourceList): readonly Shortage[] {
  const shortages: Shortage[] = [];
  const check = (resource: string, requested: number, used: number) => {
    const capacity = amountOf(resource, allocatable[resource]);
    if (requested > capacity - used) shortages.push({ resource, requested, used, capacity });
  };
  check('pods', 1, others.length);
  const requests = requestsOf(pod);
  const taken = others.map(requestsOf);
  for (const resource of inOrder(Object.keys(requests))) {
    const requested = amountOf(resource, requests[resource]);
    // What no node has is not the node's to count: the scheduler does, or a driver.
    if (requested === 0 || (isExtendedResource(resource) && allocatable[resource] === undefined)) continue;
    const used = taken.reduce((total, list) => total + amountOf(resource, list[resource]), 0);
    check(resource, requested, used);
  }
  return shortages;
}

/** How much of a resource a pod has been given, its overhead included. */
export function requestOf(pod: Pod, resource: string): number {
  return amountOf(resource, requestsOf(pod)[resource]);
}

function requestsOf({ spec }: Pod): ResourceList {
  return addResources(specifiedResources(spec, 'requests'), spec.overhead ?? {});
}

function amountOf(resource: string, quantity: string | undefined): number {
  if (quantity === undefined) return 0;
  return resource === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity);
}

const FIRST = ['cpu', 'memory', 'ephemeral-storage'];

function inOrder(resources: readonly string[]): readonly string[] {
  const named = FIRST.filter((name) => resources.includes(name));
  return [...named, ...resources.filter((name) => !FIRST.includes(name)).sort()];
}
