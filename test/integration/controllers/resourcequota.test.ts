import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicaSet } from '../../../src/api/apps/replica-set.ts';
import { KINDS } from '../../../src/api/catalog.ts';
import { Lease } from '../../../src/api/coordination/lease.ts';
import { PersistentVolumeClaim } from '../../../src/api/core/persistent-volume-claim.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ResourceQuota } from '../../../src/api/core/resource-quota.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { ControllerConfig } from '../../../src/controllers/controller-deps.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

const NAMESPACE = 'default';
const QUOTA = { namespace: NAMESPACE, name: 'quota' };
const meta = (name: string) => ({ namespace: NAMESPACE, name });
const SPEC = { nodeName: 'node-1', containers: [{ name: 'c', image: 'i' }] };

async function open(config: Partial<ControllerConfig> = {}) {
  const cluster = await controlledCluster(config);
  const { admin, until, addNode } = cluster;
  await addNode('node-1');
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items.length > 0);
  const quota = () => admin.get(ResourceQuota, QUOTA);
  const used = async () => (await quota()).status.used ?? {};
  const waitFor = (expected: Readonly<Record<string, string>>) =>
    until(`${JSON.stringify(expected)}`, async () => {
      const now = await used();
      return Object.entries(expected).every(([name, amount]) => now[name] === amount);
    });
  const limit = async (hard: Readonly<Record<string, string>>) => {
    await admin.create(ResourceQuota, { metadata: QUOTA, spec: { hard } });
    await until('the status', async () => Object.keys(await used()).length === Object.keys(hard).length);
  };
  return { ...cluster, cluster, quota, used, waitFor, limit };
}

test('a quota counts what is there when it is made, and is not written when nothing changes', async () => {
  const { cluster, admin, pass, quota, used, limit } = await open();
  await using _ = cluster;
  for (const name of ['a', 'b', 'c']) await admin.create(Secret, { metadata: meta(name) });
  await limit({ secrets: '10', 'count/secrets': '10', pods: '1' });
  assert.deepEqual(await used(), { secrets: '3', 'count/secrets': '3', pods: '0' });
  await pass(5_000);
  const { resourceVersion } = (await quota()).metadata;
  await pass(60_000);
  assert.equal((await quota()).metadata.resourceVersion, resourceVersion);
  assert.deepEqual(cluster.complaints, []);
});

test('a quota counts pods no more that have ended, or that nobody ends', async () => {
  const { cluster, admin, waitFor, limit, pass } = await open();
  await using _ = cluster;
  await limit({ pods: '5', 'count/pods': '5' });
  for (const name of ['done', 'lost', 'stays']) await admin.create(Pod, { metadata: meta(name), spec: SPEC });
  await waitFor({ pods: '3', 'count/pods': '3' });
  const status = { status: { phase: 'Succeeded' } };
  await admin.patch(Pod, meta('done'), { type: 'merge', body: status }, { subresource: 'status' });
  await waitFor({ pods: '2', 'count/pods': '3' });
  await admin.delete(Pod, meta('lost'), { gracePeriodSeconds: 10 });
  await pass(15_000); // Its time is over, but the node might be slow.
  await waitFor({ pods: '2', 'count/pods': '3' });
  await waitFor({ pods: '1', 'count/pods': '3' });
  assert.deepEqual(cluster.complaints, []);
});

test('a quota that refuses pods lets them come when there is room again', async () => {
  const { cluster, admin, until, waitFor, limit, tendPods } = await open();
  await using _ = cluster;
  await limit({ pods: '3' });
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: SPEC };
  const spec = { replicas: 5, selector: { matchLabels: labels }, template };
  await admin.create(ReplicaSet, { metadata: meta('web'), spec });
  const pods = async () => (await admin.list(Pod, { namespace: NAMESPACE })).items;
  await until('as many pods as may be', async () => (await pods()).length === 3);
  await until('the condition', async () => {
    const { conditions = [] } = (await admin.get(ReplicaSet, meta('web'))).status;
    const failure = conditions.find(({ type }) => type === 'ReplicaFailure');
    return /exceeded quota: quota, requested: pods=1, used: pods=3, limited: pods=3/.test(failure?.message ?? '');
  });
  const body = { spec: { hard: { pods: '4' } } };
  await admin.patch(ResourceQuota, QUOTA, { type: 'merge', body });
  await until('another pod', async () => (await pods()).length === 4, 120_000);
  await admin.patch(ReplicaSet, meta('web'), { type: 'merge', body: { spec: { replicas: 2 } } });
  await until('fewer pods', async () => {
    await tendPods();
    return (await pods()).length === 2;
  });
  await waitFor({ pods: '2' });
});

