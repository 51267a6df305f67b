import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '../../../src/api/core/event.ts';
import { Node } from '../../../src/api/core/node.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { formatTime } from '../../../src/api/time.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';
import { live as liveNodes } from '../../support/living-nodes.ts';

async function open(nodeNames: readonly string[], config = {}) {
  const cluster = await controlledCluster(config);
  const { admin, until, addNode } = cluster;
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'default' })).items.length > 0);
  for (const name of nodeNames) await addNode(name);
  const live = (names: readonly string[], ms: number) => liveNodes(cluster, names, ms);
  const node = (name: string) => admin.get(Node, { name });
  const taints = async (name: string) =>
    ((await node(name)).spec.taints ?? []).map(({ key, effect }) => `${key.split('/')[1]}:${effect}`).sort();
  const ready = async (name: string) => (await node(name)).status.conditions?.find(({ type }) => type === 'Ready');
  const addPod = (name: string, nodeName: string, spec = {}) =>
    admin.create(Pod, {
      metadata: { namespace: 'default', name },
      spec: { nodeName, containers: [{ name: 'c', image: 'i' }], ...spec },
    });
  return { ...cluster, cluster, live, node, taints, ready, addPod };
}

test('a node that falls silent is marked, tainted and emptied, and is as before when it comes back', async () => {
  const { cluster, admin, live, taints, ready, addPod, tendPods, clock, until } = await open(['a', 'b', 'c']);
  await using _ = cluster;
  await addPod('quick', 'a', {
    tolerations: [
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 },
    ],
  });
  await addPod('patient', 'a', { tolerations: [{ operator: 'Exists' }] });
  await addPod('elsewhere', 'b');
  await tendPods();
  await live(['a', 'b', 'c'], 60_000);
  assert.deepEqual(await taints('a'), []);

  await live(['b', 'c'], 40_000);
  assert.equal((await ready('a'))?.status, 'True');
  await live(['b', 'c'], 15_000);
  const silent = await ready('a');
  assert.deepEqual(
    [silent?.status, silent?.reason, silent?.message],
    ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'],
  );
  assert.deepEqual(await taints('a'), ['unreachable:NoExecute', 'unreachable:NoSchedule']);
  const podReady = async (name: string) =>
    (await admin.get(Pod, { namespace: 'default', name })).status.conditions?.find(({ type }) => type === 'Ready')
      ?.status;
  assert.deepEqual([await podReady('patient'), await podReady('elsewhere')], ['False', 'True']);

  await live(['b', 'c'], 25_000);
  const quick = await admin.get(Pod, { namespace: 'default', name: 'quick' });
  assert.notEqual(quick.metadata.deletionTimestamp, undefined);
  const disruption = quick.status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.equal(disruption?.reason, 'DeletionByTaintManager');
  assert.equal((await admin.get(Pod, { namespace: 'default', name: 'patient' })).metadata.deletionTimestamp, undefined);

  const now = formatTime(clock.now());
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now, lastTransitionTime: now },
  ];
  await admin.patch(
    Node,
    { name: 'a' },
    { type: 'strategic', body: { status: { conditions } } },
    { subresource: 'status' },
  );
  await until('the taints to go', async () => (await taints('a')).length === 0);
  const { items: events } = await admin.list(Event, { namespace: 'default' });
  assert.ok(events.some(({ message }) => message === 'Node a status is now: NodeNotReady'));
  assert.deepEqual(cluster.complaints, []);
});

test('when no node is heard of any more, none is emptied', async () => {
  const { cluster, live, taints, ready } = await open(['a', 'b']);
  await using _ = cluster;
  await live([], 60_000);
  assert.deepEqual([(await ready('a'))?.status, (await ready('b'))?.status], ['Unknown', 'Unknown']);
  assert.deepEqual([await taints('a'), await taints('b')], [['unreachable:NoSchedule'], ['unreachable:NoSchedule']]);
});

test('nodes are emptied one after the other', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const { cluster, live, taints } = await open(names);
  await using _ = cluster;
  await live(names, 10_000);
  await live(['c', 'd', 'e'], 50_000);
  const emptied = async () => {
    const all = await Promise.all(['a', 'b'].map(taints));
    return all.filter((list) => list.includes('unreachable:NoExecute')).length;
  };
  assert.equal(await emptied(), 1);
  await live(['c', 'd', 'e'], 15_000);
  assert.equal(await emptied(), 2);
});

