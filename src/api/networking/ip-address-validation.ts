// The rules of addresses. Upstream: ValidateIPAddress in pkg/apis/networking/validation.

import { checkFaults, checkSubdomain } from '../field-checks.ts';
import { type FieldError, Path } from '../field-error.ts';
import { pathSegment } from '../names.ts';
import { immutable } from '../object-validation.ts';
import type { IPAddress } from './ip-address.ts';

const PARENT = Path.of('spec', 'parentRef');

export function validateIPAddress({ spec: { parentRef } }: IPAddress): readonly FieldError[] {
  const errors: FieldError[] = [];
  // That it has to be there, with a resource and a name, is in the declaration; the core group has no name.
  const { group, resource, name, namespace } = parentRef ?? {};
  if (group) checkSubdomain(group, PARENT.child('group'), errors);
  for (const [field, value] of Object.entries({ resource, name, namespace })) {
    if (value) checkFaults(pathSegment(value), value, PARENT.child(field), errors);
  }
  return errors;
}

export function validateIPAddressUpdate({ spec }: IPAddress, previous: IPAddress): readonly FieldError[] {
  return immutable(PARENT, spec.parentRef, previous.spec.parentRef);
}
