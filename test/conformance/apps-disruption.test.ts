// What the conformance suite asks of disruption budgets and evictions. Upstream: test/e2e/apps/disruption.go.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Pod } from '../../src/api/core/pod.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { PodDisruptionBudget } from '../../src/api/policy/pod-disruption-budget.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { formatTime } from '../../src/api/time.ts';
import { NAMESPACE, podTemplate, workloadCluster } from '../support/workload-cluster.ts';

const REF = { namespace: NAMESPACE, name: 'foo' };
const LABELS = { foo: 'bar' };

function budget(
  minAvailable: number | string,
  { namespace = NAMESPACE, name = 'foo', labels = {} } = {},
): InputOf<typeof PodDisruptionBudget> {
  return { metadata: { namespace, name, labels }, spec: { minAvailable, selector: { matchLabels: LABELS } } };
}

async function open() {
  const cluster = await workloadCluster();
  const { admin } = cluster;
  const get = () => admin.get(PodDisruptionBudget, REF);
  const addPods = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const metadata = { namespace: NAMESPACE, name: `rs-${i}`, labels: LABELS };
      await admin.create(Pod, { metadata, spec: podTemplate(LABELS).spec });
    }
    await cluster.running(count, LABELS);
  };
  const patchSpec = (spec: object) => admin.patch(PodDisruptionBudget, REF, { type: 'merge', body: { spec } });
  return { ...cluster, cluster, get, addPods, patchSpec };
}

test('[sig-apps] DisruptionController should create a PodDisruptionBudget', async () => {
  const { cluster, admin, get, patchSpec } = await open();
  await using _ = cluster;
  await admin.create(PodDisruptionBudget, budget('1%'));
  const current = await get();
  const updated = await admin.update(PodDisruptionBudget, {
    ...current,
    spec: { ...current.spec, minAvailable: '2%' },
  });
  assert.equal(updated.spec.minAvailable, '2%');
  assert.equal((await patchSpec({ minAvailable: '3%' })).spec.minAvailable, '3%');
  await admin.delete(PodDisruptionBudget, REF);
});

test('[sig-apps] DisruptionController should observe PodDisruptionBudget status updated', async () => {
  const { cluster, admin, until, get, addPods } = await open();
  await using _ = cluster;
  await admin.create(PodDisruptionBudget, budget(1));
  await addPods(3);
  await until('the status', async () => (await get()).status.disruptionsAllowed === 2);
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] DisruptionController should update/patch PodDisruptionBudget status', async () => {
  const { cluster, admin, clock, get, addPods, pass } = await open();
  await using _ = cluster;
  await admin.create(PodDisruptionBudget, budget(1));
  await addPods(1);
  await pass(1_000);
  const current = await get();
  const status = { ...current.status, disruptedPods: { 'rs-0': formatTime(clock.now()) } };
  const updated = await admin.updateStatus(PodDisruptionBudget, { ...current, status });
  assert.deepEqual(Object.keys(updated.status.disruptedPods ?? {}), ['rs-0']);
  await pass(1_000);
  assert.deepEqual(Object.keys((await get()).status.disruptedPods ?? {}), ['rs-0'], 'the pod is there: it may yet go');
  const body = { status: { disruptedPods: null } };
  const patched = await admin.patch(PodDisruptionBudget, REF, { type: 'merge', body }, { subresource: 'status' });
  assert.deepEqual(Object.keys(patched.status.disruptedPods ?? {}), []);
});

test('[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it', async () => {
  const { cluster, admin, until, get, addPods, patchSpec, settles, pods } = await open();
  await using _ = cluster;
  const evict = (name: string) =>
    admin.act(Pod, { namespace: NAMESPACE, name }, 'eviction', { metadata: { namespace: NAMESPACE, name } });
  const isRefused = (error: unknown) =>
    isStatusError(error, 'TooManyRequests') &&
    error.message === "Cannot evict pod as it would violate the pod's disruption budget." &&
    error.details?.causes?.some(({ reason }) => reason === 'DisruptionBudget') === true;
  const processed = () =>
    until('the budget', async () => {
      const { metadata, status } = await get();
      return (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
    });
  await addPods(3);
  await admin.create(PodDisruptionBudget, budget(3));
  await processed();
  await assert.rejects(evict('rs-0'), isRefused);
  await patchSpec({ minAvailable: 2 });
  await processed();
  await until('the healthy pods', async () => (await get()).status.currentHealthy === 3);
  await evict('rs-0');
  await settles('the eviction', async () => (await pods(LABELS)).length === 2);
  await patchSpec({ minAvailable: null, maxUnavailable: 0 });
  await processed();
  await assert.rejects(evict('rs-1'), isRefused);
  await admin.delete(PodDisruptionBudget, REF);
  await evict('rs-1');
  await settles('the eviction', async () => (await pods(LABELS)).length === 1);
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets', async () => {
  const { cluster, admin } = await open();
  await using _ = cluster;
  const labels = { foo_pdb: 'bar_pdb' };
  const labelSelector = 'foo_pdb=bar_pdb';
  await admin.create(Namespace, { metadata: { name: 'other' } });
  await admin.create(PodDisruptionBudget, budget(2, { labels }));
  await admin.create(PodDisruptionBudget, budget('1%', { labels, name: 'foo2' }));
  await admin.create(PodDisruptionBudget, budget(2, { labels, namespace: 'other' }));
  const names = async (namespace?: string) => {
    const { items } = await admin.list(PodDisruptionBudget, { namespace, labelSelector });
    return items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
  };
  assert.deepEqual(await names(), ['default/foo', 'default/foo2', 'other/foo']);
  assert.deepEqual(await names(NAMESPACE), ['default/foo', 'default/foo2']);
  await admin.deleteCollection(PodDisruptionBudget, { namespace: NAMESPACE, labelSelector });
  assert.deepEqual(await names(), ['other/foo']);
});
