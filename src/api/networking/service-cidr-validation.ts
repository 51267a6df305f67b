// The rules of the ranges that services have their addresses from. Upstream: ValidateServiceCIDR in
// pkg/apis/networking/validation.

import { parseCidr } from '../../base/ip-address.ts';
import { checkFaults } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { canonicalCidr } from '../ip-forms.ts';
import type { ServiceCIDR } from './service-cidr.ts';

const CIDRS = Path.of('spec', 'cidrs');
const IMMUTABLE = 'field is immutable';

/** What is there is not looked at again: it cannot change. */
export function validateServiceCIDR({ spec }: ServiceCIDR, previous?: ServiceCIDR): readonly FieldError[] {
  const cidrs = spec.cidrs ?? [];
  const errors: FieldError[] = [];
  if (previous && !isSecondAdded(cidrs, previous.spec.cidrs ?? [])) return errors;
  if (cidrs.length === 0) return [fieldError.required(CIDRS, 'at least one CIDR required')];
  if (cidrs.length > 2) return [fieldError.invalid(CIDRS, { CIDRs: cidrs }, 'may only hold up to 2 values')];
  for (const [index, cidr] of cidrs.entries()) checkFaults(canonicalCidr(cidr), cidr, CIDRS.index(index), errors);
  const [first, second] = cidrs.map((cidr) => parseCidr(cidr)?.address.family);
  if (first !== undefined && first === second) {
    const why = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
    errors.push(fieldError.invalid(CIDRS, cidrs, why));
  }
  return errors;
}

/** A second range may come to the first one, for the other family; nothing else may change. */
export function validateServiceCIDRUpdate({ spec }: ServiceCIDR, previous: ServiceCIDR): readonly FieldError[] {
  const cidrs = spec.cidrs ?? [];
  const before = previous.spec.cidrs ?? [];
  if (cidrs.length !== before.length && !isSecondAdded(cidrs, before)) {
    return [fieldError.invalid(CIDRS, cidrs, IMMUTABLE)];
  }
  return before.flatMap((cidr, index) =>
    cidrs[index] === cidr ? [] : [fieldError.invalid(CIDRS.index(index), cidrs[index], IMMUTABLE)],
  );
}

function isSecondAdded(cidrs: readonly string[], before: readonly string[]): boolean {
  return before.length === 1 && cidrs.length === 2;
}
