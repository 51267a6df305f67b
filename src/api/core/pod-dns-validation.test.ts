import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { Pod } from './pod.ts';

type Input = Parameters<typeof faultsOf<typeof Pod>>[1];
type Spec = NonNullable<Input['spec']>;
type Container = NonNullable<NonNullable<Spec['containers']>[number]>;

const main: Container = { name: 'main', image: 'nginx' };
const faults = (spec: Partial<Spec>) => faultsOf(Pod, { spec: { containers: [main], ...spec } });

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  [
    'a configuration of its own',
    {
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['10.0.0.1', '::1', '10.0.0.2'],
        searches: ['_tcp.example.com.', '.'],
        options: [{ name: 'ndots', value: '2' }],
      },
    },
    [],
  ],
  [
    'no configuration where the cluster gives none',
    { dnsPolicy: 'None' },
    ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  ],
  [
    'no servers where the cluster gives none',
    { dnsPolicy: 'None', dnsConfig: { searches: ['!'] } },
    ['spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None'],
  ],
  [
    'too many servers',
    { dnsConfig: { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] } },
    [
      'spec.dnsConfig.nameservers: Invalid value: ["10.0.0.1","10.0.0.2","10.0.0.3","10.0.0.4"]: must not have more than 3 nameservers',
    ],
  ],
  [
    'a server that is no address',
    { dnsConfig: { nameservers: ['example.com'] } },
    [
      'spec.dnsConfig.nameservers[0]: Invalid value: "example.com": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    'a domain that is none',
    { dnsConfig: { searches: ['A'] } },
    [
      "spec.dnsConfig.searches[0]: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9_]([-_a-z0-9]*[a-z0-9])?(\\.[a-z0-9_]([-_a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'an option without a name',
    { dnsConfig: { options: [{ value: '2' }] } },
    ['spec.dnsConfig.options[0]: Required value: must not be empty'],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`Pod.validate of a pod with ${title}`, () => {
    assert.deepEqual(faults(spec), expected);
  });
}

test('Pod.validate refuses more than 32 domains, and more than 2048 characters of them', () => {
  const searches = Array.from({ length: 33 }, (_, index) => `${'a'.repeat(61)}${index}`);
  assert.deepEqual(
    faults({ dnsConfig: { searches } }).map((fault) => fault.slice(fault.indexOf('must'))),
    [
      'must not have more than 32 search paths',
      'must not have more than 2048 characters (including spaces) in the search list',
    ],
  );
});
