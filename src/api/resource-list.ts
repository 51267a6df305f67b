// Amounts of resources by their names, as containers ask for them and quotas limit them. Lists are never changed in
// place. Upstream: k8s.io/apiserver/pkg/quota/v1/resources.go.

import { addQuantities, compareQuantities, quantitySign, subtractQuantities } from './quantity.ts';

export type ResourceList = Readonly<Record<string, string>>;

export function addResources(a: ResourceList, b: ResourceList): ResourceList {
  return merge(a, b, addQuantities);
}

/** Of each resource the larger amount. */
export function mostResources(a: ResourceList, b: ResourceList): ResourceList {
  return merge(a, b, (left, right) => (compareQuantities(left, right) < 0 ? right : left));
}

/** What is left of the first without the second: of each resource of either, nothing rather than less than nothing. */
export function remainingResources(a: ResourceList, b: ResourceList): ResourceList {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  const rests = [...names].map((name) => {
    const rest = subtractQuantities(a[name] ?? '0', b[name] ?? '0');
    return [name, quantitySign(rest) > 0 ? rest : '0'];
  });
  return Object.fromEntries(rests);
}

export function pickResources(
  list: ResourceList,
  isPicked: (name: string, quantity: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(list).filter(([name, quantity]) => isPicked(name, quantity)));
}

/** Whether both have the same resources in the same amounts, however they are written. */
export function sameResources(a: ResourceList = {}, b: ResourceList = {}): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => b[name] !== undefined && compareQuantities(a[name] ?? '0', b[name]) === 0);
}

/** `cpu=1,memory=2Gi`, in the order of the names. */
export function formatResources(list: ResourceList): string {
  return Object.keys(list)
    .toSorted()
    .map((name) => `${name}=${list[name]}`)
    .join(',');
}

function merge(a: ResourceList, b: ResourceList, combine: (a: string, b: string) => string): ResourceList {
  const result = new Map(Object.entries(a)); // Names are the client's: `__proto__` is as good as any.
  for (const [name, quantity] of Object.entries(b)) {
    const other = result.get(name);
    result.set(name, other === undefined ? quantity : combine(other, quantity));
  }
  return Object.fromEntries(result);
}
