// The conformance suite's tests of namespaces (test/e2e/apimachinery/namespace.go), under their names.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { Service } from '../../src/api/core/service.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { pathOf } from '../../src/client/client.ts';
import { controlledCluster } from '../support/controlled-cluster.ts';

const NAME = 'nsdeletetest';
const CONTAINERS = [{ name: 'nginx', image: 'pause' }];

async function open() {
  const cluster = await controlledCluster();
  const { admin, until } = cluster;
  const make = async () => {
    const made = await admin.create(Namespace, { metadata: { name: NAME } });
    await until('the account', async () => (await admin.list(ServiceAccount, { namespace: NAME })).items.length > 0);
    return made;
  };
  const get = () => admin.get(Namespace, { name: NAME });
  const isGone = () =>
    get().then(
      () => false,
      (error) => isStatusError(error, 'NotFound'),
    );
  return { ...cluster, cluster, make, get, isGone };
}

test('[sig-api-machinery] Namespaces should ensure that all pods are removed when a namespace is deleted', async () => {
  const { cluster, admin, until, addNode, tendPods, make, isGone } = await open();
  await using _ = cluster;
  await addNode('node-1');
  await make();
  const ref = { namespace: NAME, name: 'test-pod' };
  await admin.create(Pod, { metadata: ref, spec: { nodeName: 'node-1', containers: CONTAINERS } });
  await tendPods();
  assert.equal((await admin.get(Pod, ref)).status.phase, 'Running');
  await admin.delete(Namespace, { name: NAME });
  await until('the deletion', async () => (await admin.get(Pod, ref)).metadata.deletionTimestamp !== undefined);
  await tendPods();
  await until('the namespace to go', isGone, 90_000);
  await make();
  await assert.rejects(admin.get(Pod, ref), (error) => isStatusError(error, 'NotFound'));
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-api-machinery] Namespaces should ensure that all services are removed when a namespace is deleted', async () => {
  const { cluster, admin, until, make, isGone } = await open();
  await using _ = cluster;
  await make();
  const ref = { namespace: NAME, name: 'test-service' };
  const selector = { foo: 'bar', baz: 'blah' };
  await admin.create(Service, { metadata: ref, spec: { selector, ports: [{ port: 80, targetPort: 80 }] } });
  await admin.delete(Namespace, { name: NAME });
  await until('the namespace to go', isGone);
  await make();
  await assert.rejects(admin.get(Service, ref), (error) => isStatusError(error, 'NotFound'));
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-api-machinery] Namespaces should patch a Namespace', async () => {
  const { cluster, admin, make, get } = await open();
  await using _ = cluster;
  await make();
  const body = { metadata: { labels: { testLabel: 'testValue' } } };
  await admin.patch(Namespace, { name: NAME }, { type: 'strategic', body });
  assert.equal((await get()).metadata.labels?.['testLabel'], 'testValue');
});

test('[sig-api-machinery] Namespaces should apply changes to a namespace status', async () => {
  const { cluster, admin, make } = await open();
  await using _ = cluster;
  await make();
  const ref = { name: NAME };
  const read = (await admin.request('GET', pathOf(Namespace, ref, 'status'))) as Namespace;
  assert.equal(read.status.phase, 'Active');
  const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched by an e2e test' };
  const annotations = { 'e2e-patched-ns-status': NAME };
  const body = { metadata: { annotations }, status: { conditions: [condition] } };
  const patched = await admin.patch(Namespace, ref, { type: 'merge', body }, { subresource: 'status' });
  assert.equal(patched.metadata.annotations?.['e2e-patched-ns-status'], NAME);
  const { reason, message } = patched.status.conditions?.[0] ?? {};
  assert.deepEqual([reason, message], ['E2E', 'Patched by an e2e test']);
  const more = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Updated by an e2e test' };
  const conditions = [...(patched.status.conditions ?? []), { ...more, lastTransitionTime: null }];
  const updated = await admin.updateStatus(Namespace, { ...patched, status: { ...patched.status, conditions } });
  const types = updated.status.conditions?.map(({ type }) => type);
  assert.deepEqual(types, ['StatusPatch', 'StatusUpdate']);
});

test('[sig-api-machinery] Namespaces should apply an update to a Namespace', async () => {
  const { cluster, admin, make, get } = await open();
  await using _ = cluster;
  const { name } = (await make()).metadata;
  const current = await get();
  const labels = { ...current.metadata.labels, [name]: 'updated' };
  const updated = await admin.update(Namespace, { ...current, metadata: { ...current.metadata, labels } });
  assert.equal(updated.metadata.labels?.[name], 'updated');
});

test('[sig-api-machinery] Namespaces should apply a finalizer to a Namespace', async () => {
  const { cluster, admin, make } = await open();
  await using _ = cluster;
  const made = await make();
  const fake = 'e2e.example.com/fakeFinalizer';
  const finalize = async (namespace: Namespace, finalizers: readonly string[]) => {
    const body = { ...namespace, spec: { ...namespace.spec, finalizers } };
    return (await admin.request('PUT', pathOf(Namespace, { name: NAME }, 'finalize'), { body })) as Namespace;
  };
  const added = await finalize(made, [...(made.spec.finalizers ?? []), fake]);
  assert.deepEqual(added.spec.finalizers, ['kubernetes', fake]);
  const removed = await finalize(added, ['kubernetes']);
  assert.deepEqual(removed.spec.finalizers, ['kubernetes']);
});

test('[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first', async () => {
  const { cluster, admin, until, pass, make, get, isGone } = await open();
  await using _ = cluster;
  await make();
  const finalizers = ['example.com/finalizer'];
  const pod = { namespace: NAME, name: 'testpod' };
  const map = { namespace: NAME, name: 'testconfigmap' };
  await admin.create(Pod, { metadata: { ...pod, finalizers }, spec: { containers: CONTAINERS } });
  await admin.create(ConfigMap, { metadata: { ...map, finalizers } });
  await admin.delete(Namespace, { name: NAME });
  await until('the deletion', async () => (await admin.get(Pod, pod)).metadata.deletionTimestamp !== undefined);
  const condition = async (type: string) => (await get()).status.conditions?.find((one) => one.type === type);
  await until('the reasons', async () => (await condition('NamespaceFinalizersRemaining'))?.status === 'True');
  assert.equal(
    (await condition('NamespaceContentRemaining'))?.message,
    'Some resources are remaining: pods. has 1 resource instances',
  );
  assert.equal(
    (await condition('NamespaceFinalizersRemaining'))?.message,
    'Some content in the namespace has finalizers remaining: example.com/finalizer in 1 resource instances',
  );
  await pass(30_000);
  assert.equal((await admin.get(ConfigMap, map)).metadata.deletionTimestamp, undefined);
  const body = { metadata: { finalizers: null } };
  await admin.patch(Pod, pod, { type: 'merge', body });
  await until('the rest', async () => (await admin.get(ConfigMap, map)).metadata.deletionTimestamp !== undefined);
  await assert.rejects(admin.get(Pod, pod), (error) => isStatusError(error, 'NotFound'));
  await admin.patch(ConfigMap, map, { type: 'merge', body });
  await until('the namespace to go', isGone);
  assert.deepEqual(cluster.complaints, []);
});
