// What the authors of network policies are warned of. Upstream: networkPolicyWarnings in pkg/registry/networking.

import { cidrWarnings } from '../ip-forms.ts';
import type { NetworkPolicy } from './network-policy.ts';
import { ipBlocksOf } from './network-policy-validation.ts';

export function networkPolicyWarnings(policy: NetworkPolicy): readonly string[] {
  return ipBlocksOf(policy).flatMap(({ block: { cidr, except = [] }, at }) => [
    ...cidrWarnings(cidr, at.child('cidr')),
    ...except.flatMap((exception, index) => cidrWarnings(exception, at.child('except').index(index))),
  ]);
}
