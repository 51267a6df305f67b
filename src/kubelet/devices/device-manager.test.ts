import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startTestPlugin } from '../../../test/support/device-plugin.ts';
import { containerOf, kubeletPod, type PodSpecInput } from '../../../test/support/kubelet-objects.ts';
import { until } from '../../../test/support/until.ts';
import { FakeClock } from '../../base/clock.ts';
import { createLogger } from '../../base/log.ts';
import { openDeviceManager } from './open-device-manager.ts';

const RESOURCE = 'example.com/device';
const signal = new AbortController().signal;

/** Agents that come and go on one machine, at whose socket real plugins announce themselves. */
async function machine() {
  const root = await mkdtemp(join(tmpdir(), 't8s-devices-'));
  const directory = join(root, 'device-plugins');
  const clock = new FakeClock();
  const log = createLogger(() => {});
  const start = () => openDeviceManager({ clock, log, changed: () => {} }, directory);
  let agent = await start();
  return {
    clock,
    directory,
    manager: () => agent.manager,
    async restart() {
      await agent[Symbol.asyncDispose]();
      agent = await start();
    },
    plugin: (devices: Readonly<Record<string, boolean>>, prefers?: string) =>
      startTestPlugin(directory, { resource: RESOURCE, devices, ...(prefers === undefined ? {} : { prefers }) }),
    /** Until the node says that it has so many, and so many that are well. */
    has: (capacity: string, allocatable: string) =>
      until(() => {
        const amounts = agent.manager.amounts();
        return amounts.capacity[RESOURCE] === capacity && amounts.allocatable[RESOURCE] === allocatable;
      }),
    allocate: async (pod: ReturnType<typeof podOf>) => (await agent.manager.allocate(pod, signal))?.message,
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]();
      await rm(root, { recursive: true });
    },
  };
}

const wanting = (name: string, count = '1') => ({ name, resources: { limits: { [RESOURCE]: count } } });
const podOf = (name: string, spec: Partial<PodSpecInput> = { containers: [wanting('main')] }) =>
  kubeletPod({ name, spec });

describe('DeviceManager', () => {
  test('gives each container devices of its own, with what belongs to them, until there are none', async () => {
    await using node = await machine();
    await using plugin = await node.plugin({ a: true, b: true });
    await plugin.register();
    await node.has('2', '2');
    const [first, second] = await Promise.all([node.allocate(podOf('one')), node.allocate(podOf('two'))]);
    assert.deepEqual([first, second], [undefined, undefined]);
    assert.deepEqual(plugin.allocated.flat().sort(), ['a', 'b']);
    const why = `requested number of devices unavailable for ${RESOURCE}. Requested: 1, Available: 0`;
    assert.equal(await node.allocate(podOf('three')), `Allocate failed due to ${why}, which is unexpected`);
    const pod = podOf('one');
    const given = await node.manager().prepare(pod, containerOf(pod, 'main'), signal);
    assert.deepEqual([given.devices[0]?.hostPath, plugin.preStarted.length], ['/dev/null', 1]);
    node.manager().release('uid-one');
    assert.equal(await node.allocate(podOf('three')), undefined);
    assert.equal(await node.allocate(kubeletPod({ name: 'other' })), undefined, 'who wants none is not concerned');
  });

  test('knows who has what after a restart, before the plugin comes back', async () => {
    await using node = await machine();
    await using plugin = await node.plugin({ a: true, b: true });
    await plugin.register();
    await node.has('2', '2');
    await node.allocate(podOf('one'));
    await node.restart();
    await node.has('0', '0');
    const pod = podOf('one');
    const given = await node.manager().prepare(pod, containerOf(pod, 'main'), signal);
    assert.match(given.envs['TEST_DEVICES'] ?? '', /^[ab]$/);
    const message = `no healthy devices present; cannot allocate unhealthy devices ${RESOURCE}`;
    assert.equal(await node.allocate(podOf('two')), `Allocate failed due to ${message}, which is unexpected`);
    await using returned = await node.plugin({ a: true, b: true });
    await returned.register();
    await node.has('2', '2');
    assert.equal(await node.allocate(podOf('one')), undefined);
    assert.deepEqual([await node.allocate(podOf('two')), await node.allocate(podOf('three'))].map(Boolean), [
      false,
      true,
    ]);
  });

  test('follows which devices are well, and forgets those of a plugin that stays away', async () => {
    await using node = await machine();
    const plugin = await node.plugin({ a: true, b: true });
    await plugin.register();
    await node.has('2', '2');
    assert.equal(await node.allocate(podOf('early')), undefined);
    plugin.show({ a: false, b: false });
    await node.has('2', '0');
    assert.equal(await node.allocate(podOf('early')), undefined, 'it has been taken');
    node.manager().release('uid-early');
    plugin.show({ a: true, b: false });
    await node.has('2', '1');
    assert.match((await node.allocate(podOf('greedy', { containers: [wanting('main', '2')] }))) ?? '', /Available: 1/);
    await plugin[Symbol.asyncDispose]();
    await node.has('2', '0');
    await node.clock.advance(300_000);
    await node.has('0', '0');
  });

  test('a plugin that comes again takes the place of what it was', async () => {
    await using node = await machine();
    await using plugin = await node.plugin({ a: true });
    await plugin.register();
    await node.has('1', '1');
    plugin.show({ a: true, b: true });
    await plugin.register();
    await node.has('2', '2');
    assert.equal(await node.allocate(podOf('one')), undefined);
  });

  test('gives what the plugin prefers, and what init containers had to those after them', async () => {
    await using node = await machine();
    await using plugin = await node.plugin({ a: true, b: true, c: true }, 'c');
    await plugin.register();
    await node.has('3', '3');
    const sidecar = { ...wanting('sidecar'), restartPolicy: 'Always' as const };
    const pod = podOf('pod', { initContainers: [wanting('init'), sidecar], containers: [wanting('main')] });
    assert.equal(await node.allocate(pod), undefined);
    assert.deepEqual(plugin.allocated, [['c'], ['c'], ['a']]);
  });

  test('says why a plugin may not register', async () => {
    await using node = await machine();
    await using plugin = await node.plugin({});
    await assert.rejects(plugin.register({ version: 'v1' }), /requested API version "v1" is not supported by kubelet/);
    await assert.rejects(plugin.register({ resourceName: 'cpu' }), /the ResourceName "cpu" is invalid/);
  });

  test('begins anew with a checkpoint that it cannot read, and takes old sockets away', async () => {
    await using node = await machine();
    const checkpoint = join(node.directory, 'kubelet_internal_checkpoint');
    await writeFile(checkpoint, '{');
    await writeFile(join(node.directory, 'old.sock'), '');
    await node.restart();
    await assert.rejects(readFile(join(node.directory, 'old.sock')), { code: 'ENOENT' });
    assert.deepEqual(node.manager().amounts(), { capacity: {}, allocatable: {} });
  });
});
