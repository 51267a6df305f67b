import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Path } from './field-error.ts';
import { canonicalCidr, canonicalIp, cidrFaults, cidrWarnings, ipFaults, ipWarnings } from './ip-forms.ts';

const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const ZEROS = 'must not have leading 0s';
const at = Path.of('ip');

/** What is wrong with the form; what else is wrong where only one form will do; what there is to say of it. */
const addresses: readonly [value: string, fault: string, canonicalFault: string, warning: string][] = [
  ['10.0.0.1', '', '', ''],
  ['0.0.0.0', '', '', ''],
  ['2001:db8::', '', '', ''],
  [
    '2001:DB8:0::1',
    '',
    'must be in canonical form ("2001:db8::1")',
    'ip: IPv6 address "2001:DB8:0::1" should be in RFC 5952 canonical format ("2001:db8::1")',
  ],
  ['010.0.0.1', ZEROS, ZEROS, 'ip: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"'],
  ['10.0.0.01', ZEROS, ZEROS, 'ip: non-standard IP address "10.0.0.01" is invalid: use "10.0.0.1"'],
  [
    '::ffff:10.0.0.1',
    'must not be an IPv4-mapped IPv6 address',
    'must not be an IPv4-mapped IPv6 address',
    'ip: non-standard IP address "::ffff:10.0.0.1" is invalid: use "10.0.0.1"',
  ],
  ['10.0.0', NO_IP, NO_IP, ''],
  ['', NO_IP, NO_IP, ''],
];

for (const [value, fault, canonicalFault, warning] of addresses) {
  test(`ipFaults, canonicalIp and ipWarnings of ${JSON.stringify(value)}`, () => {
    assert.equal(ipFaults(value).join(), fault);
    assert.equal(canonicalIp(value).join(), canonicalFault);
    assert.equal(ipWarnings(value, at).join(), warning);
  });
}

const CIDR_ZEROS = 'must not have leading 0s in IP or prefix length';
const BITS = 'must not have bits set beyond the prefix length';

const networks: readonly [value: string, fault: string, canonicalFault: string, warning: string][] = [
  ['10.0.0.0/8', '', '', ''],
  ['::/0', '', '', ''],
  [
    'FD00::/8',
    '',
    'must be in canonical form ("fd00::/8")',
    'ip: IPv6 CIDR value "FD00::/8" should be in RFC 5952 canonical format ("fd00::/8")',
  ],
  [
    '10.0.0.5/24',
    BITS,
    BITS,
    'ip: CIDR value "10.0.0.5/24" is ambiguous in this context (should be "10.0.0.0/24" or "10.0.0.5/32"?)',
  ],
  [
    'fd00::1/64',
    BITS,
    BITS,
    'ip: CIDR value "fd00::1/64" is ambiguous in this context (should be "fd00::/64" or "fd00::1/128"?)',
  ],
  ['10.0.0.0/08', CIDR_ZEROS, CIDR_ZEROS, 'ip: non-standard CIDR value "10.0.0.0/08" is invalid: use "10.0.0.0/8"'],
  ['010.0.0.0/8', CIDR_ZEROS, CIDR_ZEROS, 'ip: non-standard CIDR value "010.0.0.0/8" is invalid: use "10.0.0.0/8"'],
  ['::ffff:10.0.0.0/104', 'must not have an IPv4-mapped IPv6 address', 'must not have an IPv4-mapped IPv6 address', ''],
  ['10.0.0.0/33', NO_CIDR, NO_CIDR, ''],
  ['10.0.0.0', NO_CIDR, NO_CIDR, ''],
  ['::ffff:10.0.0.0/129', NO_CIDR, NO_CIDR, ''],
];

for (const [value, fault, canonicalFault, warning] of networks) {
  test(`cidrFaults, canonicalCidr and cidrWarnings of ${value}`, () => {
    assert.equal(cidrFaults(value).join(), fault);
    assert.equal(canonicalCidr(value).join(), canonicalFault);
    assert.equal(cidrWarnings(value, at).join(), warning);
  });
}
