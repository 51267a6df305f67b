// What the conformance suite asks of Deployments. Upstream: test/e2e/apps/deployment.go. Pods of an image that does not
// exist are those that the test leaves unready.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '../../src/api/apps/deployment.ts';
import { ReplicaSet } from '../../src/api/apps/replica-set.ts';
import { Pod } from '../../src/api/core/pod.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { pathOf } from '../../src/client/client.ts';
import { isControlledBy } from '../../src/controllers/owner-reference.ts';
import { NAMESPACE, podTemplate, record, workloadCluster } from '../support/workload-cluster.ts';

const REF = { namespace: NAMESPACE, name: 'test-deployment' };
const LABELS = { name: 'sample-pod' };
const REVISION = 'deployment.kubernetes.io/revision';

type Spec = NonNullable<InputOf<typeof Deployment>['spec']>;

function deployment(replicas: number, spec: Partial<Spec> = {}, labels = {}): InputOf<typeof Deployment> {
  const template = podTemplate(LABELS);
  return { metadata: { ...REF, labels }, spec: { replicas, selector: { matchLabels: LABELS }, template, ...spec } };
}

const rolling = (maxSurge: number, maxUnavailable: number) =>
  ({ type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } }) as const;

/** A replica set that a deployment with its labels will adopt. */
function earlier(name: string, replicas: number, annotations = {}): InputOf<typeof ReplicaSet> {
  const labels = { ...LABELS, pod: 'httpd' };
  return {
    metadata: { namespace: NAMESPACE, name, labels, annotations },
    spec: { replicas, selector: { matchLabels: labels }, template: podTemplate(labels) },
  };
}

const withImage = (image: string) => ({ spec: { template: { spec: { containers: [{ name: 'main', image }] } } } });

async function open() {
  const cluster = await workloadCluster();
  const { admin } = cluster;
  const get = () => admin.get(Deployment, REF);
  const change = (body: unknown) => admin.patch(Deployment, REF, { type: 'strategic', body });
  const replicaSets = async () => (await admin.list(ReplicaSet, { namespace: NAMESPACE })).items;
  const oldAndNew = async () => {
    const current = await get();
    const own = (await replicaSets()).filter((replicaSet) => isControlledBy(replicaSet, current));
    const image = current.spec.template.spec.containers[0]?.image;
    const isNew = ({ spec }: ReplicaSet) => spec.template.spec.containers[0]?.image === image;
    return { newest: own.find(isNew), old: own.filter((replicaSet) => !isNew(replicaSet)) };
  };
  const completes = () => cluster.settles('the rollout', async () => isComplete(await get()));
  return { ...cluster, cluster, get, change, replicaSets, oldAndNew, completes };
}

function isComplete({ spec, status, metadata }: Deployment): boolean {
  return (
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0) &&
    [status.updatedReplicas, status.replicas, status.availableReplicas].every((count) => count === spec.replicas)
  );
}

const revisionOf = ({ metadata }: Deployment) => metadata.annotations?.[REVISION];
const imageIn = ({ spec }: Deployment | ReplicaSet) => spec.template.spec.containers[0]?.image;

test('[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones', async () => {
  const { cluster, admin, running, completes, get, oldAndNew } = await open();
  await using _ = cluster;
  await admin.create(ReplicaSet, earlier('test-rolling-update-controller', 1, { [REVISION]: '3546343826724305832' }));
  await running(1, LABELS);
  await admin.create(Deployment, deployment(1, { template: podTemplate(LABELS, 'agnhost') }));
  await completes();
  assert.equal(revisionOf(await get()), '3546343826724305833');
  const { newest, old } = await oldAndNew();
  assert.deepEqual(
    [newest?.spec.replicas, old.map(({ metadata }) => metadata.name)],
    [1, ['test-rolling-update-controller']],
  );
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones', async () => {
  const { cluster, admin, completes, get, change } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment(1, { strategy: { type: 'Recreate' } }));
  await completes();
  assert.equal(revisionOf(await get()), '1');
  const { resourceVersion } = (await change(withImage('webserver'))).metadata;
  await using watched = record(admin, Deployment, { namespace: NAMESPACE, resourceVersion });
  await completes();
  const statuses = watched.events.map(({ object }) => object.status);
  assert.ok(statuses.length > 0);
  for (const { updatedReplicas = 0, replicas = 0 } of statuses) {
    assert.ok(updatedReplicas === 0 || updatedReplicas === replicas, 'new pods beside old ones');
  }
});

