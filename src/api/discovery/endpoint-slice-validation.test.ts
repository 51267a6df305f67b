import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, nextFaultsOf, updateFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { EndpointSlice } from './endpoint-slice.ts';

type Input = Parameters<typeof faultsOf<typeof EndpointSlice>>[1];
type Slice = Partial<Input>;

const sliceOf = (slice: Slice): Input => ({ addressType: 'IPv4', endpoints: [], ports: [], ...slice });
const faults = (slice: Slice) => faultsOf(EndpointSlice, sliceOf(slice));
const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const addresses = ['10.0.0.1'];

const cases: readonly [title: string, slice: Slice, expected: readonly string[]][] = [
  [
    'all there is',
    {
      endpoints: [
        {
          addresses,
          hostname: 'a',
          nodeName: 'b.c',
          zone: 'd',
          hints: { forZones: [{ name: 'd' }], forNodes: [{ name: 'b.c' }] },
        },
      ],
      ports: [{ name: 'http', port: 80, appProtocol: 'example.com/http' }, { port: 81 }],
    },
    [],
  ],
  ['IPv6', { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] }, []],
  ['names', { addressType: 'FQDN', endpoints: [{ addresses: ['example.com', 'example.com.'] }] }, []],
  [
    'too many endpoints',
    { endpoints: many(1001, { addresses: [] }) },
    ['endpoints: Too many: 1001: must have at most 1000 items'],
  ],
  [
    'an endpoint without addresses',
    { endpoints: [{ addresses: [] }] },
    ['endpoints[0].addresses: Required value: must contain at least 1 address'],
  ],
  [
    'an endpoint of too many addresses',
    { endpoints: [{ addresses: many(101, '10.0.0.1') }] },
    ['endpoints[0].addresses: Too many: 101: must have at most 100 items'],
  ],
  [
    'addresses of another family',
    { endpoints: [{ addresses: ['fd00::1'] }] },
    ['endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address'],
  ],
  [
    'addresses that are none',
    { addressType: 'IPv6', endpoints: [{ addresses: ['a'] }] },
    ['endpoints[0].addresses[0]: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ],
  [
    'an address that means something else on each node',
    { endpoints: [{ addresses: ['127.0.0.1'] }] },
    ['endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
  [
    'names that are none',
    { addressType: 'FQDN', endpoints: [{ addresses: ['', 'A', 'example', `${'a'.repeat(64)}.com`] }] },
    [
      'endpoints[0].addresses[0]: Required value',
      "endpoints[0].addresses[1]: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'endpoints[0].addresses[2]: Invalid value: "example": should be a domain with at least two segments separated by dots',
      'endpoints[0].addresses[3]: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters',
    ],
  ],
  [
    'an endpoint of names that are none',
    { endpoints: [{ addresses, hostname: 'A', nodeName: 'B', deprecatedTopology: { a: '!' } }] },
    [
      "endpoints[0].nodeName: Invalid value: \"B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      "endpoints[0].deprecatedTopology: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      "endpoints[0].hostname: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    'an endpoint of too many labels',
    {
      endpoints: [
        { addresses, deprecatedTopology: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`a${i}`, ''])) },
      ],
    },
    ['endpoints[0].deprecatedTopology: Too many: 17: must have at most 16 items'],
  ],
  [
    'hints that are none',
    { endpoints: [{ addresses, hints: { forZones: [{ name: '!' }], forNodes: [{ name: 'A' }] } }] },
    [
      "endpoints[0].hints.forZones[0].name: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      "endpoints[0].hints.forNodes[0].name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'a hint twice',
    { endpoints: [{ addresses, hints: { forZones: [{ name: 'a' }, { name: 'a' }] } }] },
    ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
  ],
  [
    'too many hints',
    { endpoints: [{ addresses, hints: { forZones: many(9, { name: 'a' }), forNodes: many(9, { name: 'a' }) } }] },
    [
      'endpoints[0].hints.forZones: Too many: 9: must have at most 8 items',
      'endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items',
    ],
  ],
  ['too many ports', { ports: many(20_001, { port: 80 }) }, ['ports: Too many: 20001: must have at most 20000 items']],
  [
    'ports that are none',
    { ports: [{ name: 'A', port: 80, appProtocol: '!' }] },
    [
      "ports[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      "ports[0].appProtocol: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  ['two ports without a name', { ports: [{ port: 80 }, { port: 81 }] }, ['ports[1].name: Duplicate value: ""']],
];

for (const [title, slice, expected] of cases) {
  test(`EndpointSlice.validate of ${title}`, () => {
    assert.deepEqual(faults(slice), expected);
  });
}

test('EndpointSlice.validateUpdate keeps the kind of addresses', () => {
  assert.deepEqual(updateFaultsOf(EndpointSlice, sliceOf({ endpoints: [{ addresses }] }), sliceOf({})), []);
  assert.deepEqual(updateFaultsOf(EndpointSlice, sliceOf({ addressType: 'IPv6' }), sliceOf({})), [
    'addressType: Invalid value: "IPv6": field is immutable',
  ]);
});

test('EndpointSlice.validate lets endpoints stay that were let in before', () => {
  const old = { endpoints: [{ addresses: ['010.0.0.1'] }] };
  assert.deepEqual(nextFaultsOf(EndpointSlice, sliceOf({ ...old, ports: [{ port: 80 }] }), sliceOf(old)), []);
  assert.equal(nextFaultsOf(EndpointSlice, sliceOf(old), sliceOf({})).length, 1);
  assert.equal(nextFaultsOf(EndpointSlice, sliceOf({ ...old, ports: [{ name: 'A' }] }), sliceOf(old)).length, 1);
});

test('EndpointSlice.warnings are of addresses in a form of their own that no controller has written, and of names', () => {
  const slice = sliceOf({ addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1', 'FD00::1'] }] });
  const labels = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };
  assert.deepEqual(warningsOf(EndpointSlice, slice), [
    'endpoints[0].addresses[1]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
  ]);
  assert.deepEqual(warningsOf(EndpointSlice, { metadata: { labels }, ...slice }), []);
  const names = sliceOf({ addressType: 'FQDN', endpoints: [{ addresses: ['a.b'] }] });
  assert.deepEqual(warningsOf(EndpointSlice, names), ['spec.addressType: FQDN endpoints are deprecated']);
  assert.deepEqual(warningsOf(EndpointSlice, names, names), []);
});
