// Devices of a plugin in real containers. Needs Linux and root.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startTestPlugin, type TestPlugin } from '../../../test/support/device-plugin.ts';
import { installNodeTools, type KubeletNode, kubeletNode, NODE_NAME } from '../../../test/support/kubelet-node.ts';
import { nodePods, shell, until, untilTold } from '../../../test/support/node-pods.ts';
import { Node } from '../../api/core/node.ts';

const skip = await installNodeTools();
const RESOURCE = 'example.com/null';

describe('devices', { skip: skip ?? false }, () => {
  let node: KubeletNode;
  let plugin: TestPlugin;
  const startPlugin = () =>
    startTestPlugin(join(node.dataDir, 'device-plugins'), { resource: RESOURCE, devices: { n1: true, n2: true } });

  before(async () => {
    node = await kubeletNode();
    plugin = await startPlugin();
    await plugin.register();
  });
  after(async () => {
    await plugin?.[Symbol.asyncDispose]();
    await node?.[Symbol.asyncDispose]();
  });

  const { create, get, podWhen, whenReady, remove, isGone, output } = nodePods(() => node);
  const wanting = (command = untilTold()) => ({
    containers: [shell(command, { resources: { limits: { [RESOURCE]: '1' } } })],
  });
  const end = async (name: string) => {
    await remove(name);
    await until(`${name} is gone`, () => isGone(name));
  };
  const nodeHas = (capacity: string, allocatable: string) =>
    until(`the node has ${allocatable} of ${capacity}`, async () => {
      const found = await node.client.get(Node, { name: NODE_NAME }).catch(() => undefined);
      const { capacity: all, allocatable: well } = found?.status ?? {};
      return all?.[RESOURCE] === capacity && well?.[RESOURCE] === allocatable;
    });

  test('two pods get a device each, the third is turned away, and one that was given back is given again', async () => {
    await nodeHas('2', '2');
    for (const name of ['first', 'second']) await create(name, wanting());
    for (const name of ['first', 'second']) await whenReady(name);
    const devices = await Promise.all(
      ['first', 'second'].map((name) =>
        output(name, 'ls /dev | grep "^n[12]$"; echo "$TEST_DEVICES"; cat /etc/of-plugin'),
      ),
    );
    assert.deepEqual(devices.map((text) => text.split('\n').slice(0, 2).join()).sort(), ['n1,n1', 'n2,n2']);
    assert.equal(await output('first', 'echo gone > /dev/$TEST_DEVICES; cat /dev/$TEST_DEVICES'), '');

    await create('third', wanting());
    const { status } = await podWhen('third', 'is turned away', (pod) => pod.status.phase === 'Failed');
    assert.equal(status.reason, 'UnexpectedAdmissionError');
    assert.equal(
      status.message,
      `Pod was rejected: Allocate failed due to requested number of devices unavailable for ${RESOURCE}. Requested: 1, Available: 0, which is unexpected`,
    );
    await end('first');
    await create('fourth', wanting());
    await whenReady('fourth');
    for (const name of ['second', 'third', 'fourth']) await end(name);
  });

  test('a pod keeps its device over restarts of its container and of the agent', async () => {
    await nodeHas('2', '2');
    await create(
      'keeps',
      wanting('trap "exit 0" TERM; until [ -e /dev/shm/end ]; do sleep 0.05; done; rm /dev/shm/end'),
    );
    await podWhen('keeps', 'runs', (pod) => pod.status.phase === 'Running');
    const had = await output('keeps', 'echo $TEST_DEVICES');
    await node.stopAgent();
    await plugin[Symbol.asyncDispose]();
    await node.startAgent();
    await nodeHas('0', '0');
    assert.equal((await get('keeps')).status.phase, 'Running');
    await output('keeps', 'touch /dev/shm/end').catch(() => {}); // The container may end first.
    await podWhen('keeps', 'runs again', ({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) > 0);
    plugin = await startPlugin();
    await plugin.register();
    await nodeHas('2', '2');
    await create('other', wanting());
    await whenReady('other');
    assert.notEqual(await output('other', 'echo $TEST_DEVICES'), had);
    for (const name of ['keeps', 'other']) await end(name);
  });
});
