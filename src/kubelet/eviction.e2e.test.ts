// What a node does when it runs short, and what it throws away, with real containers: needs Linux and root, installs
// containerd where it is missing.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { installNodeTools, type KubeletNode, kubeletNode, NODE_NAME } from '../../test/support/kubelet-node.ts';
import { conditionOf, nodePods, shell, until, untilTold } from '../../test/support/node-pods.ts';
import { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import { PAUSE_IMAGE } from '../cri/pause-image.ts';
import type { Figures } from './figures/figures.ts';

const skip = await installNodeTools();

const MI = 1024 * 1024;
/** Writes so many MiB. */
const write = (path: string, mebibytes: number) => `dd if=/dev/zero of=${path} bs=1M count=${mebibytes} 2>/dev/null`;

describe('a node that runs short', { skip: skip ?? false }, () => {
  let node: KubeletNode;
  /** What the agent is told of the node, instead of what is true. */
  let tell: (figures: Figures) => Figures | Promise<Figures> = (figures) => figures;

  before(async () => {
    node = await kubeletNode({
      configuration: { volumeStatsAggPeriod: '1s', evictionPressureTransitionPeriod: '5s', imageMinimumGCAge: '1ms' },
      observed: (figures) => tell(figures),
    });
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const { create, get, podWhen, whenReady, removeNow, eventsOf, ask } = nodePods(() => node);
  const evicted = async (name: string) => {
    const pod = await podWhen(name, 'is evicted', ({ status }) => status.phase === 'Failed');
    assert.equal(pod.status.reason, 'Evicted');
    const told = (await eventsOf(name)).find(({ reason }) => reason === 'Evicted');
    assert.deepEqual([told?.type, told?.message], ['Warning', pod.status.message]);
    return pod;
  };
  const messageOf = async (name: string) => (await evicted(name)).status.message;
  const nodeWhen = (what: string, holds: (node: Node) => boolean | undefined) =>
    until(what, async () => {
      const found = await node.client.get(Node, { name: NODE_NAME });
      return holds(found) ? found : undefined;
    });
  const hasCondition = (type: string, wanted: string) => (found: Node) =>
    found.status.conditions?.some((condition) => condition.type === type && condition.status === wanted);
  const isRunning = async (pod: string) => {
    const { containers } = await node.cri.listContainers({ filter: { state: { state: 'CONTAINER_RUNNING' } } });
    return containers.some(({ labels }) => labels['io.kubernetes.pod.name'] === pod);
  };
  const isDown = ({ status }: Pod) => status.containerStatuses?.[0]?.state?.terminated !== undefined;

  test('evicts pods that have more on disk than they may, and no other', async () => {
    const limits = { 'ephemeral-storage': '1Mi' };
    const volumes = [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }];
    const volumeMounts = [{ name: 'data', mountPath: '/data' }];
    const inVolume = (mebibytes: number) => [shell(untilTold(write('/data/file', mebibytes)), { volumeMounts })];
    await Promise.all([
      create('volume', { volumes, containers: inVolume(2) }),
      create('files', { containers: [shell(untilTold(write('/file', 3)), { resources: { limits } })] }),
      create('modest', {
        volumes: [{ name: 'data', emptyDir: { sizeLimit: '100Mi' } }],
        containers: inVolume(1),
      }),
    ]);
    assert.equal(await messageOf('volume'), 'Usage of EmptyDir volume "data" exceeds the limit "1Mi". ');
    assert.equal(
      await messageOf('files'),
      'Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ',
    );
    await whenReady('modest');
    const { pods } = JSON.parse((await ask('/stats/summary')).text);
    const modest = pods.find(({ podRef }: { podRef: { name: string } }) => podRef.name === 'modest');
    assert.ok(modest.volume.find(({ name }: { name: string }) => name === 'data').usedBytes >= MI);
    assert.ok(modest['ephemeral-storage'].usedBytes >= MI);
    const { text } = await ask('/metrics');
    for (const limit of ['emptydirfs.limit', 'ephemeralpodfs.limit']) {
      assert.match(text, new RegExp(`^kubelet_evictions\\{eviction_signal="${limit}"\\} 1$`, 'm'));
    }
    await Promise.all(['volume', 'files', 'modest'].map(removeNow));
  });

  test('ends the pod that is most to blame for want of memory, and turns others away until there is enough', async () => {
    const requests = { memory: '32Mi' };
    await create('frugal', { containers: [shell(untilTold(), { resources: { requests } })] });
    await create('greedy', {});
    await Promise.all(['frugal', 'greedy'].map(whenReady));
    tell = async (figures) => {
      const availableBytes = (await isRunning('greedy')) ? 50 * MI : 5000 * MI;
      return { ...figures, node: { ...figures.node, memory: { atMs: 0, workingSetBytes: 1000 * MI, availableBytes } } };
    };
    const pod = await evicted('greedy');
    assert.match(
      pod.status.message ?? '',
      /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: 50Mi\. Container main was using \d+Ki, request is 0, has larger consumption of memory\. $/,
    );
    const disrupted = conditionOf(pod, 'DisruptionTarget');
    assert.deepEqual([disrupted?.status, disrupted?.reason], ['True', 'TerminationByKubelet']);
    assert.ok(isDown(pod));
    const told = (await eventsOf(NODE_NAME)).find(({ reason }) => reason === 'EvictionThresholdMet');
    assert.equal(told?.message, 'Attempting to reclaim memory');
    await create('late', {});
    const late = await podWhen('late', 'is refused', ({ status }) => status.phase === 'Failed');
    assert.deepEqual(
      [late.status.reason, late.status.message],
      ['Evicted', 'Pod was rejected: The node had condition: [MemoryPressure]. '],
    );
    await nodeWhen('is at ease again', hasCondition('MemoryPressure', 'False'));
    await whenReady('frugal');
    // What an evicted pod had on the node is gone with it; what its status says stays.
    const { containers } = await node.cri.listContainers({});
    const names = containers.map(({ labels }) => labels['io.kubernetes.pod.name']);
    assert.deepEqual(names, ['frugal']);
    await node.stopAgent();
    await node.startAgent();
    await create('next', {});
    await whenReady('next'); // By now the agent has looked at the others, too.
    assert.deepEqual((await get('greedy')).status, pod.status);
    await Promise.all(['greedy', 'late', 'frugal', 'next'].map(removeNow));
  });

  test('throws away dead containers and unused images for want of disk, before it ends any pod', async () => {
    await create('done', {
      restartPolicy: 'Never',
      containers: [shell('true', { image: 'echo:latest', command: ['true'] })],
    });
    await create('alive', {});
    await podWhen('done', 'has ended', isDown);
    await until('its sandbox is down', async () => {
      const { items } = await node.cri.listPodSandbox({});
      return items.some(({ metadata, state }) => metadata?.name === 'done' && state === 'SANDBOX_NOTREADY');
    });
    await whenReady('alive');
    const imageNames = async () => (await node.cri.listImages({})).images.flatMap(({ repoTags }) => repoTags);
    const has = async (name: string) => (await imageNames()).some((tag) => tag.includes(name));
    assert.ok(await has('echo:latest'));
    let reads = 0; // After things were thrown away, which is each time the second one, there is enough.
    tell = (figures) => {
      const fs = { ...figures.node.fs!, availableBytes: reads++ % 2 === 0 ? 0 : figures.node.fs!.capacityBytes };
      return { ...figures, node: { ...figures.node, fs, imageFs: fs } };
    };
    await until('the image is gone', async () => !(await has('echo:latest')));
    assert.ok(await has(PAUSE_IMAGE));
    assert.ok(await has('busybox:latest'));
    const { containers } = await node.cri.listContainers({});
    assert.deepEqual(
      containers.map(({ labels }) => labels['io.kubernetes.pod.name']),
      ['alive'],
    );
    await whenReady('alive');
    assert.equal((await readdir(join(node.dataDir, 'logs'))).length, 2);
    await Promise.all(['done', 'alive'].map(removeNow));
  });
});
