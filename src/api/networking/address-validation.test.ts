import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf, nextFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { dns1123Subdomain } from '../names.ts';
import { IPAddress } from './ip-address.ts';
import { ServiceCIDR } from './service-cidr.ts';

type Parent = NonNullable<Parameters<typeof allFaultsOf<typeof IPAddress>>[1]['spec']>['parentRef'];
const addressOf = (parentRef: Parent | undefined, name = '10.0.0.1') => ({
  metadata: { name },
  spec: { parentRef } as { parentRef: Parent },
});
const service = { resource: 'services', namespace: 'default', name: 'web' };
const AT = 'spec.parentRef';

const addresses: readonly [title: string, input: ReturnType<typeof addressOf>, expected: readonly string[]][] = [
  ['a service', addressOf(service), []],
  ['IPv6', addressOf(service, 'fd00::1'), []],
  ['another group', addressOf({ group: 'example.com', resource: 'routes', name: 'a' }), []],
  [
    'no address',
    addressOf(service, 'a'),
    ['metadata.name: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ],
  [
    'an address in another form',
    addressOf(service, 'FD00::1'),
    ['metadata.name: Invalid value: "FD00::1": must be in canonical form ("fd00::1")'],
  ],
  ['nobody', addressOf(undefined), [`${AT}: Required value`]],
  [
    'nobody by name',
    addressOf({ resource: '', name: '' }),
    [`${AT}.resource: Required value`, `${AT}.name: Required value`],
  ],
  [
    'somebody who cannot be',
    addressOf({ group: 'A', resource: 'a/b', namespace: '%', name: '..' }),
    [
      `${AT}.group: Invalid value: "A": ${dns1123Subdomain('A')}`,
      `${AT}.resource: Invalid value: "a/b": may not contain '/'`,
      `${AT}.name: Invalid value: "..": may not be '..'`,
      `${AT}.namespace: Invalid value: "%": may not contain '%'`,
    ],
  ],
];

for (const [title, input, expected] of addresses) {
  test(`IPAddress.validate of ${title}`, () => assert.deepEqual(allFaultsOf(IPAddress, input), expected));
}

test('IPAddress.validateUpdate keeps the parent', () => {
  assert.deepEqual(updateFaultsOf(IPAddress, addressOf(service), addressOf(service)), []);
  assert.deepEqual(updateFaultsOf(IPAddress, addressOf({ ...service, name: 'b' }), addressOf(service)), [
    `${AT}: Invalid value: {"resource":"services","namespace":"default","name":"b"}: field is immutable`,
  ]);
});

const range = (...cidrs: string[]) => ({ spec: { cidrs } });
const FAMILIES = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';

const ranges: readonly [title: string, input: ReturnType<typeof range>, expected: readonly string[]][] = [
  ['one', range('10.0.0.0/16'), []],
  ['one of each family', range('fd00::/64', '10.0.0.0/16'), []],
  ['none', range(), ['spec.cidrs: Required value: at least one CIDR required']],
  [
    'three',
    range('10.0.0.0/16', 'fd00::/64', '10.1.0.0/16'),
    ['spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/16","fd00::/64","10.1.0.0/16"]}: may only hold up to 2 values'],
  ],
  [
    'two of one family',
    range('10.0.0.0/16', '10.1.0.0/16'),
    [`spec.cidrs: Invalid value: ["10.0.0.0/16","10.1.0.0/16"]: ${FAMILIES}`],
  ],
  [
    'some that are none',
    range('10.0.0.1/16', 'a'),
    [
      'spec.cidrs[0]: Invalid value: "10.0.0.1/16": must not have bits set beyond the prefix length',
      'spec.cidrs[1]: Invalid value: "a": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
  [
    'another form',
    range('FD00::/64'),
    ['spec.cidrs[0]: Invalid value: "FD00::/64": must be in canonical form ("fd00::/64")'],
  ],
];

for (const [title, input, expected] of ranges) {
  test(`ServiceCIDR.validate of ${title}`, () => assert.deepEqual(allFaultsOf(ServiceCIDR, input), expected));
}

const IMMUTABLE = 'field is immutable';
const steps: readonly [title: string, next: string[], previous: string[], expected: readonly string[]][] = [
  ['nothing', ['10.0.0.0/16'], ['10.0.0.0/16'], []],
  ['nothing of what is in another form', ['FD00::/64'], ['FD00::/64'], []],
  ['a second family', ['10.0.0.0/16', 'fd00::/64'], ['10.0.0.0/16'], []],
  [
    'a range',
    ['10.1.0.0/16', 'fd00::/64'],
    ['10.0.0.0/16', 'fd00::/64'],
    [`spec.cidrs[0]: Invalid value: "10.1.0.0/16": ${IMMUTABLE}`],
  ],
  [
    'a range, along with a second family',
    ['10.1.0.0/16', 'fd00::/64'],
    ['10.0.0.0/16'],
    [`spec.cidrs[0]: Invalid value: "10.1.0.0/16": ${IMMUTABLE}`],
  ],
  [
    'a second family that is none',
    ['10.0.0.0/16', '10.1.0.0/16'],
    ['10.0.0.0/16'],
    [`spec.cidrs: Invalid value: ["10.0.0.0/16","10.1.0.0/16"]: ${FAMILIES}`],
  ],
  [
    'two families to one',
    ['10.0.0.0/16'],
    ['10.0.0.0/16', 'fd00::/64'],
    [`spec.cidrs: Invalid value: ["10.0.0.0/16"]: ${IMMUTABLE}`],
  ],
];

for (const [title, next, previous, expected] of steps) {
  test(`ServiceCIDR.validateUpdate of a change of ${title}`, () => {
    const [input, before] = [range(...next), range(...previous)];
    const faults = [...nextFaultsOf(ServiceCIDR, input, before), ...updateFaultsOf(ServiceCIDR, input, before)];
    assert.deepEqual(faults, expected);
  });
}
