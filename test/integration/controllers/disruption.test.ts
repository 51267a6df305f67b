import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '../../../src/api/apps/deployment.ts';
import { ReplicaSet } from '../../../src/api/apps/replica-set.ts';
import { Event } from '../../../src/api/core/event.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ReplicationController } from '../../../src/api/core/replication-controller.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import type { InputOf } from '../../../src/api/kind.ts';
import { PodDisruptionBudget } from '../../../src/api/policy/pod-disruption-budget.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { formatTime } from '../../../src/api/time.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

const NAMESPACE = 'default';
const LABELS = { app: 'web' };
const REF = { namespace: NAMESPACE, name: 'budget' };
const TEMPLATE = {
  metadata: { labels: LABELS },
  spec: { nodeName: 'node-1', containers: [{ name: 'c', image: 'i' }] },
};

async function open() {
  const cluster = await controlledCluster();
  const { admin, until, addNode, tendPods } = cluster;
  await addNode('node-1');
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items.length > 0);
  const addBudget = (spec: InputOf<typeof PodDisruptionBudget>['spec']) =>
    admin.create(PodDisruptionBudget, { metadata: REF, spec: { selector: { matchLabels: LABELS }, ...spec } });
  const status = async () => (await admin.get(PodDisruptionBudget, REF)).status;
  const figures = async () => {
    const { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed } = await status();
    return [expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed].join();
  };
  const untilFigures = (wanted: string) =>
    until(`the figures ${wanted}`, async () => {
      await tendPods();
      return (await figures()) === wanted;
    });
  const condition = async () => (await status()).conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const evict = async (name: string) => {
    try {
      await admin.act(Pod, { namespace: NAMESPACE, name }, 'eviction', { metadata: { namespace: NAMESPACE, name } });
      return true;
    } catch (error) {
      if (isStatusError(error, 'TooManyRequests')) return false;
      throw error;
    }
  };
  const pods = async () => (await admin.list(Pod, { namespace: NAMESPACE })).items;
  const said = async (reason: string) =>
    (await admin.list(Event, { namespace: NAMESPACE })).items.filter((event) => event.reason === reason);
  return { ...cluster, cluster, addBudget, status, untilFigures, condition, evict, pods, said };
}

