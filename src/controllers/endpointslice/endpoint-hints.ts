// Where the traffic to each endpoint should come from: hints that the service proxy heeds. Pure. By `trafficDistribution`
// an endpoint is meant for its own zone (and node); by the older annotation of topology aware routing, endpoints are
// shared out to zones in proportion to their CPU. Upstream: staging/src/k8s.io/endpointslice/trafficdist and topologycache.

import type { Service } from '../../api/core/service.ts';
import type { Endpoint, EndpointHints, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { endpointsOf, type SlicePlan, untouched, updateOf } from './plan-slices.ts';
import { shareOut } from './zone-allocation.ts';

export type HintPolicy =
  | { readonly type: 'none' }
  | { readonly type: 'close'; readonly perNode: boolean }
  /** `undefined`: it is not known of every node what it adds to which zone. */
  | { readonly type: 'proportional'; readonly cpuShares: ReadonlyMap<string, number> | undefined };

export interface HintedPlan {
  readonly plan: SlicePlan;
  /** Why there are no hints in proportion although they are wanted. */
  readonly refusal?: string;
}

const CLOSE = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode']);

/** Whether the service asks for hints in proportion, by annotation; the older of its two names comes first. */
export function wantsProportions({ metadata: { annotations = {} } }: Service): boolean {
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode'];
  return mode === 'Auto' || mode === 'auto';
}

export function hintPolicyOf(service: Service, cpuShares: () => ReadonlyMap<string, number> | undefined): HintPolicy {
  if (wantsProportions(service)) return { type: 'proportional', cpuShares: cpuShares() };
  const { trafficDistribution = '' } = service.spec;
  if (!CLOSE.has(trafficDistribution)) return { type: 'none' };
  return { type: 'close', perNode: trafficDistribution === 'PreferSameNode' };
}

/** The plan with hints; slices whose hints are out of date are written too. */
export function withHints(plan: SlicePlan, existing: readonly EndpointSlice[], policy: HintPolicy): HintedPlan {
  switch (policy.type) {
    case 'none':
      return { plan: mapEndpoints(plan, existing, withoutHints) };
    case 'close':
      return { plan: mapEndpoints(plan, existing, (endpoint) => closeHints(endpoint, policy.perNode)) };
    case 'proportional': {
      const writes = [...plan.create, ...plan.update].map(({ endpoints }) => endpoints);
      const shared = shareOut(writes, untouched(existing, plan), policy.cpuShares);
      if (shared.type === 'refused') return { plan: mapEndpoints(plan, existing, withoutHints), refusal: shared.why };
      const rewritten = untouched(existing, plan).filter((slice) => shared.outdated.has(slice));
      const all = { ...plan, update: [...plan.update, ...rewritten.map(updateOf)] };
      const hinted = (endpoint: Endpoint) => withZone(endpoint, shared.zones.get(endpoint));
      return { plan: mapWrites(all, hinted) };
    }
    default:
      return policy satisfies never;
  }
}

function mapEndpoints(
  plan: SlicePlan,
  existing: readonly EndpointSlice[],
  hinted: (endpoint: Endpoint) => Endpoint,
): SlicePlan {
  const outdated = untouched(existing, plan).filter((slice) =>
    endpointsOf(slice).some((endpoint) => !deepEqual(hinted(endpoint), endpoint)),
  );
  return mapWrites({ ...plan, update: [...plan.update, ...outdated.map(updateOf)] }, hinted);
}

function mapWrites(plan: SlicePlan, hinted: (endpoint: Endpoint) => Endpoint): SlicePlan {
  return {
    create: plan.create.map((group) => ({ ...group, endpoints: group.endpoints.map(hinted) })),
    update: plan.update.map((update) => ({ ...update, endpoints: update.endpoints.map(hinted) })),
    delete: plan.delete,
  };
}

function closeHints(endpoint: Endpoint, perNode: boolean): Endpoint {
  const { conditions, zone, nodeName } = endpoint;
  if (conditions.ready !== true) return withoutHints(endpoint);
  return withSome(endpoint, {
    ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
    ...(perNode && nodeName !== undefined ? { forNodes: [{ name: nodeName }] } : {}),
  });
}

function withZone(endpoint: Endpoint, zone: string | undefined): Endpoint {
  return withSome(endpoint, zone === undefined ? {} : { forZones: [{ name: zone }] });
}

function withSome(endpoint: Endpoint, hints: EndpointHints): Endpoint {
  return Object.keys(hints).length > 0 ? { ...endpoint, hints } : withoutHints(endpoint);
}

function withoutHints(endpoint: Endpoint): Endpoint {
  if (endpoint.hints === undefined) return endpoint;
  const { hints: _hints, ...rest } = endpoint;
  return rest;
}
