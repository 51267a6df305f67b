// Shares endpoints out to zones in proportion to their CPU, as far as no endpoint is overloaded by it. Hints that are there
// stay while they do no harm, so that few slices are written. Pure. Upstream: AddHints in
// staging/src/k8s.io/endpointslice/topologycache, with its limits and texts.

import type { Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { endpointsOf } from './plan-slices.ts';

/** How much more than its share an endpoint may have to bear. */
const OVERLOAD = 0.2;

export type Shares =
  | {
      readonly type: 'shared';
      /** The zone that each ready endpoint is for, of those that are written. */
      readonly zones: ReadonlyMap<Endpoint, string>;
      /** Slices that nothing else changes, and whose hints cannot stay. */
      readonly outdated: ReadonlySet<EndpointSlice>;
    }
  | { readonly type: 'refused'; readonly why: string };

interface Allocation {
  readonly maximum: number;
  readonly desired: number;
}

/** `written`: the endpoints of each slice that is written anyway; `kept`: the other slices. */
export function shareOut(
  written: readonly (readonly Endpoint[])[],
  kept: readonly EndpointSlice[],
  cpuShares: ReadonlyMap<string, number> | undefined,
): Shares {
  const all = [...written.flat(), ...kept.flatMap(endpointsOf)];
  const allocations = allocate(all.filter(isReady).length, cpuShares);
  if (typeof allocations === 'string') return { type: 'refused', why: allocations };
  const counts = new Map<string, number>();
  const outdated = new Set<EndpointSlice>();
  for (const slice of kept) {
    const own = zonesOf(slice, counts, allocations);
    if (!own) outdated.add(slice);
    else for (const [zone, count] of own) add(counts, zone, count);
  }
  const open = [...written.flat(), ...[...outdated].flatMap(endpointsOf)].filter(isReady);
  const zones = new Map<Endpoint, string>();
  for (const endpoint of open) {
    if (!endpoint.zone) return { type: 'refused', why: 'One or more endpoints do not have a zone specified' };
    zones.set(endpoint, endpoint.zone);
    add(counts, endpoint.zone, 1);
  }
  if (counts.size === 0) return { type: 'refused', why: 'No hints allocated for zones' };
  redistribute(zones, transfers(allocations, counts));
  return { type: 'shared', zones, outdated };
}

/** By zone; a text says why it cannot be done. */
function allocate(
  endpoints: number,
  cpuShares: ReadonlyMap<string, number> | undefined,
): ReadonlyMap<string, Allocation> | string {
  if (!cpuShares) {
    return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  }
  const counts = `(${endpoints} endpoints, ${cpuShares.size} zones)`;
  if (cpuShares.size > endpoints) return `Insufficient number of endpoints ${counts}`;
  const minima = new Map(
    [...cpuShares].map(([zone, share]) => [zone, Math.ceil((share * endpoints) / (1 + OVERLOAD))]),
  );
  const spare = endpoints - [...minima.values()].reduce((sum, minimum) => sum + minimum, 0);
  if (spare < 0) {
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${counts}`;
  }
  return new Map(
    [...cpuShares].map(([zone, share]) => {
      const minimum = minima.get(zone) ?? 0;
      return [zone, { maximum: minimum + spare, desired: Math.max(share * endpoints, minimum) }];
    }),
  );
}

/** How many endpoints of the slice are for which zone; undefined if that cannot stay. */
function zonesOf(
  slice: EndpointSlice,
  others: ReadonlyMap<string, number>,
  allocations: ReadonlyMap<string, Allocation>,
): ReadonlyMap<string, number> | undefined {
  const counts = new Map<string, number>();
  for (const { hints } of endpointsOf(slice).filter(isReady)) {
    const zones = hints?.forZones ?? [];
    if (zones.length === 0 || zones.some(({ name }) => !allocations.has(name))) return undefined;
    for (const { name } of zones) add(counts, name, 1);
  }
  for (const [zone, count] of counts) {
    if (count + (others.get(zone) ?? 0) > (allocations.get(zone)?.maximum ?? 0)) return undefined;
  }
  return counts;
}

interface Transfers {
  readonly giving: Map<string, number>;
  readonly receiving: Map<string, number>;
}

/** How many endpoints zones with too many give to zones with too few, in whole numbers. */
function transfers(allocations: ReadonlyMap<string, Allocation>, counts: ReadonlyMap<string, number>): Transfers {
  const surplus = new Map<string, number>();
  const lack = new Map<string, number>();
  for (const [zone, { desired }] of allocations) {
    const difference = (counts.get(zone) ?? 0) - desired;
    if (difference > 0) surplus.set(zone, difference);
    else if (difference < 0) lack.set(zone, -difference);
  }
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (;;) {
    const giver = greatest(surplus);
    const receiver = greatest(lack);
    if (!giver || !receiver) break;
    const [least, most] = [Math.min(giver.amount, receiver.amount), Math.max(giver.amount, receiver.amount)];
    if (most < 1 || least < 0.5) break;
    add(giving, giver.zone, 1);
    add(surplus, giver.zone, -1);
    add(receiving, receiver.zone, 1);
    add(lack, receiver.zone, -1);
  }
  return { giving, receiving };
}

function redistribute(zones: Map<Endpoint, string>, { giving, receiving }: Transfers): void {
  for (const [endpoint, zone] of zones) {
    const receiver = [...receiving].find(([, count]) => count > 0)?.[0];
    if (receiver === undefined) return;
    if ((giving.get(zone) ?? 0) <= 0) continue;
    zones.set(endpoint, receiver);
    add(giving, zone, -1);
    add(receiving, receiver, -1);
  }
}

function greatest(
  amounts: ReadonlyMap<string, number>,
): { readonly zone: string; readonly amount: number } | undefined {
  let found: { readonly zone: string; readonly amount: number } | undefined;
  for (const [zone, amount] of amounts) if (amount > (found?.amount ?? 0)) found = { zone, amount };
  return found;
}

function add(counts: Map<string, number>, zone: string, by: number): void {
  counts.set(zone, (counts.get(zone) ?? 0) + by);
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions.ready === true;
}
