// Spreads endpoints over slices with as few writes as may be: what stays, stays where it is. Pure; used by all who own
// slices. Upstream: staging/src/k8s.io/endpointslice/reconciler.go.

import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { deepEqual } from '../../base/deep-equal.ts';

/** Endpoints that are reached by the same ports. */
export interface EndpointGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SlicePlan {
  readonly create: readonly EndpointGroup[];
  readonly update: readonly { readonly slice: EndpointSlice; readonly endpoints: readonly Endpoint[] }[];
  readonly delete: readonly EndpointSlice[];
}

/** Two ports lists that say the same are one group. */
export function groupKey(ports: readonly EndpointPort[]): string {
  const texts = ports.map(({ name, protocol, port, appProtocol }) => [name, protocol, port, appProtocol].join('|'));
  return texts.sort().join(',');
}

/**
 * `existing` are all slices of one owner and address type. No slice holds more than `maxPerSlice`. If there are no
 * endpoints at all one empty slice is kept (or made), so that readers see that the owner was looked at.
 */
export function planSlices(
  existing: readonly EndpointSlice[],
  groups: readonly EndpointGroup[],
  maxPerSlice: number,
): SlicePlan {
  const create: EndpointGroup[] = [];
  const update: { slice: EndpointSlice; endpoints: readonly Endpoint[] }[] = [];
  const surplus: EndpointSlice[] = [];
  const byPorts = Map.groupBy(existing, ({ ports }) => groupKey(ports ?? []));
  const wanted = new Set(groups.map(({ ports }) => groupKey(ports)));
  for (const [key, slices] of byPorts) if (!wanted.has(key)) surplus.push(...slices);
  for (const group of groups) {
    const plan = planGroup(byPorts.get(groupKey(group.ports)) ?? [], group, maxPerSlice);
    create.push(...plan.create);
    update.push(...plan.update);
    surplus.push(...plan.delete);
  }
  if (create.length > 0 || surplus.length < existing.length) return { create, update, delete: surplus };
  return keepOne(surplus, groups[0]?.ports ?? []);
}

/** All slices are surplus: one stays, empty. */
function keepOne(surplus: readonly EndpointSlice[], ports: readonly EndpointPort[]): SlicePlan {
  const empty = surplus.find((slice) => groupKey(slice.ports ?? []) === groupKey(ports));
  if (!empty) return { create: [{ ports, endpoints: [] }], update: [], delete: surplus };
  const isEmpty = (empty.endpoints ?? []).length === 0;
  return {
    create: [],
    update: isEmpty ? [] : [{ slice: empty, endpoints: [] }],
    delete: surplus.filter((slice) => slice !== empty),
  };
}

function planGroup(slices: readonly EndpointSlice[], group: EndpointGroup, maxPerSlice: number): SlicePlan {
  const missing = new Map(group.endpoints.map((endpoint) => [identity(endpoint), endpoint]));
  const states = slices.map((slice) => {
    const before = slice.endpoints ?? [];
    const kept: Endpoint[] = [];
    for (const endpoint of before) {
      const now = missing.get(identity(endpoint));
      if (!now || kept.length >= maxPerSlice) continue;
      missing.delete(identity(endpoint));
      kept.push(deepEqual(now, endpoint) ? endpoint : now);
    }
    const isChanged = kept.length !== before.length || kept.some((endpoint, i) => endpoint !== before[i]);
    return { slice, kept, isChanged };
  });
  const rest = [...missing.values()];
  // Slices that are written anyway are filled first, the fullest first, so that the others need not be touched.
  const changed = states.filter(({ isChanged }) => isChanged).sort((a, b) => b.kept.length - a.kept.length);
  for (const state of changed) state.kept.push(...rest.splice(0, maxPerSlice - state.kept.length));
  // What is left then goes whole into the slice that it fills best, else into new ones.
  const fitting = states
    .filter(({ isChanged, kept }) => !isChanged && rest.length > 0 && kept.length + rest.length <= maxPerSlice)
    .sort((a, b) => b.kept.length - a.kept.length)[0];
  if (fitting) {
    fitting.kept.push(...rest.splice(0));
    fitting.isChanged = true;
  }
  const create: EndpointGroup[] = [];
  while (rest.length > 0) create.push({ ports: group.ports, endpoints: rest.splice(0, maxPerSlice) });
  return {
    create,
    update: states
      .filter(({ isChanged, kept }) => isChanged && kept.length > 0)
      .map(({ slice, kept }) => ({ slice, endpoints: kept })),
    delete: states.filter(({ kept }) => kept.length === 0).map(({ slice }) => slice),
  };
}

/** What makes an endpoint the same one as before: whom it is of and where. */
function identity({ addresses, targetRef, nodeName }: Endpoint): string {
  return [addresses.join(','), targetRef?.uid ?? targetRef?.name ?? '', nodeName ?? ''].join('|');
}
