import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import {
  type ClusterConfig,
  clusterPaths,
  kubernetesServiceAddress,
  readClusterConfig,
  readDesired,
  writeClusterConfig,
  writeDesired,
} from './cluster-config.ts';
import { cgroupRoot, contextName, nftTable } from './cluster-names.ts';
import { hostNodeName } from './host.ts';

const root = mkdtempSync(join(tmpdir(), 't8s-config-'));
after(() => rmSync(root, { recursive: true }));

describe('readClusterConfig', () => {
  test("gives back what was written, in a directory that is nobody else's business", () => {
    const dataDir = join(root, 'one');
    const config = { name: 'one', dataDir, nodes: ['a'], apiPort: 6443 } as unknown as ClusterConfig;
    writeClusterConfig(config);
    assert.deepEqual(readClusterConfig(dataDir), config);
    assert.equal(statSync(dataDir).mode & 0o777, 0o700);
    assert.equal(statSync(clusterPaths(dataDir).config).mode & 0o777, 0o600);
  });

  test('is nothing where there is no cluster', () => {
    assert.equal(readClusterConfig(join(root, 'nowhere')), undefined);
  });

  test('says what to do about a damaged file', () => {
    const dataDir = join(root, 'damaged');
    mkdirSync(dataDir);
    writeFileSync(clusterPaths(dataDir).config, '{"name":');
    assert.throws(() => readClusterConfig(dataDir), /cluster\.json is damaged; t8s delete/);
  });
});

test('readDesired is down until it was written', () => {
  const dataDir = join(root, 'desired');
  mkdirSync(dataDir);
  assert.equal(readDesired(dataDir), 'down');
  writeDesired(dataDir, 'up');
  assert.equal(readDesired(dataDir), 'up');
  writeDesired(dataDir, 'down');
  assert.equal(readDesired(dataDir), 'down');
});

test('the names of clusters on one machine do not meet', () => {
  assert.deepEqual([contextName('default'), contextName('two')], ['t8s', 't8s-two']);
  assert.deepEqual([nftTable('default'), nftTable('my-two')], ['t8s_default', 't8s_my_two']);
  assert.equal(cgroupRoot('two', 'vm'), '/t8s-two/vm');
});

describe('hostNodeName', () => {
  const cases: readonly [string, string][] = [
    ['vm', 'vm'],
    ['My-Laptop.local', 'my-laptop.local'],
    ['under_score', 'node'],
    ['-dash', 'node'],
    ['', 'node'],
    ['x'.repeat(64), 'node'],
  ];
  for (const [host, node] of cases) {
    test(`makes ${JSON.stringify(node)} of ${JSON.stringify(host)}`, () => assert.equal(hostNodeName(host), node));
  }
});

test('kubernetesServiceAddress is the first of the service range', () => {
  assert.equal(kubernetesServiceAddress({ serviceCidr: '10.96.0.0/12' }), '10.96.0.1');
});
