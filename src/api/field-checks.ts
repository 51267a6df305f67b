// Small checks that the validation of many kinds is made of. Each adds what it finds to `errors`; the texts are
// upstream's (k8s.io/apimachinery/pkg/api/validation and pkg/apis/core/validation).

import { containsIp, type IpNetwork, parseCidr, parseIp } from '../base/ip-address.ts';
import { utf8Length } from '../base/utf8-length.ts';
import { type FieldError, fieldError, type Path } from './field-error.ts';
import { cidrFaults, ipFaults } from './ip-forms.ts';
import {
  dns1123Label,
  dns1123Subdomain,
  type Faults,
  httpPath,
  inRange,
  portName,
  portNumber,
  qualifiedName,
} from './names.ts';
import { quantitySign } from './quantity.ts';

/** One error for each fault of a value. */
export function checkFaults(faults: Faults, value: unknown, at: Path, errors: FieldError[]): void {
  for (const fault of faults) errors.push(fieldError.invalid(at, value, fault));
}

export function checkLabel(value: string, at: Path, errors: FieldError[]): void {
  checkFaults(dns1123Label(value), value, at, errors);
}

export function checkSubdomain(value: string, at: Path, errors: FieldError[]): void {
  checkFaults(dns1123Subdomain(value), value, at, errors);
}

const MAX_DRIVER_NAME = 63;

/** The name of a driver of volumes or devices: a domain, in any case. Upstream: ValidateCSIDriverName. */
export function checkDriverName(value: string, at: Path, errors: FieldError[]): void {
  if (value === '') errors.push(fieldError.required(at));
  else {
    checkMaxBytes(value, MAX_DRIVER_NAME, at, errors);
    checkFaults(dns1123Subdomain(value.toLowerCase()), value, at, errors);
  }
}

export function checkQualifiedName(value: string, at: Path, errors: FieldError[]): void {
  checkFaults(qualifiedName(value), value, at, errors);
}

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** Names without a domain are Kubernetes' own. */
export function checkFinalizerName(name: string, at: Path, errors: FieldError[]): void {
  checkQualifiedName(name, at, errors);
  if (name.includes('/') || STANDARD_FINALIZERS.includes(name)) return;
  errors.push(fieldError.invalid(at, name, 'name is neither a standard finalizer name nor is it fully qualified'));
}

export function checkNonNegative(value: number | undefined, at: Path, errors: FieldError[]): void {
  if ((value ?? 0) < 0) errors.push(fieldError.invalid(at, value, 'must be greater than or equal to 0'));
}

export function checkNonNegativeQuantity(value: string, at: Path, errors: FieldError[]): void {
  if (quantitySign(value) < 0) errors.push(fieldError.invalid(at, value, 'must be greater than or equal to 0'));
}

export function checkPositiveQuantity(value: string, at: Path, errors: FieldError[]): void {
  if (quantitySign(value) <= 0) errors.push(fieldError.invalid(at, value, 'must be greater than zero'));
}

export function checkRange(value: number, min: number, max: number, at: Path, errors: FieldError[]): void {
  checkFaults(inRange(value, min, max), value, at, errors);
}

/** For values that no enumeration is declared of, or that upstream lists in an order of its own. */
export function checkOneOf(value: string, supported: readonly string[], at: Path, errors: FieldError[]): void {
  if (!supported.includes(value)) errors.push(fieldError.notSupported(at, value, supported));
}

export function checkRequired(value: string | undefined, at: Path, errors: FieldError[]): void {
  if (!value) errors.push(fieldError.required(at));
}

export function checkMaxBytes(value: string | undefined, limit: number, at: Path, errors: FieldError[]): void {
  if (value && value.length > limit / 3 && utf8Length(value) > limit) errors.push(fieldError.tooLong(at, limit));
}

export function checkPort(value: number, at: Path, errors: FieldError[]): void {
  checkFaults(portNumber(value), value, at, errors);
}

export function checkPortOrName(value: number | string, at: Path, errors: FieldError[]): void {
  checkFaults(typeof value === 'number' ? portNumber(value) : portName(value), value, at, errors);
}

/** `known` are values that the object has had before: they may stay. Upstream: IsValidIPForLegacyField. */
export function checkIp(value: string, at: Path, errors: FieldError[], known: readonly string[] = []): boolean {
  const faults = known.includes(value) ? [] : ipFaults(value);
  checkFaults(faults, value, at, errors);
  return faults.length === 0;
}

