import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, nextFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { deprecationWarning } from '../kind.ts';
import { Endpoints } from './endpoints.ts';

type Subset = NonNullable<NonNullable<Parameters<typeof faultsOf<typeof Endpoints>>[1]['subsets']>[number]>;
const faults = (subset: Subset) =>
  faultsOf(Endpoints, { subsets: [subset] }).map((fault) => fault.replace('subsets[0]', ''));
const addresses = [{ ip: '10.0.0.1' }];

const cases: readonly [title: string, subset: Subset, expected: readonly string[]][] = [
  [
    'addresses and ports',
    {
      addresses: [{ ip: '10.0.0.1', hostname: 'a', nodeName: 'b.c' }],
      notReadyAddresses: [{ ip: 'fd00::1' }],
      ports: [{ port: 80 }],
    },
    [],
  ],
  ['no addresses', { ports: [{ port: 80 }] }, [': Required value: must specify `addresses` or `notReadyAddresses`']],
  [
    'addresses that are none',
    { addresses: [{ ip: 'a', hostname: 'A', nodeName: 'B' }] },
    [
      '.addresses[0].ip: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ".addresses[0].hostname: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      ".addresses[0].nodeName: Invalid value: \"B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      '.addresses[0].ip: Invalid value: "a": must be a valid IP address',
    ],
  ],
  [
    'an address that means something else on each node',
    { notReadyAddresses: [{ ip: '::1' }] },
    ['.notReadyAddresses[0].ip: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
  [
    'two ports without names',
    { addresses, ports: [{ port: 80 }, { port: 81 }] },
    ['.ports[0].name: Required value', '.ports[1].name: Required value'],
  ],
  [
    'ports that are none',
    { addresses, ports: [{ name: 'A', port: 0, appProtocol: '!' }] },
    [
      ".ports[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      '.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      ".ports[0].appProtocol: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
];

for (const [title, subset, expected] of cases) {
  test(`Endpoints.validate of ${title}`, () => {
    assert.deepEqual(faults(subset), expected);
  });
}

const old = { subsets: [{ addresses: [{ ip: '010.0.0.1' }] }] };

test('Endpoints.validate lets subsets stay that were let in before', () => {
  assert.deepEqual(nextFaultsOf(Endpoints, { metadata: { labels: { a: 'b' } }, ...old }, old), []);
  assert.deepEqual(nextFaultsOf(Endpoints, { subsets: [...old.subsets, { addresses }] }, old), [
    'subsets[0].addresses[0].ip: Invalid value: "010.0.0.1": must not have leading 0s',
  ]);
});

test('Endpoints.warnings are of addresses in a form of their own that the controller has not written', () => {
  const subsets = [{ addresses, notReadyAddresses: [{ ip: 'FD00::1' }] }];
  const labels = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
  assert.deepEqual(warningsOf(Endpoints, { subsets }), [
    'subsets[0].notReadyAddresses[0].ip: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
  ]);
  assert.deepEqual(warningsOf(Endpoints, { metadata: { labels }, subsets }), []);
});

test('Endpoints are deprecated', () => {
  const warning = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice';
  assert.equal(deprecationWarning(Endpoints), warning);
});
