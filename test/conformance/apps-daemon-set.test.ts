// What the conformance suite asks of DaemonSets and their ControllerRevisions. Upstream: test/e2e/apps/daemon_set.go,
// controller_revision.go.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControllerRevision } from '../../src/api/apps/controller-revision.ts';
import { DaemonSet } from '../../src/api/apps/daemon-set.ts';
import { Event } from '../../src/api/core/event.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { refOf } from '../../src/client/client.ts';
import {
  daemonCluster,
  daemonSet,
  hashesOf,
  LABEL,
  NAMESPACE,
  NODES,
  REF,
  withImage,
} from '../support/daemon-cluster.ts';

const NAME = '[sig-apps] Daemon set';

test(`${NAME} should run and stop simple daemon`, async () => {
  const { cluster, admin, get, pods, runningOn } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet());
  await runningOn(NODES);
  const { status } = await get();
  assert.deepEqual(status, {
    currentNumberScheduled: 3,
    numberMisscheduled: 0,
    desiredNumberScheduled: 3,
    numberReady: 3,
    observedGeneration: 1,
    updatedNumberScheduled: 3,
    numberAvailable: 3,
  });
  const [pod = assert.fail('no pod')] = await pods();
  await admin.delete(Pod, refOf(pod));
  await runningOn(NODES);
  assert.ok(!(await pods()).some(({ metadata }) => metadata.uid === pod.metadata.uid));
  const { items: events } = await admin.list(Event, { namespace: NAMESPACE });
  const said = events.filter(({ involvedObject }) => involvedObject.kind === 'DaemonSet');
  assert.equal(said.filter(({ reason }) => reason === 'SuccessfulCreate').length, 4);
  assert.equal(said[0]?.source.component, 'daemonset-controller');
  assert.match(said[0]?.message ?? '', /^Created pod: daemon-set-\w{5}$/);
  assert.deepEqual(cluster.complaints, []);
});

test(`${NAME} should run and stop complex daemon`, async () => {
  const { cluster, admin, change, changeNode, runningOn, get } = await daemonCluster();
  await using _ = cluster;
  const color = (value: string | null) => ({ metadata: { labels: { 'daemonset-color': value } } });
  await admin.create(DaemonSet, daemonSet({}, { nodeSelector: { 'daemonset-color': 'blue' } }));
  await runningOn([]);
  await changeNode('node-2', color('blue'));
  await runningOn(['node-2']);
  await changeNode('node-2', color('green'));
  await runningOn([]);
  const nodeSelector = { 'daemonset-color': 'green' };
  await change({ spec: { template: { spec: { nodeSelector } }, updateStrategy: { type: 'RollingUpdate' } } });
  await runningOn(['node-2']);
  assert.equal((await get()).status.desiredNumberScheduled, 1);
  assert.deepEqual(cluster.complaints, []);
});

test(`${NAME} should retry creating failed daemon pods`, async () => {
  const { cluster, admin, pods, runningOn, until } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet());
  await runningOn(NODES);
  const [pod = assert.fail('no pod')] = await pods();
  const body = { status: { phase: 'Failed' } };
  await admin.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status' });
  await until('its end', async () => !(await pods()).some(({ metadata }) => metadata.uid === pod.metadata.uid));
  await runningOn(NODES);
  const { items: events } = await admin.list(Event, { namespace: NAMESPACE });
  const failed = events.find(({ reason }) => reason === 'FailedDaemonPod');
  const where = `${NAMESPACE}/${pod.metadata.name} on node ${pod.spec.nodeName}`;
  assert.equal(failed?.message, `Found failed daemon pod ${where}, will try to kill it`);
  assert.equal(failed?.type, 'Warning');
});

test(`${NAME} should update pod when spec was updated and update strategy is RollingUpdate`, async () => {
  const { cluster, admin, change, pods, runningOn, histories } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet({ updateStrategy: { type: 'RollingUpdate' } }));
  await runningOn(NODES);
  const checkHistory = async (revision: number) => {
    const all = await histories();
    assert.equal(all.length, revision);
    const current = all.at(-1);
    assert.equal(current?.revision, revision);
    const hash = current?.metadata.labels?.['controller-revision-hash'];
    assert.equal(current?.metadata.name, `daemon-set-${hash}`);
    assert.deepEqual(hashesOf(await pods()), Array(3).fill(hash));
    const generations = (await pods()).map(({ metadata }) => metadata.labels?.['pod-template-generation']);
    assert.deepEqual(generations, Array(3).fill(String(revision)));
  };
  await checkHistory(1);
  await change(withImage('v2'));
  await runningOn(NODES, 'v2');
  await checkHistory(2);
  assert.deepEqual(cluster.complaints, []);
});