test('a zone that is out altogether is emptied while another is not', async () => {
  const { cluster, admin, live, taints, until } = await open(['a', 'b', 'c']);
  await using _ = cluster;
  for (const name of ['a', 'b', 'c']) {
    const labels = { 'topology.kubernetes.io/zone': name === 'c' ? 'other' : 'one', 'kubernetes.io/os': 'linux' };
    await admin.patch(Node, { name }, { type: 'merge', body: { metadata: { labels } } });
  }
  await until('the label of old', async () => {
    return (await admin.get(Node, { name: 'a' })).metadata.labels?.['beta.kubernetes.io/os'] === 'linux';
  });
  await live(['c'], 70_000);
  const emptied = ['unreachable:NoExecute', 'unreachable:NoSchedule'];
  assert.deepEqual([await taints('a'), await taints('b'), await taints('c')], [emptied, emptied, []]);
  assert.deepEqual(cluster.complaints, []);
});

test('a cordoned node and one under pressure keep new pods away', async () => {
  const { cluster, admin, taints, until } = await open(['a', 'b']);
  await using _ = cluster;
  await admin.patch(Node, { name: 'a' }, { type: 'merge', body: { spec: { unschedulable: true } } });
  await until('the taint', async () => (await taints('a')).join() === 'unschedulable:NoSchedule');
  const body = { status: { conditions: [{ type: 'DiskPressure', status: 'True' }] } };
  await admin.patch(Node, { name: 'b' }, { type: 'strategic', body }, { subresource: 'status' });
  await until('the taint', async () => (await taints('b')).join() === 'disk-pressure:NoSchedule');
  await admin.patch(Node, { name: 'a' }, { type: 'merge', body: { spec: { unschedulable: null } } });
  await until('the end', async () => (await taints('a')).length === 0);
});

test('every node gets pod addresses of its own, and those of a deleted one are free again', async () => {
  const names = Array.from({ length: 4 }, (_, i) => `n${i}`);
  const { cluster, admin, until, node, addNode, pass } = await open(names, { clusterCidr: '10.244.0.0/22' });
  await using _ = cluster;
  const cidrs = async () => (await admin.list(Node)).items.map(({ spec }) => spec.podCIDR ?? '');
  await until('all shares', async () => (await cidrs()).every((cidr) => cidr !== ''));
  assert.deepEqual((await cidrs()).sort(), ['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24', '10.244.3.0/24']);
  assert.deepEqual((await node('n0')).spec.podCIDRs, [(await node('n0')).spec.podCIDR]);
  await addNode('late');
  await pass(2_000);
  assert.equal((await node('late')).spec.podCIDR, undefined);
  const { podCIDR } = (await node('n2')).spec;
  await admin.delete(Node, { name: 'n2' });
  await until('the share', async () => (await node('late')).spec.podCIDR === podCIDR, 600_000);
});

test('pods of a node that has gone, and pods that never came to one, do not stay', async () => {
  const { cluster, admin, addPod, live, until, tendPods } = await open(['a', 'b'], { terminatedPodThreshold: 2 });
  await using _ = cluster;
  await addPod('lost', 'a');
  await tendPods();
  const pods = async () => (await admin.list(Pod)).items.map(({ metadata }) => metadata.name).sort();
  for (const name of ['x', 'y', 'z']) {
    await addPod(name, 'b');
    const body = { status: { phase: 'Succeeded' } };
    await admin.patch(Pod, { namespace: 'default', name }, { type: 'merge', body }, { subresource: 'status' });
    await live(['a', 'b'], 5_000);
  }
  await live(['a', 'b'], 30_000);
  assert.deepEqual(await pods(), ['lost', 'y', 'z']);
  await admin.delete(Node, { name: 'a' });
  await live(['b'], 30_000);
  assert.deepEqual(await pods(), ['lost', 'y', 'z']);
  await until('the lost pod to go', async () => !(await pods()).includes('lost'));
  assert.deepEqual(cluster.complaints, []);
});
