// Simulated nodes under the real API server and scheduler.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Lease } from '../../src/api/coordination/lease.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { type Clock, FakeClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Client } from '../../src/client/client.ts';
import { runSimulatedNodes, type SimulatedNodesOptions } from '../../src/kubelet/simulated/simulated-nodes.ts';
import { RUN_SECONDS, STOP_SECONDS } from '../../src/kubelet/simulated/simulated-pod.ts';
import { type SchedulingCluster, schedulingCluster } from '../support/scheduling-cluster.ts';
import { until } from '../support/until.ts';

/** Started and ready; disposing stops them. */
async function start(
  cluster: SchedulingCluster,
  clock: Clock,
  options: Omit<SimulatedNodesOptions, 'version'>,
): Promise<AsyncDisposable> {
  const stop = new AbortController();
  const ready = Promise.withResolvers<void>();
  const deps = {
    client: cluster.client,
    clientOf: cluster.clientFor,
    clock,
    random: seededRandom(2),
    log: silentLogger,
  };
  const running = runSimulatedNodes(deps, { version: 'v1.36.0', onReady: ready.resolve, ...options }, stop.signal);
  await Promise.race([ready.promise, running]);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('stopped'));
      await running;
    },
  };
}

async function createPod(client: Client, name: string, more: { annotations?: object; spec?: object } = {}) {
  await client.create(Pod, {
    metadata: { name, namespace: 'default', annotations: { ...more.annotations } },
    spec: { containers: [{ name: 'main', image: 'nginx' }], ...more.spec },
  });
}

const read = (client: Client, name: string) => client.get(Pod, { name, namespace: 'default' });
const isRunning = (client: Client, name: string) => async () => (await read(client, name)).status.phase === 'Running';
const isGone = (client: Client, name: string) => async () =>
  (await client.list(Pod)).items.every(({ metadata }) => metadata.name !== name);

describe('runSimulatedNodes', () => {
  test('nodes join ready, with capacity, labels, taints and addresses of their own', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    const taints = [{ key: 'simulated', effect: 'NoSchedule' as const }];
    await using _ = await start(cluster, clock, {
      count: 3,
      capacity: { cpus: 8, pods: 20 },
      labels: { rack: 'r1' },
      taints,
    });
    const { items } = await cluster.client.list(Node);
    assert.deepEqual(items.map(({ metadata }) => metadata.name).sort(), ['simulated-1', 'simulated-2', 'simulated-3']);
    for (const { metadata, spec, status } of items) {
      assert.equal(metadata.labels?.['kubernetes.io/hostname'], metadata.name);
      assert.equal(metadata.labels?.['rack'], 'r1');
      assert.deepEqual(spec.taints, taints);
      assert.equal(status.capacity?.['cpu'], '8');
      assert.equal(status.allocatable?.['pods'], '20');
      assert.equal(status.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');
      assert.equal(status.nodeInfo.kubeletVersion, 'v1.36.0');
    }
    assert.equal(new Set(items.map(({ spec }) => spec.podCIDR)).size, 3);
    assert.equal(new Set(items.map(({ status }) => status.addresses?.[0]?.address)).size, 3);
  });

  test('the status of a node that stays as it is is written every five minutes only', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    await using _ = await start(cluster, clock, { count: 1 });
    const versionAfter = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 10_000) await clock.advance(10_000);
      return (await cluster.client.get(Node, { name: 'simulated-1' })).metadata.resourceVersion;
    };
    const first = await versionAfter(20_000);
    assert.equal(await versionAfter(200_000), first);
    assert.notEqual(await versionAfter(200_000), first);
  });

  test('leases are renewed every ten seconds, not all at one time', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    await cluster.client.create(Namespace, { metadata: { name: 'kube-node-lease' } });
    await using _ = await start(cluster, clock, { count: 20 });
    const renewals = async () =>
      (await cluster.client.list(Lease, { namespace: 'kube-node-lease' })).items.map(({ spec }) => spec.renewTime);
    await clock.advance(10_000);
    await until(async () => (await renewals()).length === 20);
    const first = new Set(await renewals());
    assert.ok(first.size > 10, 'spread over time');
    await clock.advance(10_000);
    await until(async () => (await renewals()).every((time) => !first.has(time)));
  });

  test('pods run where they are scheduled, with an address of the node, and go when they are deleted', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    const { client } = cluster;
    await using _nodes = await start(cluster, clock, { count: 2 });
    await using _scheduler = cluster.startScheduler();
    await createPod(client, 'web');
    await until(isRunning(client, 'web'));
    const { spec, status } = await read(client, 'web');
    const node = await client.get(Node, { name: spec.nodeName ?? '' });
    const network = (node.spec.podCIDR ?? '').replace(/\.0\/24$/, '.');
    assert.ok(status.podIP?.startsWith(network), `${status.podIP} in ${node.spec.podCIDR}`);
    assert.equal(status.hostIP, node.status.addresses?.[0]?.address);
    await client.delete(Pod, { name: 'web', namespace: 'default' });
    await until(isGone(client, 'web'));
  });

  test('a pod that takes its time to stop is there until then', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    const { client } = cluster;
    await using _nodes = await start(cluster, clock, { count: 1 });
    await createPod(client, 'slow', { annotations: { [STOP_SECONDS]: '20' }, spec: { nodeName: 'simulated-1' } });
    await until(isRunning(client, 'slow'));
    await client.delete(Pod, { name: 'slow', namespace: 'default' }, { gracePeriodSeconds: 30 });
    await clock.advance(19_000);
    assert.ok((await read(client, 'slow')).metadata.deletionTimestamp);
    await clock.advance(1_000);
    await until(isGone(client, 'slow'));
  });

  test('a pod that ends by itself succeeds', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    const { client } = cluster;
    await using _nodes = await start(cluster, clock, { count: 1 });
    const spec = { nodeName: 'simulated-1', restartPolicy: 'Never' };
    await createPod(client, 'job', { annotations: { [RUN_SECONDS]: '5' }, spec });
    await until(isRunning(client, 'job'));
    await clock.advance(5_000);
    await until(async () => (await read(client, 'job')).status.phase === 'Succeeded');
  });

  test('started again they go on with the nodes and pods there are', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    const { client } = cluster;
    {
      await using _ = await start(cluster, clock, { count: 1 });
      for (const name of ['a', 'b']) await createPod(client, name, { spec: { nodeName: 'simulated-1' } });
      for (const name of ['a', 'b']) await until(isRunning(client, name));
    }
    const before = await read(client, 'b');
    await client.delete(Pod, { name: 'a', namespace: 'default' });
    await createPod(client, 'c', { spec: { nodeName: 'simulated-1' } });
    await using _ = await start(cluster, clock, { count: 1 });
    await until(isRunning(client, 'c'));
    await until(isGone(client, 'a'));
    assert.deepEqual((await read(client, 'b')).status, before.status);
    assert.notEqual((await read(client, 'c')).status.podIP, before.status.podIP);
  });

  test('more nodes than there are addresses for are refused', async () => {
    const clock = new FakeClock();
    await using cluster = await schedulingCluster({ clock });
    await assert.rejects(start(cluster, clock, { count: 20_000 }), RangeError);
  });
});