test(`${NAME} should rollback without unnecessary restarts`, async () => {
  const { cluster, admin, change, pods, runningOn, until, tend, histories } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet({ updateStrategy: { type: 'RollingUpdate' } }));
  await runningOn(NODES);
  await change(withImage('foo:broken'));
  const isNew = ({ spec }: Pod) => spec.containers[0]?.image === 'foo:broken';
  await until('a new pod', async () => {
    await tend();
    return (await pods()).some(isNew);
  });
  await cluster.pass(5000);
  await tend();
  const existing = (await pods()).filter((pod) => !isNew(pod)).map(({ metadata }) => metadata.uid);
  assert.equal(existing.length, 2, 'one pod at a time is exchanged');
  await change(withImage('v1'));
  await runningOn(NODES);
  const now = new Set((await pods()).map(({ metadata }) => metadata.uid));
  for (const uid of existing) assert.ok(now.has(uid), 'a pod of the old template was restarted');
  assert.deepEqual(
    (await histories()).map(({ revision }) => revision),
    [2, 3],
  );
});

test(`${NAME} should list and delete a collection of DaemonSets`, async () => {
  const { cluster, admin, pods, runningOn, until, tend, histories } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet());
  await runningOn(NODES);
  assert.equal((await admin.list(DaemonSet, { labelSelector: LABEL })).items.length, 1);
  await admin.deleteCollection(DaemonSet, { namespace: NAMESPACE, labelSelector: LABEL, gracePeriodSeconds: 1 });
  assert.equal((await admin.list(DaemonSet, { labelSelector: LABEL })).items.length, 0);
  await until('the garbage collector', async () => {
    await tend();
    return (await pods()).length === 0 && (await histories()).length === 0;
  });
  assert.deepEqual(cluster.complaints, []);
});

test(`${NAME} should verify changes to a daemon set status`, async () => {
  const { cluster, admin, get, change, runningOn } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet());
  await runningOn(NODES);
  const types = async () => (await get()).status.conditions?.map(({ type }) => type);
  const current = await get();
  const conditions = [{ type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' }];
  await admin.updateStatus(DaemonSet, { ...current, status: { ...current.status, conditions } });
  assert.deepEqual(await types(), ['StatusUpdate']);
  const body = { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } };
  await admin.patch(DaemonSet, REF, { type: 'merge', body }, { subresource: 'status' });
  assert.deepEqual(await types(), ['StatusPatched']);
  await change(withImage('v2'));
  await runningOn(NODES, 'v2');
  assert.deepEqual(await types(), ['StatusPatched'], 'what others say stays');
});

test('[sig-apps] ControllerRevision should manage the lifecycle of a ControllerRevision', async () => {
  const { cluster, admin, get, change, runningOn, histories, until } = await daemonCluster();
  await using _ = cluster;
  await admin.create(DaemonSet, daemonSet());
  await runningOn(NODES);
  const listed = await admin.list(ControllerRevision, { labelSelector: LABEL });
  assert.equal(listed.items.length, 1);
  const [initial = assert.fail('no revision')] = listed.items;
  const owner = initial.metadata.ownerReferences?.[0];
  assert.deepEqual([owner?.kind, owner?.uid], ['DaemonSet', (await get()).metadata.uid]);
  const { name } = initial.metadata;
  const labelled = { metadata: { labels: { [name]: 'patched' } } };
  const patched = await admin.patch(ControllerRevision, refOf(initial), { type: 'strategic', body: labelled });
  assert.equal(patched.metadata.labels?.[name], 'patched');

  const created = await admin.create(ControllerRevision, {
    metadata: {
      namespace: NAMESPACE,
      name: 'daemon-set-by-hand',
      labels: { 'daemonset-name': 'daemon-set', 'controller-revision-hash': 'by-hand' },
      ownerReferences: initial.metadata.ownerReferences ?? [],
    },
    data: initial.data ?? {},
    revision: initial.revision + 1,
  });
  await until('both', async () => (await histories()).length === 2);
  await admin.delete(ControllerRevision, refOf(initial));
  await until('one', async () => (await histories()).length === 1);
  const [current = assert.fail('no revision')] = await histories();
  assert.equal(current.metadata.uid, created.metadata.uid);
  const label = `${current.metadata.name}=updated`;
  const labels = { ...current.metadata.labels, [current.metadata.name]: 'updated' };
  const updated = await admin.update(ControllerRevision, { ...current, metadata: { ...current.metadata, labels } });
  assert.equal(updated.metadata.labels?.[current.metadata.name], 'updated');

  await change({ spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } } });
  await until('the new revision', async () => (await histories()).length === 2);
  await admin.deleteCollection(ControllerRevision, { namespace: NAMESPACE, labelSelector: label });
  await until('the last one', async () => (await histories()).length === 1);
  assert.equal((await histories())[0]?.revision, 3);
});
