import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import type { Draft } from '../schema.ts';
import { Service } from './service.ts';
import { prepareServiceForCreate, prepareServiceForUpdate } from './service-strategy.ts';

type Spec = NonNullable<Parameters<typeof readInput<typeof Service>>[1]['spec']>;

const http = { name: 'http', port: 80 };
const clusterIP = { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'] };
const families = { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' } as const;

function serviceOf(spec: Spec): Draft<Service> {
  return readInput(Service, { spec: { ports: [http], ...spec } });
}

test('defaultService', () => {
  const cases: [string, Spec, Spec][] = [
    [
      'a minimal service',
      {},
      {
        ports: [{ ...http, protocol: 'TCP', targetPort: 80 }],
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
      },
    ],
    [
      'a named target',
      { ports: [{ ...http, targetPort: 'web' }] },
      { ports: [{ ...http, protocol: 'TCP', targetPort: 'web' }] },
    ],
    [
      'client affinity',
      { sessionAffinity: 'ClientIP' },
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } },
    ],
    [
      'client affinity for a time',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
    ],
    [
      'no affinity needs no time',
      { sessionAffinity: 'None', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
      { sessionAffinityConfig: undefined } as unknown as Spec,
    ],
    ['node ports', { type: 'NodePort' }, { externalTrafficPolicy: 'Cluster', internalTrafficPolicy: 'Cluster' }],
    ['external addresses', { externalIPs: ['1.2.3.4'] }, { externalTrafficPolicy: 'Cluster' }],
    [
      'load balancer',
      { type: 'LoadBalancer' },
      { externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true },
    ],
    [
      'external name',
      { type: 'ExternalName', externalName: 'a.b' },
      { internalTrafficPolicy: undefined, externalTrafficPolicy: undefined } as unknown as Spec,
    ],
  ];
  for (const [name, given, expected] of cases) {
    const { spec } = serviceOf(given);
    for (const [field, value] of Object.entries(expected))
      assert.deepEqual(spec[field as keyof Spec], value, `${name}: ${field}`);
  }
});

test('prepareServiceForCreate completes the list of addresses', () => {
  const service = serviceOf({ clusterIP: 'None' });
  prepareServiceForCreate(service);
  assert.deepEqual(service.spec.clusterIPs, ['None']);
});

function updated(before: Spec, after: Spec): Service['spec'] {
  const previous = serviceOf(before);
  previous.status.loadBalancer = { ingress: [{ ip: '1.1.1.1' }] };
  const service = serviceOf(after);
  service.status = structuredClone(previous.status);
  prepareServiceForUpdate(service, previous as Service);
  const kept = service.status.loadBalancer.ingress !== undefined;
  assert.equal(kept, service.spec.type === 'LoadBalancer', 'status of the load balancer');
  return service.spec;
}

test('prepareServiceForUpdate keeps addresses that a manifest leaves out', () => {
  const spec = updated(clusterIP, {});
  assert.equal(spec.clusterIP, clusterIP.clusterIP);
  assert.deepEqual(spec.clusterIPs, clusterIP.clusterIPs);
});

test('prepareServiceForUpdate keeps node ports by the name of the port', () => {
  const before = {
    type: 'NodePort',
    ports: [
      { ...http, nodePort: 30080 },
      { name: 'b', port: 81, nodePort: 30081 },
    ],
  } as const;
  const ports = (after: NonNullable<Spec['ports']>) =>
    updated(before, { type: 'NodePort', ports: after }).ports?.map(({ nodePort }) => nodePort);
  assert.deepEqual(
    ports([
      { name: 'b', port: 81 },
      { ...http, port: 8080 },
    ]),
    [30081, 30080],
  );
  assert.deepEqual(
    ports([
      { ...http, nodePort: 31000 },
      { name: 'b', port: 81 },
    ]),
    [31000, 30081],
  );
  assert.deepEqual(ports([{ name: 'new', port: 1, nodePort: 30080 }, http]), [30080, undefined]);
});

test('prepareServiceForUpdate keeps the health check port', () => {
  const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } as const;
  assert.equal(updated({ ...local, healthCheckNodePort: 30999 }, local).healthCheckNodePort, 30999);
});

test('prepareServiceForUpdate writes a changed or cleared address into the list', () => {
  assert.deepEqual(updated(clusterIP, { ...clusterIP, clusterIP: '10.96.0.10' }).clusterIPs, ['10.96.0.10']);
  const cleared = updated(
    { ...clusterIP, ...families },
    { type: 'ExternalName', externalName: 'a.b', clusterIPs: clusterIP.clusterIPs },
  );
  assert.equal(cleared.clusterIPs, undefined);
});

test('prepareServiceForUpdate releases the second family when the policy alone asks for one', () => {
  const both = { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9', 'fd00::9'], ipFamilies: ['IPv4', 'IPv6'] } as const;
  const previous = serviceOf({ ...both, ipFamilyPolicy: 'PreferDualStack' }) as Service;
  const service = serviceOf({ ...both, ipFamilyPolicy: 'SingleStack' });
  prepareServiceForUpdate(service, previous);
  assert.deepEqual([service.spec.clusterIPs, service.spec.ipFamilies], [['10.96.0.9'], ['IPv4']]);
  const unclear = serviceOf({ ...both, ipFamilies: ['IPv6', 'IPv4'], ipFamilyPolicy: 'SingleStack' });
  prepareServiceForUpdate(unclear, previous);
  assert.deepEqual(unclear.spec.ipFamilies, ['IPv6', 'IPv4'], 'what is written anew is left for validation');
});

test('prepareServiceForUpdate drops what the new type has no use for', () => {
  const external = updated(
    { ...clusterIP, ...families },
    { ...clusterIP, ...families, type: 'ExternalName', externalName: 'a.b' },
  );
  for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const)
    assert.equal(external[field], undefined, field);

  const balanced = {
    ...clusterIP,
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 30999,
    allocateLoadBalancerNodePorts: true,
    loadBalancerClass: 'a/b',
    ports: [{ ...http, nodePort: 30080 }],
  } as const;
  const plain = updated(balanced, { ...balanced, type: 'ClusterIP' });
  assert.equal(plain.ports?.[0]?.nodePort, undefined);
  for (const field of [
    'healthCheckNodePort',
    'allocateLoadBalancerNodePorts',
    'loadBalancerClass',
    'externalTrafficPolicy',
  ] as const) {
    assert.equal(plain[field], undefined, field);
  }
});

test('prepareServiceForUpdate leaves what is written anew for validation', () => {
  const before = { ...clusterIP, type: 'NodePort', ports: [{ ...http, nodePort: 30080 }] } as const;
  const after = updated(before, { ...clusterIP, type: 'ClusterIP', ports: [{ ...http, nodePort: 30081 }] });
  assert.equal(after.ports?.[0]?.nodePort, 30081);
});
