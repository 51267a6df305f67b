import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cniConfig, writeCniConfig } from './cni-config.ts';

test('cniConfig gives every pod a link of its own, which can be slowed down, and leaves rules to the proxy', () => {
  const { plugins } = cniConfig({ confDir: '', stateDir: '/state', podCidr: '10.244.3.0/24', mtu: 1450 }) as {
    plugins: readonly { type: string; ipMasq?: boolean; mtu?: number; ipam?: unknown }[];
  };
  assert.deepEqual(
    plugins.map(({ type, ipMasq, mtu }) => [type, ipMasq, mtu]),
    [
      ['ptp', false, 1450],
      ['bandwidth', undefined, undefined],
    ],
  );
  assert.deepEqual(plugins[0]?.ipam, {
    type: 'host-local',
    dataDir: '/state',
    ranges: [[{ subnet: '10.244.3.0/24' }]],
    routes: [{ dst: '0.0.0.0/0' }],
  });
});

test('writeCniConfig replaces the configuration as a whole', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 't8s-cni-'));
  context.after(() => rm(directory, { recursive: true }));
  const options = { confDir: join(directory, 'conf'), stateDir: join(directory, 'state'), mtu: 1500 };
  for (const podCidr of ['10.244.0.0/24', '10.244.1.0/24']) {
    await writeCniConfig({ ...options, podCidr });
    assert.deepEqual(await readdir(options.confDir), ['10-typernetes.conflist']);
    const text = await readFile(join(options.confDir, '10-typernetes.conflist'), 'utf8');
    assert.deepEqual(JSON.parse(text), cniConfig({ ...options, podCidr }));
  }
  assert.deepEqual(await readdir(options.stateDir), []);
});
