// NodeResourcesBalancedAllocation: prefers nodes that the pod leaves used evenly, so that no node has one resource left
// over for lack of another.

import { type Handle, MAX_NODE_SCORE, type Plugin, type StateKey } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';
import { CPU_AND_MEMORY, capacityFor, podAmount, usedAmount, type WeightedResource } from './resource-scoring.ts';

const NAME = 'NodeResourcesBalancedAllocation';

export interface BalancedAllocationArgs {
  readonly resources?: readonly WeightedResource[];
}

/** What the pod asks for, in the order of the resources. */
const AMOUNTS: StateKey<readonly number[]> = { name: `${NAME} amounts` };

export function nodeResourcesBalancedAllocation(_handle: Handle, args: unknown): Plugin {
  const { resources = CPU_AND_MEMORY } = (args ?? {}) as BalancedAllocationArgs;
  return {
    name: NAME,
    preScore(state, pod) {
      const amounts = resources.map(({ name }) => podAmount(pod, name, 'requested'));
      // A pod that asks for nothing changes no balance: were it scored, all such pods would go to one node.
      if (amounts.every((amount) => amount === 0)) return { code: 'Skip', reasons: [], plugin: NAME };
      state.write(AMOUNTS, amounts);
      return undefined;
    },
    score: (state, _pod, node) => balance(resources, state.read(AMOUNTS), node),
  };
}

/** 100 when all fractions are the same, less by their standard deviation. */
function balance(resources: readonly WeightedResource[], amounts: readonly number[], node: NodeInfo): number {
  const fractions: number[] = [];
  for (let i = 0; i < resources.length; i++) {
    const name = resources[i]?.name ?? '';
    const amount = amounts[i] ?? 0;
    const capacity = capacityFor(node, name, amount);
    if (capacity > 0) fractions.push(Math.min(1, (usedAmount(node, name, 'requested') + amount) / capacity));
  }
  return Math.trunc((1 - standardDeviation(fractions)) * MAX_NODE_SCORE);
}

function standardDeviation(fractions: readonly number[]): number {
  const [first, second] = fractions;
  if (first === undefined || second === undefined) return 0;
  if (fractions.length === 2) return Math.abs((first - second) / 2);
  let total = 0;
  for (const fraction of fractions) total += fraction;
  const mean = total / fractions.length;
  let squares = 0;
  for (const fraction of fractions) squares += (fraction - mean) ** 2;
  return Math.sqrt(squares / fractions.length);
}