test('[sig-apps] Deployment deployment should delete old replica sets', async () => {
  const { cluster, admin, running, settles, replicaSets } = await open();
  await using _ = cluster;
  await admin.create(ReplicaSet, earlier('test-cleanup-controller', 1));
  await running(1, LABELS);
  const { metadata: list } = await admin.list(Pod, { namespace: NAMESPACE });
  await using watched = record(admin, Pod, { namespace: NAMESPACE, resourceVersion: list.resourceVersion });
  const template = podTemplate(LABELS, 'agnhost');
  await admin.create(Deployment, deployment(1, { template, revisionHistoryLimit: 0 }));
  await settles('the cleanup', async () => {
    const all = await replicaSets();
    return all.length === 1 && all[0]?.metadata.name !== 'test-cleanup-controller';
  });
  const added = watched.events.filter(({ type }) => type === 'ADDED');
  assert.deepEqual(
    added.map(({ object }) => object.spec.containers[0]?.image),
    ['agnhost'],
  );
});

test('[sig-apps] Deployment deployment should support rollover', async () => {
  const { cluster, admin, running, until, completes, change, get, oldAndNew } = await open();
  await using _ = cluster;
  await admin.create(ReplicaSet, earlier('test-rollover-controller', 1));
  await running(1, LABELS);
  await cluster.pass(11_000);
  const broken = podTemplate(LABELS, 'nonexistent');
  await admin.create(Deployment, deployment(1, { template: broken, strategy: rolling(1, 0), minReadySeconds: 10 }));
  await until('the rollout', async () => {
    const { newest } = await oldAndNew();
    return newest?.status.replicas === 1 && (await get()).status.updatedReplicas === 1;
  });
  // It is under way, and cannot end.
  assert.equal((await get()).status.availableReplicas, 1);
  await change(withImage('agnhost'));
  await completes();
  assert.equal(revisionOf(await get()), '2');
  const { newest, old } = await oldAndNew();
  assert.equal(newest?.spec.replicas, 1);
  assert.equal(old.length, 2);
  assert.ok(old.every(({ spec, status }) => spec.replicas === 0 && status.replicas === 0));
});

test('[sig-apps] Deployment deployment should support proportional scaling', async () => {
  const { cluster, admin, completes, change, until, oldAndNew, get } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment(10, { strategy: rolling(3, 2) }));
  await completes();
  await change(withImage('webserver:404'));
  const sizes = async () => {
    const { newest, old } = await oldAndNew();
    return [old[0]?.spec.replicas, newest?.spec.replicas].join();
  };
  await until('the old to be as few as they may', async () => (await sizes()) === '8,5');
  const { old } = await oldAndNew();
  await until('the old status', async () => (await oldAndNew()).old[0]?.status.availableReplicas === 8);
  assert.equal(old.length, 1);
  await change({ spec: { replicas: 30 } });
  await until('the observed generation', async () => {
    const { metadata, status } = await get();
    return status.observedGeneration === metadata.generation;
  });
  await until('20 old ones and 13 new ones', async () => (await sizes()) === '20,13');
});

test('[sig-apps] Deployment Deployment should have a working scale subresource', async () => {
  const { cluster, admin, completes, getScale, putScale } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment(1));
  await completes();
  const scale = await getScale(Deployment, REF.name);
  assert.deepEqual([scale.spec.replicas, scale.status.replicas], [1, 1]);
  const { resourceVersion: _version, ...metadata } = scale.metadata as { readonly resourceVersion?: string };
  const put = await putScale(Deployment, REF.name, { ...scale, metadata, spec: { replicas: 2 } });
  assert.equal(put.spec.replicas, 2);
  assert.equal((await admin.get(Deployment, REF)).spec.replicas, 2);
  const patch = { type: 'strategic', body: { spec: { replicas: 4 } } } as const;
  await admin.patch(Deployment, REF, patch, { subresource: 'scale' });
  assert.equal((await admin.get(Deployment, REF)).spec.replicas, 4);
  await completes();
});

