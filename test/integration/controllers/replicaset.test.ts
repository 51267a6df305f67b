import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicaSet } from '../../../src/api/apps/replica-set.ts';
import { Event } from '../../../src/api/core/event.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import type { InputOf } from '../../../src/api/kind.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { refOf } from '../../../src/client/client.ts';
import { controllerOf } from '../../../src/controllers/owner-reference.ts';
import { isPodActive } from '../../../src/controllers/pod-state.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

const REF = { namespace: 'default', name: 'web' };
const LABELS = { app: 'web' };
const SPEC = { nodeName: 'node-1', containers: [{ name: 'c', image: 'i' }] };

async function open() {
  const cluster = await controlledCluster();
  const { admin, until, addNode } = cluster;
  await addNode('node-1');
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'default' })).items.length > 0);
  const pods = async () => (await admin.list(Pod, { namespace: 'default' })).items;
  const mine = async () => {
    const { uid } = (await get()).metadata;
    return (await pods()).filter((pod) => controllerOf(pod)?.uid === uid);
  };
  const get = () => admin.get(ReplicaSet, REF);
  const scale = (replicas: number) => admin.patch(ReplicaSet, REF, { type: 'merge', body: { spec: { replicas } } });
  return { ...cluster, cluster, pods, mine, get, scale };
}

function replicaSet(
  replicas: number,
  spec: Partial<InputOf<typeof ReplicaSet>['spec']> = {},
): InputOf<typeof ReplicaSet> {
  const template = { metadata: { labels: LABELS }, spec: SPEC };
  return { metadata: REF, spec: { replicas, selector: { matchLabels: LABELS }, template, ...spec } };
}

test('a replica set keeps its number of pods, neither more nor fewer', async () => {
  const { cluster, admin, until, mine, scale, tendPods, pass, get } = await open();
  await using _ = cluster;
  await admin.create(ReplicaSet, replicaSet(20));
  await until('the pods', async () => (await mine()).length === 20);
  await tendPods();
  const [victim] = await mine();
  assert.ok(victim);
  await admin.delete(Pod, refOf(victim), { gracePeriodSeconds: 0 });
  await until('another pod', async () => (await mine()).length === 20);
  await scale(3);
  await until('fewer pods', async () => {
    await tendPods();
    return (await mine()).length === 3;
  });
  await until('the status', async () => {
    const { replicas, readyReplicas, terminatingReplicas } = (await get()).status;
    return replicas === 3 && readyReplicas === 3 && terminatingReplicas === 0;
  });
  const before = (await get()).metadata.resourceVersion;
  await pass(30_000);
  assert.equal((await get()).metadata.resourceVersion, before, 'a settled replica set is not written');
  const { items: events } = await admin.list(Event, { namespace: 'default' });
  const created = events.filter(({ reason }) => reason === 'SuccessfulCreate');
  assert.ok(
    created.every(
      ({ message, source }) =>
        /^(\(combined from similar events\): )?Created pod: web-\w{5}$/.test(message ?? '') &&
        source.component === 'replicaset-controller',
    ),
  );
  assert.deepEqual(cluster.complaints, []);
});

test('a replica set adopts matching pods and releases those that are relabelled', async () => {
  const { cluster, admin, until, mine, pods } = await open();
  await using _ = cluster;
  await admin.create(Pod, { metadata: { namespace: 'default', name: 'stray', labels: LABELS }, spec: SPEC });
  await admin.create(ReplicaSet, replicaSet(2));
  await until('the pods', async () => (await mine()).length === 2);
  const stray = (await pods()).find(({ metadata }) => metadata.name === 'stray');
  assert.ok(stray);
  const owner = controllerOf(stray);
  assert.deepEqual([owner?.kind, owner?.name, owner?.blockOwnerDeletion], ['ReplicaSet', 'web', true]);
  const body = { metadata: { labels: { app: 'other' } } };
  await admin.patch(Pod, refOf(stray), { type: 'merge', body });
  await until('another pod', async () => (await mine()).length === 2 && (await pods()).length === 3);
  assert.equal(controllerOf(await admin.get(Pod, refOf(stray))), undefined);
  await admin.patch(Pod, refOf(stray), { type: 'merge', body: { metadata: { labels: LABELS } } });
  await until('one of them to go', async () => (await pods()).filter(isPodActive).length === 2);
  assert.deepEqual(cluster.complaints, []);
});