test('a budget counts by the scale of the controllers of its pods', async () => {
  const { cluster, admin, addBudget, untilFigures, condition, pass, until, tendPods } = await open();
  await using _ = cluster;
  const selector = { matchLabels: LABELS };
  await admin.create(ReplicationController, {
    metadata: { ...REF, name: 'rc' },
    spec: { replicas: 2, template: TEMPLATE },
  });
  const own = { app: 'web', kind: 'set' };
  const template = { ...TEMPLATE, metadata: { labels: own } };
  await admin.create(ReplicaSet, {
    metadata: { ...REF, name: 'rs' },
    spec: { replicas: 3, selector: { matchLabels: own }, template },
  });
  const other = { app: 'web', kind: 'rollout' };
  await admin.create(Deployment, {
    metadata: { ...REF, name: 'deployment' },
    spec: {
      replicas: 5,
      selector: { matchLabels: other },
      template: { ...TEMPLATE, metadata: { labels: other } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    },
  });
  await addBudget({ maxUnavailable: '20%', selector });
  await untilFigures('10,8,10,2');
  assert.deepEqual([(await condition())?.status, (await condition())?.reason], ['True', 'SufficientPods']);
  const body = { spec: { template: { spec: { containers: [{ name: 'c', image: 'other' }] } } } };
  await admin.patch(Deployment, { ...REF, name: 'deployment' }, { type: 'strategic', body });
  await untilFigures('10,8,10,2');
  await admin.patch(ReplicaSet, { ...REF, name: 'rs' }, { type: 'merge', body: { spec: { replicas: 8 } } });
  await untilFigures('15,12,15,3');
  await until('the end of the rollout', async () => {
    await tendPods();
    const { spec, status } = await admin.get(Deployment, { ...REF, name: 'deployment' });
    return status.updatedReplicas === spec.replicas && status.availableReplicas === spec.replicas;
  });
  await pass(2_000);
  const before = await admin.get(PodDisruptionBudget, REF);
  await pass(20_000);
  assert.equal((await admin.get(PodDisruptionBudget, REF)).metadata.resourceVersion, before.metadata.resourceVersion);
  assert.deepEqual(cluster.complaints, []);
});

test('evictions spend what a budget allows, and it counts again when the pods are back', async () => {
  const { cluster, admin, addBudget, untilFigures, evict, pods, condition } = await open();
  await using _ = cluster;
  await admin.create(ReplicaSet, {
    metadata: { ...REF, name: 'rs' },
    spec: { replicas: 3, selector: { matchLabels: LABELS }, template: TEMPLATE },
  });
  await addBudget({ minAvailable: 2 });
  await untilFigures('3,2,3,1');
  const [first, second] = (await pods()).map(({ metadata }) => metadata.name);
  assert.equal(await evict(first ?? ''), true);
  assert.equal(await evict(second ?? ''), false);
  await cluster.until('the count', async () => (await condition())?.reason === 'InsufficientPods');
  await untilFigures('3,2,3,1');
  assert.equal(await evict(second ?? ''), true);
  assert.deepEqual(cluster.complaints, []);
});

test('a pod whose eviction was granted and that stays counts again after two minutes', async () => {
  const { cluster, admin, clock, addBudget, untilFigures, status, pass, said } = await open();
  await using _ = cluster;
  await admin.create(Pod, { metadata: { ...REF, name: 'pod', labels: LABELS }, spec: TEMPLATE.spec });
  await addBudget({ minAvailable: 0 });
  await untilFigures('1,0,1,1');
  const body = { status: { disruptedPods: { pod: formatTime(clock.now()), gone: formatTime(clock.now()) } } };
  await admin.patch(PodDisruptionBudget, REF, { type: 'merge', body }, { subresource: 'status' });
  await untilFigures('1,0,0,0');
  assert.deepEqual(Object.keys((await status()).disruptedPods ?? {}), ['pod']);
  await pass(115_000);
  assert.deepEqual(Object.keys((await status()).disruptedPods ?? {}), ['pod']);
  await pass(10_000);
  assert.equal((await status()).disruptedPods, undefined);
  const [event] = await said('NotDeleted');
  assert.equal(event?.message, `Pod was expected by PDB ${NAMESPACE}/budget to be deleted but it wasn't`);
  assert.equal(event?.source.component, 'controllermanager');
});

test('a budget whose pods have a controller without a scale allows nothing, and says why', async () => {
  const { cluster, admin, addBudget, condition, status, said, until, tendPods } = await open();
  await using _ = cluster;
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'ds', uid: 'x', controller: true }];
  await addBudget({ maxUnavailable: 1 });
  await until('the empty budget', async () => (await condition())?.reason === 'InsufficientPods');
  await until('the note', async () => (await said('NoPods')).length === 1);
  await admin.create(Pod, { metadata: { ...REF, name: 'lone', labels: LABELS }, spec: TEMPLATE.spec });
  await tendPods();
  await until('the warning', async () => (await said('UnmanagedPods')).length === 1);
  await admin.create(Pod, { metadata: { ...REF, name: 'pod', labels: LABELS, ownerReferences }, spec: TEMPLATE.spec });
  await until('the failure', async () => (await condition())?.reason === 'SyncFailed');
  assert.equal((await condition())?.message, 'daemonsets.apps does not implement the scale subresource');
  assert.equal((await status()).disruptionsAllowed, 0);
  await until('the event', async () => (await said('CalculateExpectedPodCountFailed')).length === 1);
});

test('a pod that several budgets cover is told so', async () => {
  const { cluster, admin, addBudget, said, until, condition } = await open();
  await using _ = cluster;
  const { spec } = await addBudget({ minAvailable: 1 });
  await admin.create(PodDisruptionBudget, { metadata: { ...REF, name: 'second' }, spec });
  await until('the budgets', async () => (await condition()) !== undefined);
  await admin.create(Pod, { metadata: { ...REF, name: 'pod', labels: LABELS }, spec: TEMPLATE.spec });
  await until('the warning', async () => (await said('MultiplePodDisruptionBudgets')).length === 1);
  const [event] = await said('MultiplePodDisruptionBudgets');
  assert.match(
    event?.message ?? '',
    /^Pod "default"\/"pod" matches multiple PodDisruptionBudgets\. {2}Chose "\w+" arbitrarily\.$/,
  );
});

test('the word that a pod is about to be disrupted is taken back after two minutes', async () => {
  const { cluster, admin, clock, pass, until } = await open();
  await using _ = cluster;
  const targets = { stays: 'EvictionByEvictionAPI', ends: 'TerminationByKubelet' };
  for (const [name, reason] of Object.entries(targets)) {
    await admin.create(Pod, { metadata: { ...REF, name, labels: LABELS }, spec: TEMPLATE.spec });
    const lastTransitionTime = formatTime(clock.now());
    const conditions = [{ type: 'DisruptionTarget', status: 'True', reason, message: 'm', lastTransitionTime }];
    const patch = { type: 'strategic', body: { status: { conditions } } } as const;
    await admin.patch(Pod, { namespace: NAMESPACE, name }, patch, { subresource: 'status' });
  }
  const target = async (name: string) => {
    const { status } = await admin.get(Pod, { namespace: NAMESPACE, name });
    return status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  };
  await pass(110_000);
  assert.equal((await target('stays'))?.status, 'True');
  await until('the end', async () => (await target('stays'))?.status === 'False');
  assert.deepEqual([(await target('stays'))?.reason, (await target('stays'))?.message], [undefined, undefined]);
  await pass(30_000);
  assert.equal((await target('ends'))?.status, 'True');
});
