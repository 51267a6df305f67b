// What the conformance suite asks of ReplicationControllers. Upstream: test/e2e/apps/rc.go. Serving an image is for a node.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../src/api/core/pod.ts';
import { ReplicationController } from '../../src/api/core/replication-controller.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { pathOf, refOf } from '../../src/client/client.ts';
import { isOwnedBy, NAMESPACE, podTemplate, record, workloadCluster } from '../support/workload-cluster.ts';

const REF = { namespace: NAMESPACE, name: 'rc-test' };
const LABELS = { name: 'rc-test' };

function replicationController(
  replicas: number,
  labels: Readonly<Record<string, string>> = LABELS,
): InputOf<typeof ReplicationController> {
  return { metadata: REF, spec: { replicas, selector: labels, template: podTemplate(labels) } };
}

test('[sig-apps] ReplicationController should adopt matching pods on creation', async () => {
  const cluster = await workloadCluster();
  await using _ = cluster;
  const { admin, until, pods, pass } = cluster;
  const metadata = { namespace: NAMESPACE, name: 'pod-adoption', labels: LABELS };
  const pod = await admin.create(Pod, { metadata, spec: podTemplate(LABELS).spec });
  const owner = await admin.create(ReplicationController, replicationController(1));
  await until('the adoption', async () => isOwnedBy(await admin.get(Pod, refOf(pod)), owner));
  const { ownerReferences } = (await admin.get(Pod, refOf(pod))).metadata;
  assert.deepEqual(ownerReferences, [
    {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      name: REF.name,
      uid: owner.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    },
  ]);
  await pass(1_000);
  assert.equal((await pods()).length, 1, 'none is made beside it');
});

test('[sig-apps] ReplicationController should release no longer matching pods', async () => {
  const cluster = await workloadCluster();
  await using _ = cluster;
  const { admin, until, running, pods } = cluster;
  const owner = await admin.create(ReplicationController, replicationController(1));
  await running(1, LABELS);
  const [pod] = await pods(LABELS);
  assert.ok(pod && isOwnedBy(pod, owner));
  const metadata = { ...pod.metadata, labels: { name: 'not-matching-name' } };
  await admin.update(Pod, { ...pod, metadata });
  await until('the release', async () => !isOwnedBy(await admin.get(Pod, refOf(pod)), owner));
  await running(1, LABELS);
});

test('[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded quota', async () => {
  const cluster = await workloadCluster();
  await using _ = cluster;
  const { admin, until } = cluster;
  // The common issue here: the pods run as an account that is not there.
  const template = podTemplate(LABELS);
  const spec = { ...template.spec, serviceAccountName: 'robot' };
  const refused = { ...replicationController(3), spec: { replicas: 3, template: { ...template, spec } } };
  await admin.create(ReplicationController, refused);
  const get = () => admin.get(ReplicationController, REF);
  const failure = async () => (await get()).status.conditions?.find(({ type }) => type === 'ReplicaFailure');
  await until('the condition', async () => (await failure()) !== undefined);
  const { generation = 0 } = (await get()).metadata;
  assert.ok(((await get()).status.observedGeneration ?? 0) >= generation);
  assert.deepEqual([(await failure())?.status, (await failure())?.reason], ['True', 'FailedCreate']);
  await admin.patch(ReplicationController, REF, { type: 'merge', body: { spec: { replicas: 0 } } });
  await until('the end of the condition', async () => (await failure()) === undefined);
  await admin.create(ServiceAccount, { metadata: { namespace: NAMESPACE, name: 'robot' } });
  await admin.patch(ReplicationController, REF, { type: 'merge', body: { spec: { replicas: 3 } } });
  await cluster.running(3, LABELS);
});

test('[sig-apps] ReplicationController should get and update a ReplicationController scale', async () => {
  const cluster = await workloadCluster();
  await using _ = cluster;
  const { admin, until, getScale, putScale } = cluster;
  await admin.create(ReplicationController, replicationController(1));
  const replicas = async () => (await admin.get(ReplicationController, REF)).status.replicas;
  await until('the status', async () => (await replicas()) === 1);
  const scale = await getScale(ReplicationController, REF.name);
  assert.equal(scale.status.replicas, 1);
  const { resourceVersion: _version, ...metadata } = scale.metadata as { readonly resourceVersion?: string };
  await putScale(ReplicationController, REF.name, { ...scale, metadata, spec: { replicas: 2 } });
  await until('the scale', async () => (await replicas()) === 2);
});

test('[sig-apps] ReplicationController should test the lifecycle of a ReplicationController', async () => {
  const cluster = await workloadCluster();
  await using _ = cluster;
  const { admin, settles, until } = cluster;
  const labels = { 'test-rc-static': 'true' };
  const labelSelector = 'test-rc-static=true';
  const { metadata: list } = await admin.list(ReplicationController);
  const selection = { namespace: NAMESPACE, labelSelector };
  await using watched = record(admin, ReplicationController, { ...selection, resourceVersion: list.resourceVersion });
  const last = () => watched.events.at(-1);
  const template = podTemplate(labels);
  const created = await admin.create(ReplicationController, {
    metadata: { ...REF, labels },
    spec: { replicas: 1, selector: labels, template },
  });
  const has = (replicas: number) => async () => {
    const { status } = last()?.object ?? {};
    return status?.replicas === replicas && status.readyReplicas === replicas;
  };
  await settles('an available replica', has(1));
  const label = { metadata: { labels: { 'test-rc': 'patched' } } };
  const patched = await admin.patch(ReplicationController, REF, { type: 'strategic', body: label });
  assert.equal(patched.metadata.labels?.['test-rc'], 'patched');
  await until('the label', async () => last()?.object.metadata.labels?.['test-rc'] === 'patched');

  const status = { status: { readyReplicas: 0, availableReplicas: 0 } };
  const zeroed = await admin.patch(
    ReplicationController,
    REF,
    { type: 'strategic', body: status },
    { subresource: 'status' },
  );
  assert.equal(zeroed.status.readyReplicas ?? 0, 0);
  await until('the true status', has(1));
  const read = (await admin.request('GET', pathOf(ReplicationController, REF, 'status'))) as ReplicationController;
  assert.equal(read.status.replicas, 1);

  const scale = { type: 'strategic', body: { spec: { replicas: 2 } } } as const;
  await admin.patch(ReplicationController, REF, scale, { subresource: 'scale' });
  await settles('the scale', has(2));
  const current = await admin.get(ReplicationController, REF);
  assert.equal(current.metadata.labels?.['test-rc'], 'patched');
  const fewer = { ...current.status, readyReplicas: 1, availableReplicas: 1 };
  await admin.updateStatus(ReplicationController, { ...current, status: fewer });
  await until('the true status again', has(2));
  const everywhere = await admin.list(ReplicationController, { labelSelector });
  assert.deepEqual(
    everywhere.items.map(({ metadata }) => metadata.uid),
    [created.metadata.uid],
  );
  await admin.deleteCollection(ReplicationController, selection);
  await until('the end', async () => last()?.type === 'DELETED');
  assert.equal(watched.events[0]?.type, 'ADDED');
  assert.ok(watched.events.slice(1, -1).every(({ type }) => type === 'MODIFIED'));
  assert.deepEqual(cluster.complaints, []);
});
