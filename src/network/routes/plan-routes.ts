// Which way a node sends packets for the pods of other nodes. Pure; docs/decisions/0016-machines-and-pod-routes.md says why.

import type { Node } from '../../api/core/node.ts';
import { ipv4Number, ipv4Range } from '../../base/ipv4-range.ts';

/** Packets to `destination` (a range) go by `gateway` (an address). */
export interface Route {
  readonly destination: string;
  readonly gateway: string;
}

export interface RouteOptions {
  /** Whose routes they are. */
  readonly nodeName: string;
  /** The networks that the node is on, in CIDR notation: who is there is reached without anybody in between. */
  readonly networks: readonly string[];
  /** Whether whatever is not on the node's own networks goes to a machine that knows the way. */
  readonly hasUplink: boolean;
}

export interface RoutePlan {
  readonly routes: readonly Route[];
  /** Nodes whose pods cannot be reached, by name. */
  readonly unreachable: readonly string[];
}

/** A node has a route once it has an address and a range of pods. Both lists are in the order of the nodes' names. */
export function planRoutes(nodes: readonly Node[], { nodeName, networks, hasUplink }: RouteOptions): RoutePlan {
  const routes: Route[] = [];
  const unreachable: string[] = [];
  for (const node of nodes.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const destination = node.spec.podCIDR;
    const gateway = internalAddress(node);
    if (node.metadata.name === nodeName || !destination || gateway === undefined) continue;
    if (networks.some((network) => isWithin(gateway, network))) routes.push({ destination, gateway });
    else if (!hasUplink) unreachable.push(node.metadata.name);
  }
  return { routes, unreachable };
}

/** What turns the kernel's routes into the wanted ones. */
export function changeRoutes(
  existing: readonly Route[],
  wanted: readonly Route[],
): { readonly add: readonly Route[]; readonly remove: readonly Route[] } {
  const isIn = (routes: readonly Route[], route: Route) =>
    routes.some(({ destination, gateway }) => destination === route.destination && gateway === route.gateway);
  const kept = new Set(wanted.map(({ destination }) => destination));
  return {
    add: wanted.filter((route) => !isIn(existing, route)),
    remove: existing.filter(({ destination }) => !kept.has(destination)), // A changed gateway replaces.
  };
}

export function isWithin(address: string, cidr: string): boolean {
  const { first, size } = ipv4Range(cidr);
  const number = ipv4Number(address);
  return number >= first && number < first + size;
}

/** IPv4 alone: what is of another family is no gateway here. Agents that only pretend to be nodes give a name. */
function internalAddress({ status }: Node): string | undefined {
  return status.addresses?.find(({ type, address }) => type === 'InternalIP' && /^\d+(\.\d+){3}$/.test(address))
    ?.address;
}
