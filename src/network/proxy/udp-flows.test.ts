import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { flowOptions } from '../kernel.ts';
import type { ServicePort } from './service-ports.ts';
import { lostUdpFlows, type UdpFlow } from './udp-flows.ts';

function dns(targets: readonly string[], more: Partial<ServicePort> = {}): ServicePort {
  return {
    key: 'kube-system/dns:',
    protocol: 'udp',
    port: 53,
    clusterIps: ['10.96.0.10'],
    externalIps: [],
    nodePort: undefined,
    affinitySeconds: undefined,
    everywhere: targets.map((ip) => ({ ip, port: 5353 })),
    here: [],
    internalLocal: false,
    externalLocal: false,
    ...more,
  };
}

const flow = (target: string | undefined): UdpFlow => ({ address: '10.96.0.10', port: 53, target });

describe('lostUdpFlows', () => {
  const cases: readonly (readonly [string, readonly ServicePort[], readonly ServicePort[], readonly UdpFlow[]])[] = [
    ['nothing when nothing changes', [dns(['a', 'b'])], [dns(['a', 'b'])], []],
    ['nothing when an endpoint comes to others', [dns(['a'])], [dns(['a', 'b'])], []],
    ['those to the endpoint that goes', [dns(['a', 'b'])], [dns(['b'])], [flow('a')]],
    ['those of the service that goes', [dns(['a'])], [], [flow('a')]],
    ['those of whoever asked in vain before', [dns([])], [dns(['a'])], [flow(undefined)]],
    ['those of whoever asked before there was the service', [], [dns(['a'])], [flow(undefined)]],
    ['nothing of TCP', [dns(['a'], { protocol: 'tcp' })], [], []],
    [
      'those by node port and external address, too',
      [dns(['a'], { nodePort: 30053, externalIps: ['198.51.100.7'] })],
      [dns([], { nodePort: 30053, externalIps: ['198.51.100.7'] })],
      [flow('a'), { address: '198.51.100.7', port: 53, target: 'a' }, { address: undefined, port: 30053, target: 'a' }],
    ],
    [
      'those by an address that the service loses',
      [dns(['a'], { externalIps: ['198.51.100.7'] })],
      [dns(['a'])],
      [{ address: '198.51.100.7', port: 53, target: 'a' }],
    ],
  ];
  for (const [name, before, after, expected] of cases) {
    test(name, () => assert.deepEqual(lostUdpFlows(before, after), expected));
  }
});

test('flowOptions asks for no more than what is known', () => {
  assert.deepEqual(
    flowOptions(flow('10.244.0.5')).join(' '),
    '-D -p udp --orig-port-dst 53 --orig-dst 10.96.0.10 --dst-nat 10.244.0.5',
  );
  assert.deepEqual(
    flowOptions({ address: undefined, port: 30053, target: undefined }).join(' '),
    '-D -p udp --orig-port-dst 30053',
  );
});
