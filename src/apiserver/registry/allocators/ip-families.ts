// The address families of a service, on a cluster that has IPv4 alone: what is left out is filled in, what cannot be had
// is refused. Upstream: initIPFamilyFields in k8s.io/kubernetes/pkg/registry/core/service/storage/alloc.go.

import type { Service, ServiceSpec } from '../../../api/core/service.ts';
import { isHeadless, needsClusterIP } from '../../../api/core/service-rules.ts';
import { type FieldError, fieldError, Path } from '../../../api/field-error.ts';
import type { Draft } from '../../../api/schema.ts';

type Spec = Draft<ServiceSpec>;

const SPEC = Path.of('spec');
const POLICY = SPEC.child('ipFamilyPolicy');

/** Fills in `ipFamilyPolicy` and `ipFamilies`; answers what is wrong with what was asked for. */
export function settleFamilies({ spec }: Draft<Service>, previous: Service | undefined): FieldError[] {
  if (!needsClusterIP(spec)) return [];
  const selectsNothing = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= previous?.spec.ipFamilyPolicy ?? (selectsNothing ? 'RequireDualStack' : 'SingleStack');
  const errors = [...singleStackErrors(spec), ...inferFamilies(spec)];
  if (errors.length > 0) return errors;
  if (selectsNothing) {
    // Whoever fills in the endpoints may do so for any family, whatever the cluster has.
    const families = spec.ipFamilies?.length ? spec.ipFamilies : ['IPv4' as const];
    const isOne = families.length > 1 || spec.ipFamilyPolicy === 'SingleStack';
    spec.ipFamilies = isOne ? families : [...families, families[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
    return [];
  }
  const unavailable = unavailableErrors(spec);
  if (unavailable.length === 0 && !spec.ipFamilies?.length) spec.ipFamilies = ['IPv4'];
  return unavailable;
}

function singleStackErrors({ ipFamilyPolicy, clusterIPs, ipFamilies }: Spec): FieldError[] {
  if (ipFamilyPolicy !== 'SingleStack') return [];
  const tooMany = (what: string) => {
    const why = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
    return fieldError.invalid(POLICY, ipFamilyPolicy, why);
  };
  return [
    ...((clusterIPs?.length ?? 0) > 1 ? [tooMany('cluster IPs')] : []),
    ...((ipFamilies?.length ?? 0) > 1 ? [tooMany('IP families')] : []),
  ];
}

/** Addresses tell their family. */
function inferFamilies(spec: Spec): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === 'None' || !address || index < (spec.ipFamilies?.length ?? 0)) continue;
    if (address.includes(':')) {
      const at = SPEC.child('clusterIPs').index(index);
      errors.push(fieldError.invalid(at, spec.clusterIPs, 'IPv6 is not configured on this cluster'));
    } else spec.ipFamilies = [...(spec.ipFamilies ?? []), 'IPv4'];
  }
  return errors;
}

function unavailableErrors({ ipFamilyPolicy, ipFamilies }: Spec): FieldError[] {
  const families = (ipFamilies ?? []).flatMap((family, index) => {
    if (family === 'IPv4') return [];
    return [fieldError.invalid(SPEC.child('ipFamilies').index(index), family, 'not configured on this cluster')];
  });
  if (ipFamilyPolicy !== 'RequireDualStack') return families;
  const why = 'this cluster is not configured for dual-stack services';
  return [fieldError.invalid(POLICY, ipFamilyPolicy, why), ...families];
}
