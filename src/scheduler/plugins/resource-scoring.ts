// How full nodes would be with the pod on them, resource by resource: what the scores of NodeResourcesFit and
// NodeResourcesBalancedAllocation start from.

import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { amountOf } from '../pod-resources.ts';

export interface WeightedResource {
  readonly name: string;
  readonly weight?: number;
}

export const CPU_AND_MEMORY: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** `with defaults`: containers that ask for no CPU or memory count as if they asked for a little. */
export type Basis = 'requested' | 'with defaults';

export function podAmount({ requests, nonZeroRequests }: PodInfo, resource: string, basis: Basis): number {
  if (basis === 'with defaults') {
    if (resource === 'cpu') return nonZeroRequests.milliCpu;
    if (resource === 'memory') return nonZeroRequests.memory;
  }
  return amountOf(requests, resource);
}

/** What the node's pods take together, without the one that is looked at. */
export function usedAmount(node: NodeInfo, resource: string, basis: Basis): number {
  const { requested, nonZeroRequested } = node;
  switch (resource) {
    case 'cpu':
      return basis === 'requested' ? requested.milliCpu : nonZeroRequested.milliCpu;
    case 'memory':
      return basis === 'requested' ? requested.memory : nonZeroRequested.memory;
    default:
      return amountOf(requested, resource);
  }
}

/** The node's capacity; 0 leaves the resource out, also when it is a special one and the pod does not want it. */
export function capacityFor(node: NodeInfo, resource: string, amount: number): number {
  const isCommon = resource === 'cpu' || resource === 'memory' || resource === 'ephemeral-storage';
  return amount === 0 && !isCommon ? 0 : amountOf(node.allocatable, resource);
}
