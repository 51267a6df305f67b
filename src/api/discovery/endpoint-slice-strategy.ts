// The topology of endpoints as v1beta1 had it: it is dropped with every write, the name of the node that it may hold is
// kept. Upstream: dropTopologyOnV1 in pkg/registry/discovery/endpointslice.

import { deepEqual } from '../deep-equal.ts';
import { dns1123Subdomain } from '../names.ts';
import type { Draft } from '../schema.ts';
import type { EndpointSlice } from './endpoint-slice.ts';

const HOSTNAME = 'kubernetes.io/hostname';

export function prepareSliceForCreate({ endpoints }: Draft<EndpointSlice>): void {
  for (const endpoint of endpoints ?? []) delete endpoint.deprecatedTopology;
}

/** Clients that know of the old field alone write back what they have read: it means the node of the new one. */
export function prepareSliceForUpdate(slice: Draft<EndpointSlice>, previous: EndpointSlice): void {
  if (deepEqual(slice.endpoints, previous.endpoints)) return;
  const known = new Set(
    (previous.endpoints ?? []).flatMap((endpoint) => endpoint.deprecatedTopology?.[HOSTNAME] || []),
  );
  for (const endpoint of slice.endpoints ?? []) {
    const node = endpoint.deprecatedTopology?.[HOSTNAME];
    if (node !== undefined && known.has(node) && dns1123Subdomain(node).length === 0) endpoint.nodeName ??= node;
    delete endpoint.deprecatedTopology;
  }
}
