import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControllerRevision } from '../../../src/api/apps/controller-revision.ts';
import { DaemonSet } from '../../../src/api/apps/daemon-set.ts';
import { Event } from '../../../src/api/core/event.ts';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { Node } from '../../../src/api/core/node.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { refOf } from '../../../src/client/client.ts';
import { isPodReady } from '../../../src/controllers/pod-state.ts';
import { daemonCluster, daemonSet, hashesOf, NAMESPACE, NODES, REF, withImage } from '../../support/daemon-cluster.ts';

const rolling = (rollingUpdate: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } }) as const;

test('a daemon set follows nodes as they come, are tainted and go', async () => {
  const { cluster, admin, changeNode, runningOn, get, until, addNode, tend } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet());
  await runningOn(NODES);
  await addNode('node-4');
  await runningOn([...NODES, 'node-4']);
  // What is not tolerated keeps new pods away; what is there may stay.
  await changeNode('node-4', { spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } });
  await until('the count', async () => (await get()).status.numberMisscheduled === 1);
  assert.equal((await get()).status.desiredNumberScheduled, 3);
  await changeNode('node-4', { spec: { taints: [{ key: 'x', effect: 'NoExecute' }] } });
  await runningOn(NODES);
  await changeNode('node-4', { spec: { taints: null, unschedulable: true } });
  await runningOn([...NODES, 'node-4']);
  await admin.delete(Node, { name: 'node-4' });
  await until('the node is forgotten', async () => {
    await tend();
    return (await get()).status.desiredNumberScheduled === 3;
  });
  assert.deepEqual(cluster.complaints, []);
});

test('an update with a surge never has fewer pods than nodes', async () => {
  const { cluster, admin, change, pods, until, tend, get, runningOn } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet(rolling({ maxSurge: 1, maxUnavailable: 0 })));
  await runningOn(NODES);
  await change(withImage('v2'));
  await until('the update', async () => {
    await tend();
    const all = await pods();
    const staying = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    assert.ok(staying.filter(isPodReady).length >= 3, `${staying.filter(isPodReady).length} ready`);
    assert.ok(staying.length <= 4, `${staying.length} pods`);
    return all.length === 3 && all.every(({ spec }) => spec.containers[0]?.image === 'v2');
  });
  await until('the status', async () => (await get()).status.updatedNumberScheduled === 3);
  assert.deepEqual(cluster.complaints, []);
});

test('OnDelete updates a pod when it is deleted', async () => {
  const { cluster, admin, change, pods, until, tend, runningOn, get, histories } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet({ updateStrategy: { type: 'OnDelete' } }));
  await runningOn(NODES);
  await change(withImage('v2'));
  await until('the second revision', async () => (await histories()).length === 2);
  await runningOn(NODES);
  const [pod = assert.fail('no pod')] = await pods();
  await admin.delete(Pod, refOf(pod));
  await until('the new pod', async () => {
    await tend();
    return (await get()).status.updatedNumberScheduled === 1 && (await get()).status.numberReady === 3;
  });
  const images = (await pods()).map(({ spec }) => spec.containers[0]?.image).sort();
  assert.deepEqual(images, ['v1', 'v1', 'v2']);
});

test('pods that fail again and again are made anew ever more slowly', async () => {
  const { cluster, admin, pods } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet({}, { nodeName: 'node-1' }));
  let made = 0;
  let last = '';
  for (let ms = 0; ms < 10_000; ms += 200) {
    await cluster.pass(200);
    const [pod] = await pods();
    if (!pod || pod.metadata.uid === last) continue;
    last = pod.metadata.uid;
    made++;
    const body = { status: { phase: 'Failed', reason: 'OutOfpods' } };
    await admin.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status' });
  }
  // One after 0, 1, 3 and 7 seconds, the last of which waits for 8.
  assert.ok(made >= 4 && made <= 6, `${made} pods`);
  const { items } = await admin.list(Event, { namespace: NAMESPACE });
  assert.ok(items.some(({ reason }) => reason === 'FailedDaemonPod'));
});

test('history is kept as long as its limit, and a duplicate is merged without a restart', async () => {
  const { cluster, admin, change, pods, runningOn, histories, until } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet({ revisionHistoryLimit: 1 }));
  for (const image of ['v1', 'v2', 'v3']) {
    await change(withImage(image));
    await runningOn(NODES, image);
  }
  await until('the limit', async () => (await histories()).map(({ revision }) => revision).join() === '2,3');
  const before = (await pods()).map(({ metadata }) => metadata.uid);
  const current = (await histories()).at(-1) ?? assert.fail('no revision');
  const { labels, ownerReferences = [] } = current.metadata;
  const metadata = { ...REF, name: 'twin', labels: { ...labels, 'controller-revision-hash': 'twin' }, ownerReferences };
  await admin.create(ControllerRevision, { metadata, data: current.data ?? {}, revision: 9 });
  await until('the merger', async () => (await histories()).map(({ revision }) => revision).join() === '2,9');
  const after = await pods();
  assert.deepEqual(hashesOf(after), Array(3).fill('twin'));
  assert.deepEqual(
    after.map(({ metadata }) => metadata.uid),
    before,
  );
});

test('history and pods that were orphaned are adopted', async () => {
  const { cluster, admin, pods, runningOn, histories, until } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet());
  await runningOn(NODES);
  const before = (await pods()).map(({ metadata }) => metadata.uid).sort();
  await admin.delete(DaemonSet, REF, { propagationPolicy: 'Orphan' });
  await until('its end', async () => (await admin.list(DaemonSet, { namespace: NAMESPACE })).items.length === 0);
  const { metadata } = await admin.create(DaemonSet, daemonSet());
  await runningOn(NODES);
  assert.deepEqual((await pods()).map((pod) => pod.metadata.uid).sort(), before);
  const all = [...(await pods()), ...(await histories())];
  assert.ok(all.every((object) => object.metadata.ownerReferences?.[0]?.uid === metadata.uid));
  assert.equal((await histories()).length, 1);
});

test('a daemon set that is settled writes nothing', async () => {
  const { cluster, admin, runningOn } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet({ minReadySeconds: 2 }));
  await runningOn(NODES);
  await cluster.pass(4000);
  assert.equal((await admin.get(DaemonSet, REF)).status.numberAvailable, 3);
  const versions = async () => {
    const kinds = [DaemonSet, Pod, ControllerRevision, Event];
    const lists = await Promise.all(kinds.map((kind) => admin.list(kind, { namespace: NAMESPACE })));
    return lists.flatMap(({ items }) => items.map(({ metadata }) => metadata.resourceVersion));
  };
  const before = await versions();
  await cluster.pass(20_000);
  assert.deepEqual(await versions(), before);
});

test('a namespace takes its daemon sets along without a complaint', async () => {
  const { cluster, admin, until, tend } = await daemonCluster();
  await using _ = cluster;
  await admin.create(Namespace, { metadata: { name: 'going' } });
  const set = daemonSet();
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'going' })).items.length > 0);
  await admin.create(DaemonSet, { ...set, metadata: { ...set.metadata, namespace: 'going' } });
  const pods = async () => (await admin.list(Pod, { namespace: 'going' })).items;
  await until('the pods', async () => {
    await tend();
    return (await pods()).filter(isPodReady).length === 3;
  });
  await admin.delete(Namespace, { name: 'going' });
  await until('the end', async () => {
    await tend();
    return !(await admin.list(Namespace, {})).items.some(({ metadata }) => metadata.name === 'going');
  });
  assert.deepEqual(cluster.complaints, []);
});
