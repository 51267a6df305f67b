import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { readInput } from '../../api/read-input.ts';
import { seededRandom } from '../../base/random.ts';
import type { NamedTarget } from './connector.ts';
import { nodeLocation, podLocation, serviceLocation } from './proxy-locations.ts';

const target = (port = '', scheme: NamedTarget['scheme'] = ''): NamedTarget => ({ given: 'web', scheme, port });
const pod = (name: string, ip: string, ports: readonly number[] = []) =>
  readInput(Pod, {
    metadata: { name, namespace: 'a' },
    spec: { containers: [{ name: 'c', image: 'i', ports: ports.map((containerPort) => ({ containerPort })) }] },
    status: { podIP: ip, podIPs: [{ ip }] },
  });
const NOT_ALLOWED = { code: 400, message: 'address not allowed' };

describe('podLocation', () => {
  test('goes to the port that is said, else to the first of the pod, else to that of the scheme', () => {
    const web = pod('web', '10.244.0.7', [8080, 9090]);
    assert.deepEqual(podLocation(web, target()), { scheme: 'http', host: '10.244.0.7', port: '8080' });
    assert.deepEqual(podLocation(web, target('443', 'https')), { scheme: 'https', host: '10.244.0.7', port: '443' });
    assert.equal(podLocation(pod('bare', '10.244.0.8'), target()).port, '');
  });

  for (const ip of ['', '127.0.0.1', '::1', '169.254.169.254', 'fe80::1', '0.0.0.0'])
    test(`does not go to ${ip || 'a pod without address'}`, () =>
      assert.throws(() => podLocation(pod('web', ip), target()), NOT_ALLOWED));
});

describe('nodeLocation', () => {
  const node = readInput(Node, {
    metadata: { name: 'n' },
    status: {
      addresses: [
        { type: 'Hostname', address: 'n' },
        { type: 'InternalIP', address: '192.0.2.7' },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    },
  });
  const cases: readonly (readonly [NamedTarget, ReturnType<typeof nodeLocation>])[] = [
    [target(), { scheme: 'https', host: '192.0.2.7', port: '10250', name: 'n', agent: true }],
    [target('10250'), { scheme: 'https', host: '192.0.2.7', port: '10250', name: 'n', agent: true }],
    [target('80'), { scheme: 'http', host: '192.0.2.7', port: '80', agent: false }],
    [target('443', 'https'), { scheme: 'https', host: '192.0.2.7', port: '443', agent: false }],
  ];
  for (const [asked, expected] of cases)
    test(`${asked.scheme}:n:${asked.port}`, () => assert.deepEqual(nodeLocation(node, asked), expected));

  test('goes to where the agent says that it is, but for nothing else', () => {
    const addresses = [...(node.status.addresses ?? []), { type: 'InternalDNS', address: 'localhost' }];
    const elsewhere = { ...node, status: { ...node.status, addresses } };
    assert.equal(nodeLocation(elsewhere, target()).host, 'localhost');
    assert.equal(nodeLocation(elsewhere, target('80')).host, '192.0.2.7');
  });
});

describe('serviceLocation', () => {
  const service = readInput(Service, {
    metadata: { name: 'web', namespace: 'a' },
    spec: {
      ports: [
        { name: 'http', port: 80, targetPort: 8080 },
        { name: 'tls', port: 443, targetPort: 8443 },
      ],
    },
  });
  const pods = [pod('w1', '10.244.0.1'), pod('w2', '10.244.0.2'), pod('w3', '10.244.0.3')];
  const endpoint = (name: string, ip: string, conditions = {}, namespace = 'a') => ({
    addresses: [ip],
    conditions,
    targetRef: { kind: 'Pod', name, namespace },
  });
  const slice = (...endpoints: readonly ReturnType<typeof endpoint>[]) =>
    readInput(EndpointSlice, {
      metadata: { name: 's', namespace: 'a' },
      addressType: 'IPv4',
      endpoints,
      ports: [
        { name: 'http', port: 8080 },
        { name: 'tls', port: 8443 },
      ],
    });
  const backends = (...slices: readonly EndpointSlice[]) => ({
    slices,
    pod: (name: string) => pods.find(({ metadata }) => metadata.name === name),
    random: seededRandom(1),
  });
  const w1 = endpoint('w1', '10.244.0.1');

  for (const [port, expected] of [
    ['http', '8080'],
    ['80', '8080'],
    ['443', '8443'],
  ] as const)
    test(`finds port ${port}`, () => {
      const found = serviceLocation(service, target(port), backends(slice(w1)));
      assert.deepEqual(found, { scheme: 'http', host: '10.244.0.1', port: expected });
    });

  test('spreads over all that are ready', () => {
    const ready = backends(
      slice(w1, endpoint('w2', '10.244.0.2', { ready: true }), endpoint('w3', '10.244.0.3', { ready: false })),
    );
    const found = new Set(Array.from({ length: 50 }, () => serviceLocation(service, target('http'), ready).host));
    assert.deepEqual([...found].sort(), ['10.244.0.1', '10.244.0.2']);
  });

  const nowhere: readonly (readonly [title: string, port: string, slices: readonly EndpointSlice[]])[] = [
    ['nobody is ready', 'http', [slice(endpoint('w1', '10.244.0.1', { ready: false }))]],
    ['there are no slices', 'http', []],
    ['nobody has that port', 'metrics', [slice(w1)]],
    ['the pod is of another namespace', 'http', [slice(endpoint('w1', '10.244.0.1', {}, 'b'))]],
    ['the address is not of that pod', 'http', [slice(endpoint('w1', '10.244.0.9'))]],
    ['the pod is gone', 'http', [slice(endpoint('w9', '10.244.0.9'))]],
  ];
  for (const [title, port, slices] of nowhere)
    test(`finds nothing where ${title}`, () =>
      assert.throws(() => serviceLocation(service, target(port), backends(...slices)), {
        code: 503,
        message: 'no endpoints available for service "web"',
      }));

  test('says which port a service does not have', () =>
    assert.throws(() => serviceLocation(service, target('81'), backends(slice(w1))), {
      code: 503,
      message: 'no service port 81 found for service "web"',
    }));
});
