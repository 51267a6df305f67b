// The rules of leases. Upstream: ValidateLease in pkg/apis/coordination/validation.

import { checkNonNegative, checkOneOf, checkQualifiedName } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { Lease } from './lease.ts';

const SPEC = Path.of('spec');

export function validateLease({ spec }: Lease): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { leaseDurationSeconds: duration, leaseTransitions, strategy, preferredHolder } = spec;
  if (duration !== undefined && duration <= 0) {
    errors.push(fieldError.invalid(SPEC.child('leaseDurationSeconds'), duration, 'must be greater than 0'));
  }
  checkNonNegative(leaseTransitions, SPEC.child('leaseTransitions'), errors);
  if (strategy !== undefined) {
    // Upstream names the field twice. Names without a domain are Kubernetes' own.
    const at = SPEC.child('strategy', 'strategy');
    if (strategy.includes('/')) checkQualifiedName(strategy, at, errors);
    else checkOneOf(strategy, ['OldestEmulationVersion'], at, errors);
  }
  if (preferredHolder && !strategy) {
    const why = 'may only be specified if `strategy` is defined';
    errors.push(fieldError.forbidden(SPEC.child('preferredHolder'), why));
  }
  return errors;
}