test('a quota counts storage by class, and more while a volume grows', async () => {
  const { cluster, admin, waitFor, limit } = await open();
  await using _ = cluster;
  const gold = 'gold.storageclass.storage.k8s.io/requests.storage';
  await limit({ 'requests.storage': '10Gi', [gold]: '2Gi' });
  const claim = (name: string, storageClassName: string, storage: string) =>
    admin.create(PersistentVolumeClaim, {
      metadata: meta(name),
      spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage } } },
    });
  await claim('a', 'gold', '1Gi');
  await claim('b', 'silver', '5Gi');
  await waitFor({ 'requests.storage': '6Gi', [gold]: '1Gi' });
  await assert.rejects(claim('c', 'gold', '2Gi'), /exceeded quota: quota, requested: gold\.storageclass/);
  const status = (allocatedResources: object | null) =>
    admin.patch(
      PersistentVolumeClaim,
      meta('a'),
      { type: 'merge', body: { status: { allocatedResources } } },
      { subresource: 'status' },
    );
  await status({ storage: '3Gi' });
  await waitFor({ 'requests.storage': '8Gi', [gold]: '3Gi' });
  await status(null);
  await waitFor({ 'requests.storage': '6Gi', [gold]: '1Gi' });
});

test('a quota counts kinds that are served later', async () => {
  let served = KINDS.filter((kind) => kind !== Lease);
  const { cluster, admin, waitFor, until, used } = await open({ kinds: () => served });
  await using _ = cluster;
  const count = 'count/leases.coordination.k8s.io';
  await admin.create(ResourceQuota, { metadata: QUOTA, spec: { hard: { [count]: '2', pods: '1' } } });
  await until('what is known', async () => (await used())['pods'] === '0');
  assert.deepEqual(await used(), { pods: '0' });
  const lease = (name: string) => admin.create(Lease, { metadata: meta(name), spec: {} });
  await assert.rejects(lease('a'), /status unknown for quota: quota, resources: count\/leases.coordination.k8s.io$/);
  served = [...KINDS];
  await admin.patch(ResourceQuota, QUOTA, { type: 'merge', body: { metadata: { labels: { look: 'again' } } } });
  await waitFor({ [count]: '0' });
  await lease('a');
  await lease('b');
  await assert.rejects(lease('c'), /exceeded quota/);
  await admin.delete(Lease, meta('a'));
  await waitFor({ [count]: '1' });
});

test('a quota is never exceeded while objects come and go, and right in the end', async () => {
  const { cluster, admin, clock, waitFor, limit } = await open();
  await using _ = cluster;
  const random = seededRandom(3);
  const most = 10;
  await limit({ secrets: String(most) });
  let refused = 0;
  const create = async (name: string) => {
    try {
      await admin.create(Secret, { metadata: meta(name) });
    } catch (error) {
      if (!isStatusError(error, 'Forbidden')) throw error;
      refused++;
    }
  };
  for (let round = 0; round < 60; round++) {
    const { items } = await admin.list(Secret, { namespace: NAMESPACE });
    assert.ok(items.length <= most, `${items.length} objects`);
    const gone = items.filter(() => random.next() < 0.3);
    await Promise.all([
      ...gone.map(({ metadata }) => admin.delete(Secret, metadata)),
      ...Array.from({ length: 5 }, (_, i) => create(`s-${round}-${i}`)),
    ]);
    await clock.advance(Math.floor(random.next() * 1500));
  }
  assert.ok(refused > 0);
  const { items } = await admin.list(Secret, { namespace: NAMESPACE });
  await waitFor({ secrets: String(items.length) });
  assert.deepEqual(cluster.complaints, []);
});
