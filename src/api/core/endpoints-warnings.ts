// What the authors of Endpoints are warned of. Upstream: endpointsWarnings in pkg/registry/core/endpoint.

import { Path } from '../field-error.ts';
import { ipWarnings } from '../ip-forms.ts';
import type { Endpoints } from './endpoints.ts';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
/** Writes addresses in canonical form. */
const CONTROLLER = 'endpoint-controller';

export function endpointsWarnings({ metadata, subsets = [] }: Endpoints): readonly string[] {
  if (metadata.labels?.[MANAGED_BY] === CONTROLLER) return [];
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [] }, index) => {
    const at = Path.of('subsets').index(index);
    return Object.entries({ addresses, notReadyAddresses }).flatMap(([field, list]) =>
      list.flatMap(({ ip }, i) => ipWarnings(ip, at.child(field).index(i).child('ip'))),
    );
  });
}
