import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateFaultsOf } from '../../../test/support/faults.ts';
import { Service } from './service.ts';

type Spec = NonNullable<Parameters<typeof updateFaultsOf<typeof Service>>[1]['spec']>;

const faults = (spec: Spec, previous: Spec) => {
  const serviceOf = (spec: Spec) => ({ spec: { ports: [{ port: 80 }], ...spec } });
  return updateFaultsOf(Service, serviceOf(spec), serviceOf(previous));
};

const one: Spec = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'] };
const both: Spec = { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'], ipFamilies: ['IPv4', 'IPv6'] };
const none: Spec = { clusterIP: 'None', clusterIPs: ['None'] };
const balanced = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } as const;

const cases: readonly [title: string, spec: Spec, previous: Spec, expected: readonly string[]][] = [
  ['nothing', one, one, []],
  ['a second family', { ...both, ipFamilyPolicy: 'PreferDualStack' }, one, []],
  ['no second family', { ...one, ipFamilyPolicy: 'SingleStack' }, both, []],
  [
    'no second family without saying so',
    one,
    both,
    [
      "spec.ipFamilyPolicy: Invalid value: null: must be set to 'SingleStack' when releasing the secondary clusterIP",
      "spec.ipFamilyPolicy: Invalid value: null: must be set to 'SingleStack' when releasing the secondary ipFamily",
    ],
  ],
  [
    'another address',
    { clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'], ipFamilies: ['IPv4'] },
    one,
    ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set'],
  ],
  [
    'another second address',
    { ...both, clusterIPs: ['10.0.0.1', 'fd00::2'] },
    both,
    ['spec.clusterIPs[1]: Invalid value: ["10.0.0.1","fd00::2"]: may not change once set'],
  ],
  [
    'another first address of more',
    { ...both, clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2', 'fd00::1'] },
    one,
    ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2","fd00::1"]: may not change once set'],
  ],
  ['no address', {}, one, ['spec.clusterIPs[0]: Invalid value: []: primary clusterIP can not be unset']],
  ['None', none, one, ['spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set']],
  ['other families of none', { ...none, ipFamilies: ['IPv6'] }, { ...none, ipFamilies: ['IPv4'] }, []],
  [
    'another family',
    { ...one, ipFamilies: ['IPv6'] },
    one,
    ['spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set'],
  ],
  ['families that are left out', { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] }, one, []],
  ['an external name', { type: 'ExternalName', externalName: 'a' }, one, []],
  [
    'another class',
    { ...balanced, loadBalancerClass: 'b' },
    { ...balanced, loadBalancerClass: 'a' },
    ['spec.loadBalancerClass: Invalid value: "b": may not change once set'],
  ],
  ['a class of what was no load balancer', { ...balanced, loadBalancerClass: 'b' }, {}, []],
  [
    'another health check port',
    { ...balanced, healthCheckNodePort: 30001 },
    { ...balanced, healthCheckNodePort: 30000 },
    ['spec.healthCheckNodePort: Forbidden: field is immutable'],
  ],
];

for (const [title, spec, previous, expected] of cases) {
  test(`Service.validateUpdate of ${title}`, () => {
    assert.deepEqual(faults(spec, previous), expected);
  });
}
