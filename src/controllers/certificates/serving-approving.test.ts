import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Node } from '../../api/core/node.ts';
import type { Service } from '../../api/core/service.ts';
import { isForItself } from './serving-approving.ts';

const node = (name: string, address: string) =>
  ({ metadata: { name }, status: { addresses: [{ type: 'InternalIP', address }] } }) as unknown as Node;
const KNOWN = {
  nodes: [node('a', '192.0.2.1'), node('b', '192.0.2.2')],
  services: [{ spec: { clusterIPs: ['10.96.0.1'] } } as unknown as Service],
};

describe('isForItself', () => {
  const cases: readonly (readonly [string, string, readonly string[], readonly string[], boolean])[] = [
    ["a node's own name and address", 'system:node:b', ['b'], ['192.0.2.2'], true],
    ['an address that is nobody’s yet', 'system:node:c', ['c'], ['192.0.2.3'], true],
    ['the address of another node', 'system:node:b', ['b'], ['192.0.2.2', '192.0.2.1'], false],
    ['the address of a service', 'system:node:b', ['b'], ['10.96.0.1'], false],
    ['the loopback', 'system:node:b', ['b'], ['127.0.0.1'], false],
    ['the name of another', 'system:node:b', ['kubernetes.default'], ['192.0.2.2'], false],
  ];
  for (const [name, commonName, dnsNames, addresses, holds] of cases) {
    test(name, () => assert.equal(isForItself({ commonName, dnsNames, addresses }, commonName, KNOWN), holds));
  }

  test('who asks for another node, or for none', () => {
    const names = { commonName: 'system:node:b', dnsNames: ['b'], addresses: [] };
    assert.equal(isForItself(names, 'system:node:a', KNOWN), false);
    assert.equal(isForItself({ ...names, commonName: 'system:node:' }, 'system:node:', KNOWN), false);
  });
});