test('a replica set counts a pod as available only after minReadySeconds', async () => {
  const { cluster, admin, until, mine, tendPods, pass, get } = await open();
  await using _ = cluster;
  await admin.create(ReplicaSet, replicaSet(2, { minReadySeconds: 20 }));
  await until('the pods', async () => (await mine()).length === 2);
  await tendPods();
  await until('readiness', async () => (await get()).status.readyReplicas === 2);
  await pass(15_000);
  assert.equal((await get()).status.availableReplicas ?? 0, 0);
  await pass(8_000);
  assert.equal((await get()).status.availableReplicas, 2);
});

test('a replica set whose pods are refused says why, tries less and less often, and recovers', async () => {
  const { cluster, admin, until, mine, pass, get } = await open();
  await using _ = cluster;
  const spec = { ...SPEC, serviceAccountName: 'robot' };
  await admin.create(ReplicaSet, replicaSet(50, { template: { metadata: { labels: LABELS }, spec } }));
  const failure = async () => (await get()).status.conditions?.find(({ type }) => type === 'ReplicaFailure');
  await until('the condition', async () => (await failure()) !== undefined);
  assert.deepEqual([(await failure())?.status, (await failure())?.reason], ['True', 'FailedCreate']);
  assert.match((await failure())?.message ?? '', /service ?account.*robot.*not found/);
  await pass(10_000);
  const { items: events } = await admin.list(Event, { namespace: 'default' });
  const tries = events
    .filter(({ reason }) => reason === 'FailedCreate')
    .reduce((sum, { count }) => sum + (count ?? 0), 0);
  assert.ok(tries > 3 && tries < 30, `${tries} tries`);
  await admin.create(ServiceAccount, { metadata: { namespace: 'default', name: 'robot' } });
  await until('the pods', async () => (await mine()).length === 50, 120_000);
  await until('the end of the condition', async () => (await failure()) === undefined);
});

test('a replica set that is deleted takes its pods along, unless they are orphaned', async () => {
  const { cluster, admin, until, pass, pods, mine } = await open();
  await using _ = cluster;
  await admin.create(ReplicaSet, replicaSet(3));
  await until('the pods', async () => (await mine()).length === 3);
  await admin.delete(ReplicaSet, REF, { propagationPolicy: 'Orphan' });
  const gone = async () => {
    try {
      await admin.get(ReplicaSet, REF);
      return false;
    } catch (error) {
      return isStatusError(error, 'NotFound');
    }
  };
  await until('the end', gone);
  assert.deepEqual(
    (await pods()).map((pod) => controllerOf(pod)),
    [undefined, undefined, undefined],
  );
  await pass(100); // Informers of two kinds are not in step: the controller must have seen the pods as orphans.
  await admin.create(ReplicaSet, replicaSet(3));
  await until('the adoption', async () => (await mine()).length === 3);
  assert.equal((await pods()).length, 3);
  await admin.delete(ReplicaSet, REF, { propagationPolicy: 'Foreground' });
  await until('the pods to be deleted', async () => (await pods()).every((pod) => !isPodActive(pod)));
  assert.equal(await gone(), false, 'the owner waits for its pods');
  await cluster.tendPods();
  await until('the end', gone);
  assert.deepEqual(cluster.complaints, []);
});

test('a replica set ends with the right pods after 1,000 changes', async () => {
  const { cluster, admin, until, pods, mine, scale, tendPods, pass } = await open();
  await using _ = cluster;
  const random = seededRandom(5);
  await admin.create(ReplicaSet, replicaSet(10));
  for (let i = 0; i < 1000; i++) {
    const chance = random.next();
    const all = await pods();
    const pod = all[Math.floor(random.next() * all.length)];
    if (chance < 0.2) await scale(Math.floor(random.next() * 20));
    else if (chance < 0.5 && pod) await admin.delete(Pod, refOf(pod), { gracePeriodSeconds: chance < 0.35 ? 0 : 5 });
    else if (chance < 0.6 && pod) {
      const labels = { app: random.next() < 0.5 ? 'web' : 'other' };
      await admin.patch(Pod, refOf(pod), { type: 'merge', body: { metadata: { labels } } });
    } else if (chance < 0.7) await tendPods();
    if (chance > 0.9) await pass(200);
  }
  await scale(7);
  await until('the right number', async () => {
    await tendPods();
    return (await mine()).length === 7 && (await mine()).every(isPodActive);
  });
  await pass(30_000);
  assert.equal((await mine()).length, 7);
  assert.ok((await mine()).every(({ metadata }) => metadata.labels?.['app'] === 'web'));
  const strays = (await pods()).filter((pod) => controllerOf(pod) === undefined);
  assert.ok(strays.every(({ metadata }) => metadata.labels?.['app'] === 'other'));
});
