import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { Ingress } from './ingress.ts';
import { IngressClass } from './ingress-class.ts';
import { IPAddress } from './ip-address.ts';
import { NetworkPolicy } from './network-policy.ts';
import { ServiceCIDR } from './service-cidr.ts';

const hosts = (...names: string[]) => names.map((host) => ({ host }));

const cases: readonly [title: string, row: string, expected: string][] = [
  [
    'Ingress',
    rowOf(Ingress, {
      spec: { ingressClassName: 'nginx', rules: hosts('a', 'b', 'c', 'd'), tls: [{}] },
      status: { loadBalancer: { ingress: [{ ip: '2.2.2.2' }, { hostname: 'h' }, { ip: '1.1.1.1' }] } },
    }),
    'x | nginx | a,b,c + 1 more... | 1.1.1.1,2.2.2.2,h | 80, 443 | 60m',
  ],
  ['an Ingress for all', rowOf(Ingress, { spec: {} }), 'x | <none> | * |  | 80 | 60m'],
  [
    'IngressClass',
    rowOf(IngressClass, {
      spec: { controller: 'example.com/a', parameters: { apiGroup: 'example.com', kind: 'Settings', name: 'a' } },
    }),
    'x | example.com/a | Settings.example.com/a | 60m',
  ],
  [
    'an IngressClass without parameters',
    rowOf(IngressClass, { spec: { controller: 'example.com/a' } }),
    'x | example.com/a | <none> | 60m',
  ],
  [
    'IPAddress',
    rowOf(IPAddress, { spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } } }),
    'x | services/default/web | 60m',
  ],
  [
    'an IPAddress of another group',
    rowOf(IPAddress, { spec: { parentRef: { group: 'example.com', resource: 'Routes', name: 'web' } } }),
    'x | routes.example.com/web | 60m',
  ],
  [
    'ServiceCIDR',
    rowOf(ServiceCIDR, { spec: { cidrs: ['10.0.0.0/16', 'fd00::/64'] } }),
    'x | 10.0.0.0/16,fd00::/64 | 60m',
  ],
  ['NetworkPolicy', rowOf(NetworkPolicy, { spec: { podSelector: { matchLabels: { a: 'b' } } } }), 'x | a=b | 60m'],
  ['a NetworkPolicy for all', rowOf(NetworkPolicy, { spec: { podSelector: {} } }), 'x | <none> | 60m'],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('NetworkPolicy is for what it has rules for, and for ingress in any case', () => {
  const typesOf = (spec: object) => readInput(NetworkPolicy, { spec: { podSelector: {}, ...spec } }).spec.policyTypes;
  assert.deepEqual(typesOf({}), ['Ingress']);
  assert.deepEqual(typesOf({ egress: [{}] }), ['Ingress', 'Egress']);
  assert.deepEqual(typesOf({ egress: [{}], policyTypes: ['Egress'] }), ['Egress']);
});

test('NetworkPolicy: ports are of TCP', () => {
  const { spec } = readInput(NetworkPolicy, { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } });
  assert.equal(spec.ingress?.[0]?.ports?.[0]?.protocol, 'TCP');
});