/** `known` as above. Upstream: IsValidCIDRForLegacyField. */
export function checkCidr(value: string, at: Path, errors: FieldError[], known: readonly string[] = []): boolean {
  const faults = known.includes(value) ? [] : cidrFaults(value);
  checkFaults(faults, value, at, errors);
  return faults.length === 0;
}

/** A path in somebody's domain: `example.com/job-controller`. Upstream: IsDomainPrefixedPath. */
export function checkDomainPath(value: string, at: Path, errors: FieldError[]): void {
  if (value === '') {
    errors.push(fieldError.required(at));
    return;
  }
  const slash = value.indexOf('/');
  const domain = value.slice(0, Math.max(slash, 0));
  const path = value.slice(slash + 1);
  if (domain === '' || path === '') {
    errors.push(fieldError.invalid(at, value, 'must be a domain-prefixed path (such as "acme.io/foo")'));
    return;
  }
  checkSubdomain(domain, at, errors);
  checkFaults(httpPath(path), path, at, errors);
}

/** Addresses that mean something else on each node lead nowhere as those of endpoints. Upstream: ValidateNonSpecialIP. */
export function checkNotSpecialIp(value: string, at: Path, errors: FieldError[]): void {
  const ip = parseIp(value);
  if (!ip) {
    errors.push(fieldError.invalid(at, value, 'must be a valid IP address'));
    return;
  }
  if (ip.bits === 0n) errors.push(fieldError.invalid(at, value, `may not be unspecified (${value})`));
  for (const { networks, why } of SPECIAL) {
    if (networks.some((network) => containsIp(network, ip))) errors.push(fieldError.invalid(at, value, why));
  }
}

const SPECIAL: readonly { readonly networks: readonly IpNetwork[]; readonly why: string }[] = [
  special(['127.0.0.0/8', '::1/128'], 'may not be in the loopback range (127.0.0.0/8, ::1/128)'),
  special(['169.254.0.0/16', 'fe80::/10'], 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'),
  special(['224.0.0.0/24', 'ff02::/16'], 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'),
];

function special(networks: readonly string[], why: string) {
  return { networks: networks.flatMap((text) => parseCidr(text) ?? []), why };
}

/** At most one address of each family. */
export function isDualStack(addresses: readonly string[]): boolean {
  const families = new Set(addresses.map((address) => parseIp(address)?.family));
  return families.size === 2 && !families.has(undefined);
}

/** No `..` leads out of where a path is put. */
export function checkNoBacksteps(path: string, at: Path, errors: FieldError[]): void {
  if (path.split('/').includes('..')) errors.push(fieldError.invalid(at, path, "must not contain '..'"));
}

/** A path below some directory. */
export function checkLocalPath(path: string, at: Path, errors: FieldError[]): void {
  if (path.startsWith('/')) errors.push(fieldError.invalid(at, path, 'must be a relative path'));
  checkNoBacksteps(path, at, errors);
}

/** A path below a directory in which names with two dots are the system's own. */
export function checkUnreservedPath(path: string, at: Path, errors: FieldError[]): void {
  checkLocalPath(path, at, errors);
  if (path.startsWith('..') && !path.startsWith('../')) {
    errors.push(fieldError.invalid(at, path, "must not start with '..'"));
  }
}

/** What checks each of several alternatives, by its field. */
export type AlternativeChecks<T, Context> = {
  readonly [K in keyof T]-?: (value: NonNullable<T[K]>, at: Path, errors: FieldError[], context: Context) => void;
};

/** Exactly one alternative has to be set: the first one is checked, further ones are refused. */
export function checkAlternatives<T extends object, Context>(
  value: T,
  checks: AlternativeChecks<T, Context>,
  at: Path,
  errors: FieldError[],
  context: Context,
  texts: { readonly none: string; readonly several: string },
): void {
  let isFirst = true;
  for (const name of Object.keys(checks) as (keyof T & string)[]) {
    const given = value[name];
    if (given === undefined || given === null) continue;
    if (isFirst) checks[name](given as NonNullable<T[typeof name]>, at.child(name), errors, context);
    else errors.push(fieldError.forbidden(at.child(name), texts.several));
    isFirst = false;
  }
  if (isFirst) errors.push(fieldError.required(at, texts.none));
}