test('[sig-apps] Deployment should run the lifecycle of a Deployment', async () => {
  const { cluster, admin, settles, until, change, get } = await open();
  await using _ = cluster;
  const labels = { 'test-deployment-static': 'true' };
  const labelSelector = 'test-deployment-static=true';
  const selection = { namespace: NAMESPACE, labelSelector };
  const { metadata: list } = await admin.list(Deployment, { labelSelector });
  await using watched = record(admin, Deployment, { ...selection, resourceVersion: list.resourceVersion });
  await admin.create(Deployment, deployment(2, {}, labels));
  await until('the creation', async () => watched.events[0]?.type === 'ADDED');
  const shows = (replicas: number, image: string) => async () => {
    const object = watched.events.at(-1)?.object;
    const { readyReplicas, updatedReplicas, unavailableReplicas = 0 } = object?.status ?? {};
    return (
      object !== undefined &&
      imageIn(object) === image &&
      readyReplicas === replicas &&
      updatedReplicas === replicas &&
      unavailableReplicas === 0
    );
  };
  await settles('all replicas', shows(2, 'httpd'));
  await change({ metadata: { labels: { 'test-deployment': 'patched' } }, spec: { replicas: 1 } });
  await change(withImage('pause'));
  await settles('the patch', shows(1, 'pause'));
  assert.equal((await admin.list(Deployment, { labelSelector })).items.length, 1);

  const updated = deployment(
    2,
    { template: podTemplate(LABELS, 'webserver') },
    { ...labels, 'test-deployment': 'updated' },
  );
  await admin.update(Deployment, updated);
  const read = (await admin.request('GET', pathOf(Deployment, REF, 'status'))) as Deployment;
  assert.deepEqual([imageIn(read), read.metadata.labels?.['test-deployment']], ['webserver', 'updated']);
  await settles('the update', shows(2, 'webserver'));

  const status = { readyReplicas: 0, availableReplicas: 0 };
  const body = { metadata: { labels: { 'test-deployment': 'patched-status' } }, status };
  await admin.patch(Deployment, REF, { type: 'strategic', body }, { subresource: 'status' });
  assert.equal((await get()).metadata.labels?.['test-deployment'], 'updated', 'a status brings no labels');
  await until('the true status', shows(2, 'webserver'));
  await admin.deleteCollection(Deployment, { ...selection, gracePeriodSeconds: 1 });
  await until('the end', async () => watched.events.at(-1)?.type === 'DELETED');
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] Deployment should validate Deployment Status endpoints', async () => {
  const { cluster, admin, completes, get, until } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment(1, {}, { e2e: 'testing' }));
  await completes();
  assert.equal(revisionOf(await get()), '1');
  const { metadata: list } = await admin.list(Deployment);
  const selection = { namespace: NAMESPACE, labelSelector: 'e2e=testing' };
  await using watched = record(admin, Deployment, { ...selection, resourceVersion: list.resourceVersion });
  const read = (await admin.request('GET', pathOf(Deployment, REF, 'status'))) as Deployment;
  assert.equal(read.status.readyReplicas, 1);
  const current = await get();
  const added = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  const conditions = [...(current.status.conditions ?? []), added];
  await admin.updateStatus(Deployment, { ...current, status: { ...current.status, conditions } });
  const saw = (type: string) =>
    watched.events.some(({ object }) => object.status.conditions?.some((condition) => condition.type === type));
  await until('the update', async () => saw('StatusUpdate'));
  const body = { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } };
  await admin.patch(Deployment, REF, { type: 'merge', body }, { subresource: 'status' });
  await until('the patch', async () => saw('StatusPatched'));
});
