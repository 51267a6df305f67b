// The address of a network interface with the size of its network. Upstream: IsValidInterfaceAddress in
// k8s.io/apimachinery's pkg/util/validation.

import { formatIp, parseCidr } from '../../base/ip-address.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';

export function checkInterfaceAddress(value: string, at: Path, errors: FieldError[]): void {
  const parsed = parseCidr(value);
  if (!parsed) {
    const why = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';
    errors.push(fieldError.invalid(at, value, why));
    return;
  }
  const canonical = `${formatIp(parsed.address)}/${parsed.prefix}`;
  if (value !== canonical) errors.push(fieldError.invalid(at, value, `must be in canonical form ("${canonical}")`));
}
