import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusWarningsOf, warningsOf } from '../../../test/support/faults.ts';
import { Service } from './service.ts';

type Input = Parameters<typeof warningsOf<typeof Service>>[1];
const service = (spec: NonNullable<Input['spec']>): Input => ({ spec: { ports: [{ port: 80 }], ...spec } });
const deprecated = 'spec.externalIPs is deprecated and may no longer be implemented in some clusters';
const canonical = (at: string, value: string, form: string) =>
  `${at}: IPv6 address "${value}" should be in RFC 5952 canonical format ("${form}")`;

const cases: readonly [title: string, input: Input, expected: readonly string[]][] = [
  ['a service of little', service({}), []],
  [
    'hints by their old annotation',
    { ...service({}), metadata: { annotations: { 'service.kubernetes.io/topology-aware-hints': 'auto' } } },
    [
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    ],
  ],
  [
    'cluster addresses in a form of their own',
    service({ clusterIP: 'FD00::1', clusterIPs: ['FD00::1', '10.0.0.1'] }),
    [canonical('spec.clusterIPs[0]', 'FD00::1', 'fd00::1')],
  ],
  ['a headless service', service({ clusterIP: 'None', clusterIPs: ['None'] }), []],
  [
    'a headless service with what it has no use for',
    service({
      clusterIP: 'None',
      clusterIPs: ['None'],
      loadBalancerIP: '10.0.0.1',
      externalIPs: ['10.0.0.1'],
      sessionAffinity: 'ClientIP',
    }),
    [
      'spec.loadBalancerIP is ignored for headless services',
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
    ],
  ],
  [
    'external addresses',
    service({ externalIPs: ['2001:DB8::1'] }),
    [canonical('spec.externalIPs[0]', '2001:DB8::1', '2001:db8::1'), deprecated],
  ],
  [
    'a load balancer with addresses in a form of their own',
    service({ type: 'LoadBalancer', loadBalancerIP: 'FD00::1', loadBalancerSourceRanges: ['FD00::/8', '10.0.0.0/8'] }),
    [
      canonical('spec.loadBalancerIP', 'FD00::1', 'fd00::1'),
      'spec.loadBalancerSourceRanges[0]: IPv6 CIDR value "FD00::/8" should be in RFC 5952 canonical format ("fd00::/8")',
    ],
  ],
  [
    'another name with external addresses',
    service({ type: 'ExternalName', externalName: 'a.b', externalIPs: ['10.0.0.1'] }),
    ['spec.externalIPs is ignored when spec.type is "ExternalName"'],
  ],
  [
    'another name of no use',
    service({ externalName: 'a.b' }),
    ['spec.externalName is ignored when spec.type is not "ExternalName"'],
  ],
  [
    'traffic that stays close',
    service({ trafficDistribution: 'PreferClose' }),
    ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'],
  ],
];

for (const [title, input, expected] of cases) {
  test(`Service.warnings of ${title}`, () => assert.deepEqual(warningsOf(Service, input), expected));
}

test('Service.statusWarnings are of addresses in a form of their own', () => {
  const ingress = [{ ip: '10.0.0.1' }, { hostname: 'a' }, { ip: 'FD00::1' }];
  assert.deepEqual(statusWarningsOf(Service, { status: { loadBalancer: { ingress } } }), [
    canonical('status.loadBalancer.ingress[2]', 'FD00::1', 'fd00::1'),
  ]);
});
