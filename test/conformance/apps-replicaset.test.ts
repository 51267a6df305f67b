// What the conformance suite asks of ReplicaSets. Upstream: test/e2e/apps/replica_set.go. Serving an image is for a node.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicaSet } from '../../src/api/apps/replica-set.ts';
import { Pod } from '../../src/api/core/pod.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { pathOf, refOf } from '../../src/client/client.ts';
import { isOwnedBy, NAMESPACE, podTemplate, record, workloadCluster } from '../support/workload-cluster.ts';

const REF = { namespace: NAMESPACE, name: 'test-rs' };
const LABELS = { name: 'sample-pod', pod: 'httpd' };

function replicaSet(replicas: number, labels: Readonly<Record<string, string>> = LABELS): InputOf<typeof ReplicaSet> {
  return {
    metadata: { ...REF, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: podTemplate(labels) },
  };
}

test('[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods', async () => {
  const cluster = await workloadCluster();
  await using _ = cluster;
  const { admin, until } = cluster;
  const labels = { name: 'pod-adoption-release' };
  const metadata = { namespace: NAMESPACE, name: 'pod-adoption-release', labels };
  const pod = await admin.create(Pod, { metadata, spec: podTemplate(labels).spec });
  const owner = await admin.create(ReplicaSet, replicaSet(1, labels));
  const isOwned = async () => isOwnedBy(await admin.get(Pod, refOf(pod)), owner);
  await until('the adoption', isOwned);
  const relabelled = { metadata: { labels: { name: 'not-matching-name' } } };
  await admin.patch(Pod, refOf(pod), { type: 'merge', body: relabelled });
  await until('the release', async () => !(await isOwned()));
});

test('[sig-apps] ReplicaSet Replicaset should have a working scale subresource', async () => {
  const cluster = await workloadCluster();
  await using _ = cluster;
  const { admin, running, getScale, putScale } = cluster;
  await admin.create(ReplicaSet, replicaSet(1));
  await running(1, LABELS);
  await cluster.until('the status', async () => (await getScale(ReplicaSet, REF.name)).status.replicas === 1);
  const scale = await getScale(ReplicaSet, REF.name);
  assert.equal(scale.spec.replicas, 1);
  const { resourceVersion: _version, ...metadata } = scale.metadata as { readonly resourceVersion?: string };
  const put = await putScale(ReplicaSet, REF.name, { ...scale, metadata, spec: { replicas: 2 } });
  assert.equal(put.spec.replicas, 2);
  assert.equal((await admin.get(ReplicaSet, REF)).spec.replicas, 2);
  const patch = { type: 'strategic', body: { spec: { replicas: 4 } } } as const;
  await admin.patch(ReplicaSet, REF, patch, { subresource: 'scale' });
  assert.equal((await admin.get(ReplicaSet, REF)).spec.replicas, 4);
  await running(4, LABELS);
});

test('[sig-apps] ReplicaSet Replace and Patch tests', async () => {
  const cluster = await workloadCluster();
  await using _ = cluster;
  const { admin, running, settles } = cluster;
  const { metadata: list } = await admin.list(ReplicaSet);
  await using watched = record(admin, ReplicaSet, {
    namespace: NAMESPACE,
    labelSelector: 'test-rs=patched',
    resourceVersion: list.resourceVersion,
  });
  await admin.create(ReplicaSet, replicaSet(1));
  await running(1, LABELS);
  await admin.patch(ReplicaSet, REF, { type: 'merge', body: { spec: { replicas: 2 } } });
  const spec = { terminationGracePeriodSeconds: 0, containers: [{ name: REF.name, image: 'pause' }] };
  const body = { metadata: { labels: { 'test-rs': 'patched' } }, spec: { replicas: 3, template: { spec } } };
  await admin.patch(ReplicaSet, REF, { type: 'strategic', body });
  await settles('the patched replica set', async () =>
    watched.events.some(({ object: { status, spec } }) => {
      const { terminationGracePeriodSeconds, containers = [] } = spec.template.spec ?? {};
      return (
        status.readyReplicas === 3 &&
        status.availableReplicas === 3 &&
        containers.some(({ image }) => image === 'pause') &&
        terminationGracePeriodSeconds === 0
      );
    }),
  );
});

test('[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets', async () => {
  const cluster = await workloadCluster();
  await using _ = cluster;
  const { admin, running } = cluster;
  const labels = { ...LABELS, e2e: 'x7k2p' };
  await admin.create(ReplicaSet, replicaSet(3, labels));
  await running(3, labels);
  const labelSelector = 'e2e=x7k2p';
  assert.equal((await admin.list(ReplicaSet, { labelSelector })).items.length, 1);
  await admin.deleteCollection(ReplicaSet, { namespace: NAMESPACE, labelSelector, gracePeriodSeconds: 1 });
  assert.equal((await admin.list(ReplicaSet, { labelSelector })).items.length, 0);
});

test('[sig-apps] ReplicaSet should validate Replicaset Status endpoints', async () => {
  const cluster = await workloadCluster();
  await using _ = cluster;
  const { admin, running, until, pass } = cluster;
  const { metadata: list } = await admin.list(ReplicaSet);
  const selection = { namespace: NAMESPACE, labelSelector: 'name=sample-pod,pod=httpd' };
  await using watched = record(admin, ReplicaSet, { ...selection, resourceVersion: list.resourceVersion });
  await admin.create(ReplicaSet, replicaSet(1));
  await running(1, LABELS);
  await pass(1_000);
  const read = (await admin.request('GET', pathOf(ReplicaSet, REF, 'status'))) as ReplicaSet;
  assert.equal(read.status.readyReplicas, 1);
  const current = await admin.get(ReplicaSet, REF);
  const added = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  const conditions = [...(current.status.conditions ?? []), added];
  await admin.updateStatus(ReplicaSet, { ...current, status: { ...current.status, conditions } });
  const saw = (type: string) =>
    watched.events.some(({ object }) => object.status.conditions?.some((condition) => condition.type === type));
  await until('the update', async () => saw('StatusUpdate'));
  const body = { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } };
  await admin.patch(ReplicaSet, REF, { type: 'merge', body }, { subresource: 'status' });
  await until('the patch', async () => saw('StatusPatched'));
  await pass(2_000);
  const { status } = await admin.get(ReplicaSet, REF);
  assert.deepEqual([status.conditions?.map(({ type }) => type), status.readyReplicas], [['StatusPatched'], 1]);
  assert.deepEqual(cluster.complaints, []);
});
