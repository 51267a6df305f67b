// The rules of CSI drivers. Upstream: ValidateCSIDriver in pkg/apis/storage/validation.

import { checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import type { CSIDriver, TokenRequest } from './csi-driver.ts';

const SPEC = Path.of('spec');
const MIN_EXPIRATION_SECONDS = 600;
const MAX_EXPIRATION_SECONDS = 2 ** 32;
const MIN_UPDATE_PERIOD_SECONDS = 10;

export function validateCSIDriver({ spec }: CSIDriver): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [] } = spec;
  if (fsGroupPolicy !== undefined) {
    checkOneOf(fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType'], SPEC.child('fsGroupPolicy'), errors);
  }
  checkTokenRequests(tokenRequests, SPEC.child('tokenRequests'), errors);
  for (const mode of volumeLifecycleModes) {
    checkOneOf(mode, ['Persistent', 'Ephemeral'], SPEC.child('volumeLifecycleModes'), errors);
  }
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period !== undefined && period < MIN_UPDATE_PERIOD_SECONDS) {
    const why = `must be greater than or equal to ${MIN_UPDATE_PERIOD_SECONDS} seconds`;
    errors.push(fieldError.invalid(SPEC.child('nodeAllocatableUpdatePeriodSeconds'), period, why));
  }
  if (spec.serviceAccountTokenInSecrets !== undefined && tokenRequests.length === 0) {
    const why = 'may only be set when tokenRequests is configured';
    errors.push(fieldError.forbidden(SPEC.child('serviceAccountTokenInSecrets'), why));
  }
  return errors;
}

/** Volumes have been attached, or not, by what the driver says. Upstream writes the first of the fields that way. */
export function validateCSIDriverUpdate({ spec }: CSIDriver, { spec: previous }: CSIDriver): readonly FieldError[] {
  return [
    ...immutable(SPEC.child('attachedRequired'), spec.attachRequired, previous.attachRequired),
    ...immutable(SPEC.child('volumeLifecycleModes'), spec.volumeLifecycleModes, previous.volumeLifecycleModes),
  ];
}

function checkTokenRequests(requests: readonly TokenRequest[], at: Path, errors: FieldError[]): void {
  const audiences = new Set<string>();
  for (const [index, { audience, expirationSeconds: seconds }] of requests.entries()) {
    const path = at.index(index);
    if (audiences.has(audience)) {
      errors.push(fieldError.duplicate(path.child('audience'), audience));
      continue;
    }
    audiences.add(audience);
    if (seconds === undefined) continue;
    const secondsAt = path.child('expirationSeconds');
    if (seconds < MIN_EXPIRATION_SECONDS) {
      errors.push(fieldError.invalid(secondsAt, seconds, 'may not specify a duration less than 10 minutes'));
    }
    if (seconds > MAX_EXPIRATION_SECONDS) {
      errors.push(fieldError.invalid(secondsAt, seconds, 'may not specify a duration larger than 2^32 seconds'));
    }
  }
}
