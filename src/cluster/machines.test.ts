import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterConfig, ClusterNode } from './cluster-config.ts';
import { bridgeName, linkName } from './cluster-names.ts';
import {
  enterNode,
  freeNodeAddress,
  freeNodeCidr,
  freePodCidr,
  machinesScript,
  namespacePath,
  reachableMirrors,
} from './machines.ts';

const MACHINE: ClusterNode = { name: 'vm', address: '192.0.2.2', place: 'machine' };
const SECOND: ClusterNode = { name: 'vm-2', address: '10.89.0.2', place: 'namespace' };
const config = (changes: Partial<ClusterConfig> = {}): ClusterConfig => ({
  name: 'two',
  dataDir: '/nowhere',
  controlPlane: 'here',
  apiPort: 6443,
  advertiseAddress: '192.0.2.2',
  nodes: [MACHINE, SECOND],
  nodeCidr: '10.89.0.0/24',
  simulatedNodes: 0,
  podCidr: '10.244.0.0/16',
  serviceCidr: '10.96.0.0/12',
  dnsAddress: '10.96.0.10',
  clusterDomain: 'cluster.local',
  kubeletConfiguration: {},
  registryMirrors: [],
  containerRuntimeEndpoint: undefined,
  kubeconfig: '',
  ...changes,
});

describe('freeNodeCidr', () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['takes the first where nothing is near', ['192.0.2.2/24', '127.0.0.1/8'], '10.89.0.0/24'],
    ['passes over what another cluster has', ['10.89.0.1/24'], '10.89.1.0/24'],
    ['passes over what lies within', ['10.89.0.77/32', '10.89.1.200/25'], '10.89.2.0/24'],
    ['passes over what is wider', ['10.89.0.1/23'], '10.89.2.0/24'],
  ];
  for (const [name, taken, free] of cases) test(name, () => assert.equal(freeNodeCidr(taken), free));

  test('says so when there is none', () => assert.throws(() => freeNodeCidr(['10.0.0.1/8']), /--node-cidr/));
});

describe('freePodCidr', () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['takes the usual one where nothing is near', ['192.0.2.2/24', '10.89.0.1/24'], '10.244.0.0/16'],
    ['passes over one that pods of another cluster are in', ['10.244.0.1/32'], '10.245.0.0/16'],
    ['passes over what is wider', ['10.244.3.1/15'], '10.246.0.0/16'],
  ];
  for (const [name, taken, free] of cases) test(name, () => assert.equal(freePodCidr(taken), free));

  test('says so when there is none', () => assert.throws(() => freePodCidr(['10.244.0.1/14']), /--pod-cidr/));
});

describe('freeNodeAddress', () => {
  test("is the first that is neither the machine's nor a node's", () => {
    assert.equal(freeNodeAddress(config({ nodes: [MACHINE] })), '10.89.0.2');
    assert.equal(freeNodeAddress(config()), '10.89.0.3');
    assert.equal(freeNodeAddress(config({ nodes: [MACHINE, { ...SECOND, address: '10.89.0.3' }] })), '10.89.0.2');
  });

  test('throws when all are taken', () => {
    const nodes = [2, 3, 4, 5, 6].map((last) => ({ ...SECOND, address: `10.89.0.${last}` }));
    assert.throws(() => freeNodeAddress({ nodeCidr: '10.89.0.0/29', nodes }), /no address left/);
  });
});

test('a node is entered by its namespace, and the machine by nothing', () => {
  assert.deepEqual(enterNode(config(), MACHINE), []);
  assert.deepEqual(enterNode(config(), SECOND), ['nsenter', '--net=/run/netns/t8s-two-vm-2']);
  assert.equal(namespacePath(config(), MACHINE), undefined);
});

describe('reachableMirrors', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['http://127.0.0.1:5000', 'http://10.89.0.1:5000'],
    ['http://localhost:5000/path', 'http://10.89.0.1:5000/path'],
    ['https://registry.example.com', 'https://registry.example.com'],
    ['http://192.0.2.7:5000', 'http://192.0.2.7:5000'],
  ];
  for (const [url, reached] of cases) {
    test(`${url} is ${reached} from a namespace, and as it is from the machine`, () => {
      const registryMirrors = [{ host: 'docker.io', url }];
      assert.deepEqual(reachableMirrors(config({ registryMirrors }), SECOND), [{ host: 'docker.io', url: reached }]);
      assert.deepEqual(reachableMirrors(config({ registryMirrors }), MACHINE), registryMirrors);
    });
  }
});

describe('machinesScript', () => {
  test('lets namespaces out under the address of the machine, and not to pods and other nodes', () => {
    assert.match(
      machinesScript(config()),
      /ip saddr 10\.89\.0\.0\/24 ip daddr != 10\.89\.0\.0\/24 ip daddr != 10\.244\.0\.0\/16 ip daddr != 224\.0\.0\.0\/4 .*masquerade/,
    );
    assert.doesNotMatch(machinesScript(config()), /dnat/);
  });

  test('opens the loopback for the ports of mirrors there and nothing else', () => {
    const registryMirrors = [
      { host: 'docker.io', url: 'http://127.0.0.1:5000' },
      { host: 'ghcr.io', url: 'http://127.0.0.1:5000/ghcr' },
      { host: 'quay.io', url: 'http://192.0.2.7:5001' },
    ];
    assert.match(
      machinesScript(config({ registryMirrors })),
      new RegExp(
        `iifname ${bridgeName('two')} ip daddr 10\\.89\\.0\\.1 tcp dport \\{ 5000 \\} dnat to 127\\.0\\.0\\.1`,
      ),
    );
  });
});

test('interfaces have names that Linux allows, and no two clusters or nodes share one', () => {
  const names = [bridgeName('a'), bridgeName('b'), linkName('a', 'n'), linkName('a', 'm'), linkName('b', 'n')];
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.ok(name.length <= 15);
});
