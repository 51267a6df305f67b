// Pods that are resized while they run, with real containers: needs Linux and root, installs containerd where it is missing.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { installNodeTools, type KubeletNode, kubeletNode } from '../../test/support/kubelet-node.ts';
import type { ContainerInput, PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { conditionOf, namespace, nodePods, until, untilTold } from '../../test/support/node-pods.ts';
import type { ResourceRequirements } from '../api/core/container-resources.ts';
import { Pod } from '../api/core/pod.ts';
import { readLimits } from './cgroup-limits.ts';
import { sameRequirements } from './resize/allocation.ts';
import { containerResources, podResources } from './resources.ts';

const skip = await installNodeTools();

const CLASSES = { Guaranteed: '', Burstable: 'burstable', BestEffort: 'besteffort' };

/** `20m/30m 16Mi/32Mi`: requests and limits of CPU and memory, `-` for none. */
function resources(text: string): ResourceRequirements {
  const [cpu = '', memory = ''] = text.split(' ');
  const [cpuRequest, cpuLimit] = cpu.split('/');
  const [memoryRequest, memoryLimit] = memory.split('/');
  const listOf = (cpuAmount?: string, memoryAmount?: string) => {
    const entries = Object.entries({ cpu: cpuAmount, memory: memoryAmount }).filter(([, amount]) => amount !== '-');
    return entries.length > 0 ? (Object.fromEntries(entries) as Record<string, string>) : undefined;
  };
  const requests = listOf(cpuRequest, memoryRequest);
  const limits = listOf(cpuLimit ?? cpuRequest, memoryLimit ?? memoryRequest);
  return { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) };
}

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
    resources: resources(has),
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
    const pod = await podWhen(name, 'is resized', (current) => {
      const statuses = [...(current.status.containerStatuses ?? []), ...(current.status.initContainerStatuses ?? [])];
      const isSame = [...current.spec.containers, ...(current.spec.initContainers ?? [])].every((each) => {
        const status = statuses.find((other) => other.name === each.name);
        const requests = { requests: status?.allocatedResources ?? {} };
        return (
          status?.state?.running !== undefined &&
          sameRequirements(status.resources, each.resources) &&
          sameRequirements(requests, { requests: each.resources.requests ?? {} })
        );
      });
      const isOver = !conditionOf(current, 'PodResizePending') && !conditionOf(current, 'PodResizeInProgress');
      return isSame && isOver && current.status.observedGeneration === current.metadata.generation;
    });
    const place = (...path: string[]) => ({
      root: '/sys/fs/cgroup',
      path: join(node.cgroupRoot, 'kubepods', CLASSES[pod.status.qosClass!], `pod${pod.metadata.uid}`, ...path),
      unified: false,
    });
    const { hugePageBytes: _none, ...expected } = podResources(pod);
    assert.deepEqual(await readLimits(place()), expected, 'the pod’s group');
    for (const each of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
      const statuses = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])];
      const status = statuses.find((other) => other.name === each.name);
      assert.equal(status?.restartCount, restarts[each.name] ?? 0, each.name);
      const limits = await readLimits(place(status?.containerID?.slice('containerd://'.length) ?? ''));
      const { cpuShares, cpuQuota, memoryLimitInBytes } = containerResources(pod, each, 0);
      assert.deepEqual(limits, { cpuShares, cpuQuota, memoryBytes: memoryLimitInBytes }, each.name);
    }
    return pod;
  }

  /** `[name, before, after]` of each container. */
  async function tryResize(name: string, changes: readonly (readonly [string, string, string])[]): Promise<void> {
    await create(name, { containers: changes.map(([each, from]) => container(each, from)) });
    await whenResized(name);
    await resize(name, { containers: changes.map(([each, , to]) => ({ name: each, resources: resources(to) })) });
    const { metadata } = await whenResized(name);
    assert.equal(metadata.generation, 2);
    await removeNow(name);
  }

  const guaranteed = '[sig-node] Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers -';
  const burstable = '[sig-node] Pod InPlace Resize Container burstable pods - extended';
  const since = '[MinimumKubeletVersion:1.34]';

  test(`${guaranteed} increase: CPU (c1,c3), memory (c2, c3) ; decrease: CPU (c2) ${since}`, () =>
    tryResize('guaranteed-mixed', [
      ['c1', '100m 64Mi', '140m 50Mi'],
      ['c2', '200m 64Mi', '150m 72Mi'],
      ['c3', '300m 64Mi', '340m 74Mi'],
    ]));

  test(`${guaranteed} increase cpu & mem on c1, c2, decrease cpu & mem on c3 - net increase ${since}`, () =>
    tryResize('guaranteed-more', [
      ['c1', '100m 64Mi', '140m 84Mi'],
      ['c2', '200m 64Mi', '240m 84Mi'],
      ['c3', '300m 64Mi', '250m 50Mi'],
    ]));

  test(`${guaranteed} increase cpu & mem on c1, decrease cpu & mem on c2, c3 - net decrease ${since}`, () =>
    tryResize('guaranteed-less', [
      ['c1', '100m 64Mi', '140m 84Mi'],
      ['c2', '200m 64Mi', '150m 50Mi'],
      ['c3', '300m 64Mi', '250m 50Mi'],
    ]));

  test(`${burstable} 6 containers - various operations performed (including adding limits and requests) ${since}`, () =>
    tryResize('burstable', [
      ['c1', '20m/- -/-', '20m/30m -/-'],
      ['c2', '20m/30m 32Mi/64Mi', '25m/35m 32Mi/64Mi'],
      ['c3', '20m/30m 32Mi/64Mi', '15m/25m 40Mi/72Mi'],
      ['c4', '-/- 32Mi/64Mi', '20m/30m 32Mi/64Mi'],
      ['c5', '20m/30m 32Mi/64Mi', '20m/30m 30Mi/60Mi'],
      ['c6', '-/- 32Mi/-', '20m/- 32Mi/64Mi'],
    ]));

  test(`${burstable} resize with equivalents ${since}`, () =>
    tryResize('equivalents', [['c1', '2m/10m -/-', '1m/5m -/-']]));

  test(`[sig-node] Pod InPlace Resize Container resize pod via the replace endpoint ${since}`, async () => {
    const name = 'replaced';
    const pod = await create(name, { containers: [container('c1', '20m/30m 32Mi/64Mi')] });
    const wanted = pod.spec.containers.map((each) => ({ ...each, resources: resources('25m/35m 40Mi/72Mi') }));
    const changed = { ...pod, spec: { ...pod.spec, containers: wanted } };
    await node.client.request('PUT', `/api/v1/namespaces/${namespace}/pods/${name}/resize`, { body: changed });
    await whenResized(name);
    const told = await until('the events are written', async () => {
      const found = (await eventsOf(name)).filter(({ reason }) => reason?.startsWith('Resize'));
      return found.length >= 2 && found;
    });
    assert.deepEqual(told.map(({ reason }) => reason).sort(), ['ResizeCompleted', 'ResizeStarted']);
    assert.equal(
      told.find(({ reason }) => reason === 'ResizeStarted')?.message,
      'Pod resize started: {"containers":[{"name":"c1","resources":{"limits":{"cpu":"35m","memory":"72Mi"},' +
        '"requests":{"cpu":"25m","memory":"40Mi"}}}],"generation":2}',
    );
    await removeNow(name);
  });

  test('a container whose policy says so is started anew, and a sidecar is resized like the others', async () => {
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
    await create('policy', {
      containers: [container('c1', '20m/30m 32Mi/64Mi', { resizePolicy }), container('c2', '20m/30m 32Mi/64Mi')],
      initContainers: [container('side', '20m/30m 32Mi/64Mi', { restartPolicy: 'Always' })],
    });
    const bigger = { resources: resources('25m/35m 40Mi/72Mi') };
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
    await create('whole', { resources: resources('50m/100m 64Mi/128Mi'), containers: [container('c1', '-/- -/-')] });
    await resize('whole', { resources: resources('60m/120m 70Mi/140Mi') });
    const { status } = await whenResized('whole');
    assert.deepEqual(status.resources, resources('60m/120m 70Mi/140Mi'));
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
    await resize('full', { containers: [{ name: 'c1', resources: resources('20m/30m 16Mi/16Mi') }] });
    const isFailed = (pod: Pod) => conditionOf(pod, 'PodResizeInProgress')?.reason === 'Error';
    const failed = await podWhen('full', 'is refused', isFailed);
    assert.match(conditionOf(failed, 'PodResizeInProgress')!.message!, /below current usage/);
    assert.equal(failed.status.containerStatuses?.[0]?.resources?.limits?.['memory'], '128Mi');
    await resize('full', { containers: [{ name: 'c1', resources: resources('20m/30m 16Mi/128Mi') }] });
    await whenResized('full');
    await removeNow('full');
  });
});
