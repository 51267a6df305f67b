// What the authors of endpoint slices are warned of. Upstream: pkg/registry/discovery/endpointslice/strategy.go.

import { Path } from '../field-error.ts';
import { ipWarnings } from '../ip-forms.ts';
import type { EndpointSlice } from './endpoint-slice.ts';

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** These write addresses in canonical form. */
const CONTROLLERS: ReadonlySet<string | undefined> = new Set([
  'endpointslice-controller.k8s.io',
  'endpointslicemirroring-controller.k8s.io',
]);

export function endpointSliceWarnings(slice: EndpointSlice, previous: EndpointSlice | undefined): readonly string[] {
  const { addressType, metadata } = slice;
  const isNewOfNames = !previous && addressType === 'FQDN';
  return [
    ...(isNewOfNames ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...(CONTROLLERS.has(metadata.labels?.[MANAGED_BY]) ? [] : addressWarnings(slice)),
  ];
}

/** Names are in no form of addresses: nothing is said of them. */
function addressWarnings({ endpoints }: EndpointSlice): readonly string[] {
  return (endpoints ?? []).flatMap(({ addresses }, index) => {
    const at = Path.of('endpoints').index(index).child('addresses');
    return (addresses ?? []).flatMap((address, i) => ipWarnings(address, at.index(i)));
  });
}
