// How addresses and networks may be written. Older fields take any form that means one thing to all programs, newer
// ones the canonical one alone; of the forms that older fields take, those that are not canonical are warned of.
// Upstream: k8s.io/apimachinery/pkg/util/validation/ip.go, with StrictIPCIDRValidation (KEP 4858).

import { formatIp, type IpAddress, networkOf, parseCidr, parseIp } from '../base/ip-address.ts';
import type { Path } from './field-error.ts';
import type { Faults } from './names.ts';

const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** What is wrong with an address in a field that has been there from of old. */
export function ipFaults(value: string): Faults {
  if (!parseIp(value)) return [NO_IP];
  if (hasLeadingZeros(value)) return ['must not have leading 0s'];
  return isMapped(value) ? ['must not be an IPv4-mapped IPv6 address'] : [];
}

/** What is wrong with an address that there is one way to write. */
export function canonicalIp(value: string): Faults {
  const faults = ipFaults(value);
  const ip = parseIp(value);
  if (faults.length > 0 || !ip) return faults;
  return notCanonical(value, formatIp(ip));
}

/** What is wrong with a network in a field that has been there from of old. */
export function cidrFaults(value: string): Faults {
  const network = parseCidr(value);
  const mapped = isMapped(value) && isPrefixLength(value);
  if (!network && !mapped) return [NO_CIDR];
  if (hasLeadingZeros(value)) return ['must not have leading 0s in IP or prefix length'];
  if (!network || mapped) return ['must not have an IPv4-mapped IPv6 address'];
  if (networkOf(network).bits !== network.address.bits) return ['must not have bits set beyond the prefix length'];
  return [];
}

/** What is wrong with a network that there is one way to write. */
export function canonicalCidr(value: string): Faults {
  const faults = cidrFaults(value);
  const network = parseCidr(value);
  if (faults.length > 0 || !network) return faults;
  return notCanonical(value, formatCidr(network.address, network.prefix));
}

/** What to say of an address that is let in. */
export function ipWarnings(value: string, at: Path): readonly string[] {
  const ip = parseIp(value);
  if (!ip) return [];
  const shown = JSON.stringify(value);
  const canonical = formatIp(ip);
  if (hasLeadingZeros(value) || isMapped(value)) {
    return [`${at}: non-standard IP address ${shown} is invalid: use "${canonical}"`];
  }
  if (value === canonical) return [];
  return [`${at}: IPv6 address ${shown} should be in RFC 5952 canonical format ("${canonical}")`];
}

/** What to say of a network that is let in. */
export function cidrWarnings(value: string, at: Path): readonly string[] {
  const network = parseCidr(value);
  if (!network) return [];
  const { address, prefix } = network;
  const shown = JSON.stringify(value);
  const masked = networkOf(network);
  const canonical = formatCidr(masked, prefix);
  const warnings: string[] = [];
  if (masked.bits !== address.bits) {
    const single = formatCidr(address, address.family === 'IPv4' ? 32 : 128);
    warnings.push(`${at}: CIDR value ${shown} is ambiguous in this context (should be "${canonical}" or "${single}"?)`);
  }
  if (hasLeadingZeros(value) || isMapped(value)) {
    warnings.push(`${at}: non-standard CIDR value ${shown} is invalid: use "${canonical}"`);
  }
  if (warnings.length > 0 || value === canonical) return warnings;
  return [`${at}: IPv6 CIDR value ${shown} should be in RFC 5952 canonical format ("${canonical}")`];
}

function formatCidr(address: IpAddress, prefix: number): string {
  return `${formatIp(address)}/${prefix}`;
}

function notCanonical(value: string, canonical: string): Faults {
  return value === canonical ? [] : [`must be in canonical form ("${canonical}")`];
}

/** Of IPv4 octets, which some programs read as octal then, and of the length of a prefix. */
function hasLeadingZeros(value: string): boolean {
  return /(?:^|[.:])0\d+\.|\.0\d+(?:\/|$)|\/0\d/.test(value);
}

/** Of IPv6, which is what IPv4 written as IPv6 counts as here. */
function isPrefixLength(value: string): boolean {
  const length = /\/(\d{1,3})$/.exec(value)?.[1];
  return length !== undefined && Number(length) <= 128;
}

/** IPv4 written as IPv6, which programs take for either. */
function isMapped(value: string): boolean {
  return value.includes(':') && parseIp(value.replace(/\/.*$/, ''))?.family === 'IPv4';
}
