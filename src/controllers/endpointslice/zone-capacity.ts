// What share of the cluster's CPU is in which zone, by which traffic is spread over zones. Pure. Upstream: SetNodes in
// staging/src/k8s.io/endpointslice/topologycache.

import type { Node } from '../../api/core/node.ts';
import { quantityMilliValue } from '../../api/quantity.ts';

const ZONE = 'topology.kubernetes.io/zone';
const EXCLUDED = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

export function zoneOf({ metadata }: Node): string | undefined {
  return metadata.labels?.[ZONE] || undefined;
}

/** Undefined unless it is known for every ready node, and of two zones at least. Zones are in the order of their names. */
export function cpuShares(nodes: readonly Node[]): ReadonlyMap<string, number> | undefined {
  const milliByZone = new Map<string, number>();
  let total = 0;
  for (const node of nodes) {
    const capacity = zoneCapacity(node);
    if (!capacity) continue;
    const { zone, milli } = capacity;
    if (zone === undefined || milli === 0) return undefined;
    milliByZone.set(zone, (milliByZone.get(zone) ?? 0) + milli);
    total += milli;
  }
  if (milliByZone.size < 2) return undefined;
  const sorted = [...milliByZone].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([zone, milli]) => [zone, milli / total]));
}

/** What a node adds to its zone; undefined for those that take no traffic. */
export function zoneCapacity(node: Node): { readonly zone: string | undefined; readonly milli: number } | undefined {
  const { metadata, status } = node;
  if (EXCLUDED.some((label) => metadata.labels?.[label] !== undefined)) return undefined;
  if (status.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True') return undefined;
  return { zone: zoneOf(node), milli: quantityMilliValue(status.allocatable?.['cpu'] ?? '0') };
}
