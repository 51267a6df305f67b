import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { service, slice } from '../../../test/support/service-objects.ts';
import type { Service } from '../../api/core/service.ts';
import type { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { type ServicePort, servicePorts } from './service-ports.ts';

const NODE = 'here';
const portsOf = (of: Service, slices: readonly EndpointSlice[] = []) => servicePorts(of, slices, NODE);

function only(of: Service, slices: readonly EndpointSlice[] = []): ServicePort {
  const ports = portsOf(of, slices);
  assert.equal(ports.length, 1);
  return ports[0]!;
}

describe('servicePorts', () => {
  test('of a plain service', () => {
    assert.deepEqual(
      only(service('web'), [
        slice('web', [
          { ip: '10.244.0.5', node: NODE },
          { ip: '10.244.1.5', node: 'there' },
        ]),
      ]),
      {
        key: 'default/web:web',
        protocol: 'tcp',
        port: 80,
        clusterIps: ['10.96.0.10'],
        externalIps: [],
        nodePort: undefined,
        affinitySeconds: undefined,
        everywhere: [
          { ip: '10.244.0.5', port: 8080 },
          { ip: '10.244.1.5', port: 8080 },
        ],
        here: [{ ip: '10.244.0.5', port: 8080 }],
        internalLocal: false,
        externalLocal: false,
      },
    );
  });

  const none: readonly (readonly [string, Service])[] = [
    ['a headless service', service('db', { clusterIP: 'None' })],
    ['an external name', service('out', { type: 'ExternalName', externalName: 'example.com', clusterIP: '' })],
    ['a service that has no address yet', service('new', { clusterIP: '' })],
    ['a service of IPv6 alone', service('six', { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] })],
  ];
  for (const [name, of] of none) test(`has none for ${name}`, () => assert.deepEqual(portsOf(of), []));

  test('takes the addresses that lead to it from outside, each once and of IPv4', () => {
    const status = {
      loadBalancer: {
        ingress: [{ ip: '203.0.113.5' }, { ip: '203.0.113.6', ipMode: 'Proxy' }, { hostname: 'lb' }, { ip: 'fd00::9' }],
      },
    };
    const of = service(
      'lb',
      {
        type: 'LoadBalancer',
        externalIPs: ['198.51.100.7', '203.0.113.5'],
        ports: [{ name: 'web', port: 80, nodePort: 30080 }],
      },
      { status },
    );
    const { externalIps, nodePort } = only(of);
    assert.deepEqual(externalIps, ['198.51.100.7', '203.0.113.5']);
    assert.equal(nodePort, 30080);
  });

  test('keeps ports of one number and two protocols apart, and matches endpoints by name and protocol', () => {
    const ports = (['TCP', 'UDP'] as const).map((protocol) => ({
      name: `dns-${protocol.toLowerCase()}`,
      port: 53,
      protocol,
    }));
    const slices = [
      slice('dns', [{ ip: '10.244.0.9' }], {
        ports: [
          { name: 'dns-tcp', port: 5353, protocol: 'TCP' },
          { name: 'dns-udp', port: 5354, protocol: 'UDP' },
        ],
      }),
    ];
    assert.deepEqual(
      portsOf(service('dns', { ports }), slices).map(({ key, protocol, everywhere }) => [
        key,
        protocol,
        everywhere[0]?.port,
      ]),
      [
        ['default/dns:dns-tcp', 'tcp', 5353],
        ['default/dns:dns-udp', 'udp', 5354],
      ],
    );
  });

  test('has the time of an affinity', () => {
    assert.equal(only(service('a', { sessionAffinity: 'ClientIP' })).affinitySeconds, 10_800);
    const sessionAffinityConfig = { clientIP: { timeoutSeconds: 60 } };
    assert.equal(only(service('a', { sessionAffinity: 'ClientIP', sessionAffinityConfig })).affinitySeconds, 60);
  });

  const ips = (targets: ServicePort['everywhere']) => targets.map(({ ip }) => ip);
  const choices: readonly (readonly [string, Parameters<typeof slice>[1], readonly string[], readonly string[]])[] = [
    [
      'who is ready',
      [
        { ip: '10.0.0.1', node: NODE },
        { ip: '10.0.0.2', ready: false },
      ],
      ['10.0.0.1'],
      ['10.0.0.1'],
    ],
    ['who says nothing of itself', [{ ip: '10.0.0.1' }], ['10.0.0.1'], []],
    [
      'who is ready before who terminates',
      [
        { ip: '10.0.0.1', ready: false, serving: true, terminating: true, node: NODE },
        { ip: '10.0.0.2', node: 'there' },
      ],
      ['10.0.0.2'],
      ['10.0.0.1'],
    ],
    [
      'who terminates when nobody else is there',
      [{ ip: '10.0.0.1', ready: false, serving: true, terminating: true }],
      ['10.0.0.1'],
      [],
    ],
    [
      'nobody who terminates and serves no more',
      [{ ip: '10.0.0.1', ready: false, serving: false, terminating: true }],
      [],
      [],
    ],
    ['nobody who is not ready yet', [{ ip: '10.0.0.1', ready: false, serving: false }], [], []],
  ];
  for (const [name, endpoints, everywhere, here] of choices) {
    test(`lets serve ${name}`, () => {
      const port = only(service('web'), [slice('web', endpoints)]);
      assert.deepEqual([ips(port.everywhere), ips(port.here)], [everywhere, here]);
    });
  }

  test('counts an endpoint in two slices once, as ready if either says so, in an order of its own', () => {
    const first = slice('web', [{ ip: '10.0.0.9' }, { ip: '10.0.0.1', ready: false }]);
    const second = slice('web', [{ ip: '10.0.0.1' }, { ip: '10.0.0.9', ready: false }]);
    for (const slices of [
      [first, second],
      [second, first],
    ]) {
      assert.deepEqual(ips(only(service('web'), slices).everywhere), ['10.0.0.1', '10.0.0.9']);
    }
  });

  test('looks away from slices of IPv6 and from addresses that are none', () => {
    const slices = [slice('web', [{ ip: 'fd00::5' }], { addressType: 'IPv6' }), slice('web', [{ ip: '10.0.0.256' }])];
    assert.deepEqual(only(service('web'), slices).everywhere, []);
  });
});
