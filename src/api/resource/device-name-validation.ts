// The rules of names that devices, pools and what they have are known by. Upstream: validatePoolName,
// validateQualifiedName and validateUID in pkg/apis/resource/validation.

import { checkDriverName, checkFaults, checkMaxBytes, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { cIdentifier } from '../names.ts';

const MAX_POOL_NAME = 253;
const MAX_DOMAIN = 63;
const MAX_ID = 32;
/** A domain, a slash and an identifier. */
export const MAX_ATTRIBUTE_NAME = MAX_DOMAIN + 1 + MAX_ID;

export function checkPoolName(name: string, at: Path, errors: FieldError[]): void {
  if (name === '') {
    errors.push(fieldError.required(at));
    return;
  }
  checkMaxBytes(name, MAX_POOL_NAME, at, errors);
  for (const part of name.split('/')) checkSubdomain(part, at, errors);
}

/** The name of an attribute or a capacity: without a domain it is the driver's own. */
export function checkAttributeName(name: string, at: Path, errors: FieldError[]): void {
  const [domain, id, ...rest] = name.includes('/') ? name.split('/') : [undefined, name];
  if (rest.length > 0) return; // Upstream has no rule for names with several slashes.
  if (domain === '') errors.push(fieldError.invalid(at, '', 'the domain must not be empty'));
  else if (domain !== undefined) checkDriverName(domain, at, errors);
  if (id === '' && domain !== undefined) errors.push(fieldError.invalid(at, '', 'the name must not be empty'));
  else checkIdentifier(id ?? '', at, errors);
}

/** For devices of any driver the domain has to be said. */
export function checkFullAttributeName(name: string, at: Path, errors: FieldError[]): void {
  checkAttributeName(name, at, errors);
  if (name.includes('/')) return;
  errors.push(fieldError.invalid(at, name, 'a fully qualified name must be a domain and a name separated by a slash'));
}

function checkIdentifier(id: string, at: Path, errors: FieldError[]): void {
  checkMaxBytes(id, MAX_ID, at, errors);
  checkFaults(cIdentifier(id), id, at, errors);
}

const NORMAL_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_IN_OTHER_FORM =
  /^(?:(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}|[0-9a-f]{32})$/i;
const UUID_LENGTHS: readonly number[] = [32, 36, 38, 45];

export function checkUuid(uid: string, at: Path, errors: FieldError[]): void {
  if (NORMAL_UUID.test(uid)) return;
  if (UUID_IN_OTHER_FORM.test(uid)) {
    const why =
      'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
    errors.push(fieldError.invalid(at, uid, why));
    return;
  }
  const why = UUID_LENGTHS.includes(uid.length) ? 'invalid UUID format' : `invalid UUID length: ${uid.length}`;
  errors.push(fieldError.invalid(at, uid, `error validating uid: ${why}`));
}
