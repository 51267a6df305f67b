// Pods that are resized while they run, with real containers, besides what the conformance suite demands
// (test/e2e/conformance-suite.ts): needs Linux and root, installs containerd where it is missing.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { installNodeTools, type KubeletNode, kubeletNode } from '../../test/support/kubelet-node.ts';
import type { ContainerInput, PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { conditionOf, namespace, nodePods, until, untilTold } from '../../test/support/node-pods.ts';
import { assertLimits, isResized, resourcesOf } from '../../test/support/resized-pods.ts';
import { Pod } from '../api/core/pod.ts';

const skip = await installNodeTools();

describe('resize', { skip: skip ?? false }, () => {
  let node: KubeletNode;

  before(async () => {
    node = await kubeletNode();
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const container = (name: string, has: string, more: Partial<ContainerInput> = {}): ContainerInput => ({
    name,
    image: 'busybox:latest',
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-c', untilTold()],
    resources: resourcesOf(has),
    ...more,
  });
  const { get, podWhen, removeNow, whenReady, eventsOf, ...pods } = nodePods(() => node);
  async function create(name: string, spec: Partial<PodSpecInput>): Promise<Pod> {
    await pods.create(name, spec);
    return whenReady(name);
  }

  const resize = (name: string, spec: object) =>
    node.client.patch(Pod, { name, namespace }, { type: 'strategic', body: { spec } }, { subresource: 'resize' });
  /** Status and kernel have what the spec says, and the resize is over. */
  async function whenResized(name: string, restarts: Readonly<Record<string, number>> = {}): Promise<Pod> {
    const pod = await podWhen(name, 'is resized', isResized);
    await assertLimits(pod, node.cgroupRoot, restarts);
    return pod;
  }

  test('is told in events', async () => {
    await create('told', { containers: [container('c1', '20m/30m 32Mi/64Mi')] });
    await resize('told', { containers: [{ name: 'c1', resources: resourcesOf('25m/35m 40Mi/72Mi') }] });
    await whenResized('told');
    const told = await until('the events are written', async () => {
      const found = (await eventsOf('told')).filter(({ reason }) => reason?.startsWith('Resize'));
      return found.length >= 2 && found;
    });
    assert.deepEqual(told.map(({ reason }) => reason).sort(), ['ResizeCompleted', 'ResizeStarted']);
    assert.equal(
      told.find(({ reason }) => reason === 'ResizeStarted')?.message,
      'Pod resize started: {"containers":[{"name":"c1","resources":{"limits":{"cpu":"35m","memory":"72Mi"},' +
        '"requests":{"cpu":"25m","memory":"40Mi"}}}],"generation":2}',
    );
    await removeNow('told');
  });

  test('a container whose policy says so is started anew, and a sidecar is resized like the others', async () => {
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
    await create('policy', {
      containers: [container('c1', '20m/30m 32Mi/64Mi', { resizePolicy }), container('c2', '20m/30m 32Mi/64Mi')],
      initContainers: [container('side', '20m/30m 32Mi/64Mi', { restartPolicy: 'Always' })],
    });
    const bigger = { resources: resourcesOf('25m/35m 40Mi/72Mi') };
    await resize('policy', {
      containers: [
        { name: 'c1', ...bigger },
        { name: 'c2', ...bigger },
      ],
      initContainers: [{ name: 'side', ...bigger }],
    });
    await whenResized('policy', { c1: 1 });
    await removeNow('policy');
  });

  test('a pod is resized as a whole', async () => {
    await create('whole', { resources: resourcesOf('50m/100m 64Mi/128Mi'), containers: [container('c1', '-/- -/-')] });
    await resize('whole', { resources: resourcesOf('60m/120m 70Mi/140Mi') });
    const { status } = await whenResized('whole');
    assert.deepEqual(status.resources, resourcesOf('60m/120m 70Mi/140Mi'));
    assert.deepEqual(status.allocatedResources, { cpu: '60m', memory: '70Mi' });
    await removeNow('whole');
  });

  test('what is too much waits for room, or for ever; what was given outlives the agent', async () => {
    await create('asking', { containers: [container('c1', '20m/- -/-')] });
    await resize('asking', { containers: [{ name: 'c1', resources: { requests: { cpu: '1000' } } }] });
    const refused = await podWhen('asking', 'is told so', (pod) => conditionOf(pod, 'PodResizePending') !== undefined);
    const { reason, message, observedGeneration } = conditionOf(refused, 'PodResizePending')!;
    assert.deepEqual([reason, observedGeneration], ['Infeasible', 2]);
    assert.match(message!, /^Node didn't have enough capacity: cpu, requested: 1000000, capacity: \d+$/);
    assert.equal(refused.status.containerStatuses?.[0]?.resources?.requests?.['cpu'], '20m');

    const capacity = Number(/capacity: (\d+)/.exec(message!)?.[1]);
    await create('holder', { containers: [container('c1', `${capacity - 100}m/- -/-`)] });
    await resize('asking', { containers: [{ name: 'c1', resources: { requests: { cpu: '200m' } } }] });
    const isDeferred = (pod: Pod) => conditionOf(pod, 'PodResizePending')?.reason === 'Deferred';
    const deferred = await podWhen('asking', 'waits', isDeferred);
    assert.match(
      conditionOf(deferred, 'PodResizePending')!.message!,
      /^Node didn't have enough resource: cpu, requested: 200, /,
    );

    await node.stopAgent();
    await node.startAgent();
    await podWhen('asking', 'still waits', (pod) => isDeferred(pod) && conditionOf(pod, 'Ready')?.status === 'True');
    assert.equal((await get('asking')).status.containerStatuses?.[0]?.allocatedResources?.['cpu'], '20m');
    await removeNow('holder');
    await whenResized('asking');
    await removeNow('asking');
  });

  test('memory that is in use is not taken away', async () => {
    const fill = 'dd if=/dev/zero of=/dev/shm/fill bs=1M count=40 2>/dev/null; while :; do sleep 0.1; done';
    await create('full', {
      containers: [container('c1', '20m/30m 32Mi/128Mi', { command: ['sh', '-c', `trap 'exit 0' TERM; ${fill}`] })],
    });
    const read = () => node.cri.listContainerStats({});
    await until('the memory is in use', async () => {
      const { stats } = await read();
      const own = stats.find(({ attributes }) => attributes?.labels['io.kubernetes.pod.name'] === 'full');
      return Number(own?.memory?.workingSetBytes ?? 0) > 40 * 1024 * 1024;
    });
    await resize('full', { containers: [{ name: 'c1', resources: resourcesOf('20m/30m 16Mi/16Mi') }] });
    const isFailed = (pod: Pod) => conditionOf(pod, 'PodResizeInProgress')?.reason === 'Error';
    const failed = await podWhen('full', 'is refused', isFailed);
    assert.match(conditionOf(failed, 'PodResizeInProgress')!.message!, /below current usage/);
    assert.equal(failed.status.containerStatuses?.[0]?.resources?.limits?.['memory'], '128Mi');
    await resize('full', { containers: [{ name: 'c1', resources: resourcesOf('20m/30m 16Mi/128Mi') }] });
    await whenResized('full');
    await removeNow('full');
  });
});
