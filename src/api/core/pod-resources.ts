// What the containers of a pod ask for together. Init containers run one after the other, and before the containers;
// sidecars go on beside all that come after them. Upstream: k8s.io/component-helpers/resource.

import { addQuantities, compareQuantities } from '../quantity.ts';
import type { Container } from './container.ts';
import { isSidecar } from './sidecar.ts';

export type ResourceList = Readonly<Record<string, string>>;

/** The sum of the containers, or what initialization needs at its peak, whichever is more. */
export function aggregateContainers(
  spec: { readonly containers: readonly Container[] | null; readonly initContainers?: readonly Container[] },
  which: 'requests' | 'limits',
): ResourceList {
  let running = (spec.containers ?? []).map(({ resources }) => resources[which] ?? {}).reduce(sum, {});
  let sidecars: ResourceList = {};
  let peak: ResourceList = {};
  for (const container of spec.initContainers ?? []) {
    const own = container.resources[which] ?? {};
    if (isSidecar(container)) {
      running = sum(running, own);
      sidecars = sum(sidecars, own);
      peak = most(peak, sidecars);
    } else peak = most(peak, sum(own, sidecars));
  }
  return most(running, peak);
}

function sum(a: ResourceList, b: ResourceList): ResourceList {
  return merge(a, b, addQuantities);
}

function most(a: ResourceList, b: ResourceList): ResourceList {
  return merge(a, b, (left, right) => (compareQuantities(left, right) < 0 ? right : left));
}

function merge(a: ResourceList, b: ResourceList, combine: (a: string, b: string) => string): ResourceList {
  const result = new Map(Object.entries(a)); // Names are the client's: `__proto__` is as good as any.
  for (const [name, quantity] of Object.entries(b)) {
    const other = result.get(name);
    result.set(name, other === undefined ? quantity : combine(other, quantity));
  }
  return Object.fromEntries(result);
}
