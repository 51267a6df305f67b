// The conformance suite's tests of the garbage collector (test/e2e/apimachinery/garbage_collector.go), under their names.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '../../src/api/apps/deployment.ts';
import { ReplicaSet } from '../../src/api/apps/replica-set.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { ReplicationController } from '../../src/api/core/replication-controller.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import type { DeleteOptions } from '../../src/client/client.ts';
import { controlledCluster } from '../support/controlled-cluster.ts';

type Policy = NonNullable<DeleteOptions['propagationPolicy']>;

async function open() {
  const cluster = await controlledCluster();
  const { admin, until, addNode } = cluster;
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'default' })).items.length > 0);
  await addNode('node-1');
  const pods = async () => (await admin.list(Pod, { namespace: 'default' })).items;
  const rc = (name: string) => ({ namespace: 'default', name });
  const template = (app: string) => ({
    metadata: { labels: { app } },
    spec: { nodeName: 'node-1', containers: [{ name: 'nginx', image: 'nginx' }] },
  });
  const makeController = async (name: string, replicas: number) => {
    const spec = { replicas, selector: { app: name }, template: template(name) };
    await admin.create(ReplicationController, { metadata: rc(name), spec });
    await until('the pods', async () => {
      await cluster.tendPods();
      return (await admin.get(ReplicationController, rc(name))).status.replicas === replicas;
    });
    return admin.get(ReplicationController, rc(name));
  };
  const makeDeployment = async () => {
    const selector = { matchLabels: { app: 'web' } };
    const spec = { replicas: 2, selector, template: template('web') };
    await admin.create(Deployment, { metadata: rc('web'), spec });
    await until('the replica set', async () => (await admin.list(ReplicaSet)).items.length === 1);
  };
  const remove = (kind: typeof ReplicationController | typeof Deployment, name: string, propagationPolicy: Policy) =>
    admin.delete(kind, rc(name), { propagationPolicy });
  const isGone = (kind: typeof ReplicationController | typeof Deployment, name: string) =>
    admin.get(kind, rc(name)).then(
      () => false,
      (error) => isStatusError(error, 'NotFound'),
    );
  return { ...cluster, cluster, pods, makeController, makeDeployment, remove, isGone };
}

test('[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning', async () => {
  const { cluster, until, pods, makeController, remove, tendPods } = await open();
  await using _ = cluster;
  await makeController('simpletest', 5);
  await remove(ReplicationController, 'simpletest', 'Background');
  await until('the pods to go', async () => {
    await tendPods();
    return (await pods()).length === 0;
  });
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so', async () => {
  const { cluster, until, pass, pods, makeController, remove, isGone } = await open();
  await using _ = cluster;
  await makeController('simpletest', 20);
  await remove(ReplicationController, 'simpletest', 'Orphan');
  await until('the controller to go', () => isGone(ReplicationController, 'simpletest'));
  await pass(30_000);
  const left = await pods();
  assert.equal(left.length, 20);
  for (const { metadata } of left) {
    assert.deepEqual([metadata.deletionTimestamp, metadata.ownerReferences ?? []], [undefined, []]);
  }
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning', async () => {
  const { cluster, admin, until, pods, makeDeployment, remove, tendPods } = await open();
  await using _ = cluster;
  await makeDeployment();
  await remove(Deployment, 'web', 'Background');
  await until('all to go', async () => {
    await tendPods();
    return (await admin.list(ReplicaSet)).items.length === 0 && (await pods()).length === 0;
  });
});

test('[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan', async () => {
  const { cluster, admin, until, pass, makeDeployment, remove, isGone } = await open();
  await using _ = cluster;
  await makeDeployment();
  await remove(Deployment, 'web', 'Orphan');
  await until('the deployment to go', () => isGone(Deployment, 'web'));
  await pass(30_000);
  const { items } = await admin.list(ReplicaSet);
  assert.deepEqual(
    items.map(({ metadata }) => metadata.ownerReferences ?? []),
    [[]],
  );
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-api-machinery] Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so', async () => {
  const { cluster, admin, until, pass, pods, makeController, remove, isGone, tendPods } = await open();
  await using _ = cluster;
  await makeController('simpletest', 10);
  await remove(ReplicationController, 'simpletest', 'Foreground');
  await until('the pods to be deleted', async () => {
    return (await pods()).every(({ metadata }) => metadata.deletionTimestamp !== undefined);
  });
  await pass(10_000);
  const waiting = await admin.get(ReplicationController, { namespace: 'default', name: 'simpletest' });
  assert.deepEqual(waiting.metadata.finalizers, ['foregroundDeletion']);
  assert.equal((await pods()).length, 10);
  await tendPods();
  await until('the controller to go', () => isGone(ReplicationController, 'simpletest'));
  assert.equal((await pods()).length, 0);
  assert.deepEqual(cluster.complaints, []);
});

test("[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted", async () => {
  const { cluster, admin, until, pass, pods, makeController, remove, isGone, tendPods } = await open();
  await using _ = cluster;
  await makeController('simpletest-to-be-deleted', 10);
  const stays = await makeController('simpletest-to-stay', 0);
  const { name, uid } = stays.metadata;
  const all = await pods();
  for (const { metadata } of all.slice(0, 5)) {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ReplicationController', name, uid }];
    await admin.patch(Pod, metadata, { type: 'strategic', body: { metadata: { ownerReferences } } });
  }
  await remove(ReplicationController, 'simpletest-to-be-deleted', 'Foreground');
  await until('the controller to go', async () => {
    await tendPods();
    return isGone(ReplicationController, 'simpletest-to-be-deleted');
  });
  await pass(5_000);
  const left = await pods();
  assert.deepEqual(
    left.map(({ metadata }) => metadata.name).sort(),
    all
      .slice(0, 5)
      .map(({ metadata }) => metadata.name)
      .sort(),
  );
  for (const { metadata } of left) {
    assert.equal(metadata.deletionTimestamp, undefined);
    assert.deepEqual(
      metadata.ownerReferences?.map((reference) => reference.uid),
      [uid],
    );
  }
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-api-machinery] Garbage collector should not be blocked by dependency circle', async () => {
  const { cluster, admin, until, pods, tendPods } = await open();
  await using _ = cluster;
  const spec = { nodeName: 'node-1', containers: [{ name: 'nginx', image: 'nginx' }] };
  const make = (name: string) => admin.create(Pod, { metadata: { namespace: 'default', name }, spec });
  const [one, two, three] = [await make('pod1'), await make('pod2'), await make('pod3')];
  const own = (dependent: Pod, { metadata: { name, uid } }: Pod) => {
    const reference = { apiVersion: 'v1', kind: 'Pod', name, uid, controller: true, blockOwnerDeletion: true };
    const body = { metadata: { ownerReferences: [reference] } };
    return admin.patch(Pod, dependent.metadata, { type: 'strategic', body });
  };
  await own(one, three);
  await own(two, one);
  await own(three, two);
  const preconditions = { uid: one.metadata.uid };
  await admin.delete(Pod, one.metadata, { propagationPolicy: 'Foreground', preconditions });
  await until(
    'all to go',
    async () => {
      await tendPods();
      return (await pods()).length === 0;
    },
    90_000,
  );
});
