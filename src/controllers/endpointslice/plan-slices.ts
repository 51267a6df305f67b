// Spreads endpoints over slices with as few writes as may be: what stays, stays where it is. Pure; used by all who own
// slices. Upstream: staging/src/k8s.io/endpointslice/reconciler.go.

import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { deepEqual } from '../../base/deep-equal.ts';

/** Endpoints that are reached by the same ports. */
export interface EndpointGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SliceUpdate {
  readonly slice: EndpointSlice;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SlicePlan {
  readonly create: readonly EndpointGroup[];
  readonly update: readonly SliceUpdate[];
  readonly delete: readonly EndpointSlice[];
}

export function endpointsOf({ endpoints }: EndpointSlice): readonly Endpoint[] {
  return endpoints ?? [];
}

export function portsOf({ ports }: EndpointSlice): readonly EndpointPort[] {
  return ports ?? [];
}

/** A slice that is to be written as it is. */
export function updateOf(slice: EndpointSlice): SliceUpdate {
  return { slice, ports: portsOf(slice), endpoints: endpointsOf(slice) };
}

/** Two ports lists that say the same are one group. */
export function groupKey(ports: readonly EndpointPort[]): string {
  const texts = ports.map(({ name, protocol, port, appProtocol }) => [name, protocol, port, appProtocol].join('|'));
  return texts.sort().join(',');
}

/** Groups with the same ports become one. */
export function mergeGroups(groups: readonly EndpointGroup[]): readonly EndpointGroup[] {
  const byPorts = Map.groupBy(groups, ({ ports }) => groupKey(ports));
  return [...byPorts.values()].map((alike) => ({
    ports: alike[0]?.ports ?? [],
    endpoints: alike.flatMap(({ endpoints }) => endpoints),
  }));
}

/**
 * `existing` are all slices of one owner and address type, `groups` differ in their ports. No slice holds more than
 * `maxPerSlice`. Unless told otherwise one empty slice is kept (or made) if there are no endpoints at all, so that readers
 * see that the owner was looked at. Hints of endpoints that stay are left as they are.
 */
export function planSlices(
  existing: readonly EndpointSlice[],
  groups: readonly EndpointGroup[],
  { maxPerSlice, placeholder = true }: { readonly maxPerSlice: number; readonly placeholder?: boolean },
): SlicePlan {
  const create: EndpointGroup[] = [];
  const update: SliceUpdate[] = [];
  const surplus: EndpointSlice[] = [];
  const byPorts = Map.groupBy(existing, (slice) => groupKey(portsOf(slice)));
  const wanted = new Set(groups.map(({ ports }) => groupKey(ports)));
  for (const [key, slices] of byPorts) if (!wanted.has(key)) surplus.push(...slices);
  for (const group of groups) {
    const plan = planGroup(byPorts.get(groupKey(group.ports)) ?? [], group, maxPerSlice);
    create.push(...plan.create);
    update.push(...plan.update);
    surplus.push(...plan.delete);
  }
  if (placeholder && create.length === 0 && surplus.length === existing.length) {
    const [only, ...others] = surplus;
    if (only && others.length === 0 && isEmpty(only)) return { create: [], update: [], delete: [] };
    create.push({ ports: [], endpoints: [] });
  }
  return recycled({ create, update, delete: surplus });
}

/** The slices that a plan does not touch. */
export function untouched(existing: readonly EndpointSlice[], plan: SlicePlan): readonly EndpointSlice[] {
  const touched = new Set([...plan.delete, ...plan.update.map(({ slice }) => slice)]);
  return existing.filter((slice) => !touched.has(slice));
}

/** What would be created takes the place of what would be deleted: one write instead of two. */
function recycled(plan: SlicePlan): SlicePlan {
  const reused = plan.delete.slice(0, plan.create.length);
  const inPlace = reused.map((slice, i) => ({ slice, ports: [], endpoints: [], ...plan.create[i] }));
  return {
    create: plan.create.slice(reused.length),
    update: [...plan.update, ...inPlace],
    delete: plan.delete.slice(reused.length),
  };
}

function isEmpty(slice: EndpointSlice): boolean {
  return endpointsOf(slice).length === 0 && portsOf(slice).length === 0;
}

function planGroup(slices: readonly EndpointSlice[], group: EndpointGroup, maxPerSlice: number): SlicePlan {
  const missing = new Map(group.endpoints.map((endpoint) => [identity(endpoint), endpoint]));
  const states = slices.map((slice) => {
    const before = endpointsOf(slice);
    const kept: Endpoint[] = [];
    for (const endpoint of before) {
      const now = missing.get(identity(endpoint));
      if (!now || kept.length >= maxPerSlice) continue;
      missing.delete(identity(endpoint));
      kept.push(isSameBeyondHints(now, endpoint) ? endpoint : now);
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
      .map(({ slice, kept }) => ({ slice, ports: group.ports, endpoints: kept })),
    delete: states.filter(({ kept }) => kept.length === 0).map(({ slice }) => slice),
  };
}

/** Hints are decided when it is known which slices are written. */
function isSameBeyondHints({ hints: _wanted, ...a }: Endpoint, { hints: _current, ...b }: Endpoint): boolean {
  return deepEqual(a, b);
}

/** What makes an endpoint the same one as before: whom it is of and where. */
function identity({ addresses, targetRef, nodeName }: Endpoint): string {
  return [addresses.join(','), targetRef?.uid ?? targetRef?.name ?? '', nodeName ?? ''].join('|');
}
