import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '../../../src/api/apps/deployment.ts';
import { ReplicaSet } from '../../../src/api/apps/replica-set.ts';
import { Event } from '../../../src/api/core/event.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import type { InputOf } from '../../../src/api/kind.ts';
import { isPodReady } from '../../../src/controllers/pod-state.ts';
import { type ControlledCluster, controlledCluster } from '../../support/controlled-cluster.ts';

const REF = { namespace: 'default', name: 'web' };
const REVISION = 'deployment.kubernetes.io/revision';

async function open() {
  const cluster = await controlledCluster();
  const { admin, until, tendPods, addNode } = cluster;
  await addNode('node-1');
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'default' })).items.length > 0);
  const get = () => admin.get(Deployment, REF);
  const change = (body: unknown) => admin.patch(Deployment, REF, { type: 'strategic', body });
  const replicaSets = async () => {
    const { items } = await admin.list(ReplicaSet, { namespace: 'default' });
    return [...items].sort((a, b) => revision(a) - revision(b));
  };
  const sizes = async () => (await replicaSets()).map(({ spec }) => spec.replicas);
  /** Tends pods until the deployment says it is complete. */
  const rollout = (ready?: (pod: Pod) => boolean) =>
    until('the rollout', async () => {
      await tendPods(ready ? { ready } : {});
      return isComplete(await get());
    });
  return { ...cluster, cluster, get, change, replicaSets, sizes, rollout };
}

function revision({
  metadata,
}: {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}

function isComplete({ spec, status, metadata }: Deployment): boolean {
  return (
    status.observedGeneration === metadata.generation &&
    status.updatedReplicas === spec.replicas &&
    status.replicas === spec.replicas &&
    status.availableReplicas === spec.replicas
  );
}

function deployment(spec: Partial<NonNullable<InputOf<typeof Deployment>['spec']>> = {}): InputOf<typeof Deployment> {
  const labels = { app: 'web' };
  return {
    metadata: { ...REF, annotations: { note: 'kept' } },
    spec: { replicas: 3, selector: { matchLabels: labels }, template: template('v1'), ...spec },
  };
}

function template(image: string) {
  return {
    metadata: { labels: { app: 'web' } },
    spec: { nodeName: 'node-1', containers: [{ name: 'c', image }] },
  };
}

const withImage = (image: string) => ({ spec: { template: { spec: { containers: [{ name: 'c', image }] } } } });

async function ready(cluster: ControlledCluster): Promise<number> {
  return (await cluster.admin.list(Pod, { namespace: 'default' })).items.filter(isPodReady).length;
}

test('a deployment makes a replica set and pods, and says how far it is', async () => {
  const { cluster, admin, get, rollout, replicaSets } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment());
  await rollout();
  const [replicaSet, ...others] = await replicaSets();
  assert.equal(others.length, 0);
  assert.match(replicaSet?.metadata.name ?? '', /^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
  const hash = replicaSet?.metadata.labels?.['pod-template-hash'];
  assert.equal(replicaSet?.metadata.name, `web-${hash}`);
  assert.deepEqual(replicaSet?.metadata.annotations, {
    'deployment.kubernetes.io/desired-replicas': '3',
    'deployment.kubernetes.io/max-replicas': '4',
    [REVISION]: '1',
    note: 'kept',
  });
  const { metadata, status } = await get();
  assert.equal(revision({ metadata }), 1);
  assert.equal(metadata.generation, 1, 'the revision is no change of what is wanted');
  const conditions = status.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]);
  assert.deepEqual(conditions, [
    ['Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'],
    ['Progressing', 'True', 'NewReplicaSetAvailable', `ReplicaSet "web-${hash}" has successfully progressed.`],
  ]);
  const { items: pods } = await admin.list(Pod, { namespace: 'default' });
  for (const pod of pods) {
    assert.equal(pod.metadata.labels?.['pod-template-hash'], hash);
    assert.equal(pod.metadata.generateName, `web-${hash}-`);
  }
  const { items: events } = await admin.list(Event, { namespace: 'default' });
  const scaling = events.find(({ reason }) => reason === 'ScalingReplicaSet');
  assert.equal(scaling?.message, `Scaled up replica set web-${hash} from 0 to 3`);
  assert.equal(scaling?.source.component, 'deployment-controller');
  assert.equal(events.filter(({ reason }) => reason === 'SuccessfulCreate').length, 3);
  assert.deepEqual(cluster.complaints, []);
});

test('a rolling update never has more or fewer pods than it may, and keeps history', async () => {
  const { cluster, admin, change, until, tendPods, get, rollout, replicaSets } = await open();
  await using _ = cluster;
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 1 };
  await admin.create(Deployment, deployment({ replicas: 10, strategy: { type: 'RollingUpdate', rollingUpdate } }));
  await rollout();
  await change(withImage('v2'));
  let turns = 0;
  await until('the rollout', async () => {
    const pods = (await admin.list(Pod, { namespace: 'default' })).items;
    const active = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    assert.ok(active.length <= 11, `${active.length} pods`);
    assert.ok(active.filter(isPodReady).length >= 9, `${active.filter(isPodReady).length} ready`);
    // A pod takes some turns to become ready.
    turns++;
    await tendPods({ ready: (pod) => isPodReady(pod) || turns % 3 === 0 });
    return isComplete(await get());
  });
  const all = await replicaSets();
  assert.deepEqual(
    all.map(({ spec, metadata }) => [spec.replicas, revision({ metadata })]),
    [
      [0, 1],
      [10, 2],
    ],
  );
  assert.equal(revision(await get()), 2);
  assert.deepEqual(cluster.complaints, []);
});

test('a reverted template takes up its old replica set under a new revision', async () => {
  const { cluster, admin, change, rollout, replicaSets, get } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment());
  await rollout();
  await change(withImage('v2'));
  await rollout();
  await change(withImage('v1'));
  await rollout();
  const all = await replicaSets();
  assert.deepEqual(
    all.map(({ metadata, spec }) => [revision({ metadata }), spec.replicas]),
    [
      [2, 0],
      [3, 3],
    ],
  );
  assert.equal(all[1]?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1');
  assert.equal(revision(await get()), 3);
});

test('a deployment goes back to the revision that its annotation names', async () => {
  const { cluster, admin, change, rollout, get, until, replicaSets } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment());
  await rollout();
  await change(withImage('v2'));
  await rollout();
  await change({ metadata: { annotations: { 'deprecated.deployment.rollback.to': '0' } } });
  const image = async () => (await get()).spec.template.spec.containers[0]?.image;
  await until('the rollback', async () => (await image()) === 'v1');
  await rollout();
  const { annotations } = (await get()).metadata;
  assert.deepEqual(annotations, { note: 'kept', [REVISION]: '3' });
  assert.deepEqual((await replicaSets()).map(revision), [2, 3]);
  const { items: events } = await admin.list(Event, { namespace: 'default' });
  const said = events.filter(({ reason }) => reason === 'DeploymentRollback').map(({ message }) => message);
  assert.deepEqual(said, ['Rolled back deployment "web" to revision 1']);
});

test('a deployment keeps as much history as it is told', async () => {
  const { cluster, admin, change, rollout, replicaSets, until } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment({ revisionHistoryLimit: 2 }));
  for (const image of ['v1', 'v2', 'v3', 'v4', 'v5']) {
    await change(withImage(image));
    await rollout();
  }
  await until('the cleanup', async () => (await replicaSets()).length === 3);
  assert.deepEqual(
    (await replicaSets()).map((one) => revision(one)),
    [3, 4, 5],
  );
});

test('a paused deployment is scaled but not rolled out, and says so', async () => {
  const { cluster, admin, change, rollout, sizes, until, get, tendPods } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment());
  await rollout();
  await change({ spec: { paused: true } });
  await change(withImage('v2'));
  await change({ spec: { replicas: 5 } });
  await until('the scaling', async () => (await sizes())[0] === 5);
  await tendPods();
  assert.deepEqual(await sizes(), [5]);
  const reason = async () => (await get()).status.conditions?.find(({ type }) => type === 'Progressing')?.reason;
  assert.equal(await reason(), 'DeploymentPaused');
  await change({ spec: { paused: false } });
  await rollout();
  assert.deepEqual(await sizes(), [0, 5]);
  assert.equal(await reason(), 'NewReplicaSetAvailable');
});

test('a deployment scaled amid a rollout grows its replica sets in proportion', async () => {
  const { cluster, admin, change, rollout, sizes, until, get } = await open();
  await using _ = cluster;
  const rollingUpdate = { maxSurge: 3, maxUnavailable: 2 };
  await admin.create(Deployment, deployment({ replicas: 10, strategy: { type: 'RollingUpdate', rollingUpdate } }));
  await rollout();
  // The new pods never become ready, so the rollout stands still: 8 old and 5 new.
  await change(withImage('broken'));
  await until('the stand-still', async () => (await sizes()).join() === '8,5');
  await change({ spec: { replicas: 30 } });
  await until('the proportion', async () => (await sizes()).join() === '20,13', 10_000);
  assert.equal((await get()).status.observedGeneration, (await get()).metadata.generation);
});

test('a Recreate deployment waits for the last old pod before it makes a new one', async () => {
  const { cluster, admin, change, rollout, until, tendPods, get } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment({ strategy: { type: 'Recreate' } }));
  await rollout();
  await change(withImage('v2'));
  await until('the rollout', async () => {
    const { items } = await admin.list(Pod, { namespace: 'default' });
    const images = new Set(items.map(({ spec }) => spec.containers[0]?.image));
    assert.ok(images.size <= 1, 'old and new pods at once');
    await tendPods();
    return isComplete(await get());
  });
  assert.equal(await ready(cluster), 3);
});

test('a rollout that stands still is called stuck at its deadline', async () => {
  const { cluster, admin, until, get, tendPods, pass } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment({ progressDeadlineSeconds: 30 }));
  const progressing = async () => (await get()).status.conditions?.find(({ type }) => type === 'Progressing');
  await until('the start', async () => (await progressing()) !== undefined);
  await pass(25_000);
  assert.equal((await progressing())?.status, 'True');
  await pass(10_000);
  const stuck = await progressing();
  assert.deepEqual([stuck?.status, stuck?.reason], ['False', 'ProgressDeadlineExceeded']);
  assert.match(stuck?.message ?? '', /^ReplicaSet "web-\w+" has timed out progressing\.$/);
  await until('the late success', async () => {
    await tendPods();
    return (await progressing())?.reason === 'NewReplicaSetAvailable';
  });
});

test('a deployment finds another name when its hash is taken', async () => {
  const { cluster, admin, rollout, get, replicaSets, change } = await open();
  await using _ = cluster;
  await admin.create(Deployment, deployment());
  await rollout();
  const [first] = await replicaSets();
  // Somebody else's replica set has the name that the deployment would choose again.
  await admin.delete(Deployment, REF, { propagationPolicy: 'Background' });
  await cluster.until('the end', async () => (await replicaSets()).length === 0);
  const labels = { app: 'other' };
  await admin.create(ReplicaSet, {
    metadata: { namespace: 'default', name: first?.metadata.name ?? '' },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: template('x').spec },
    },
  });
  await admin.create(Deployment, deployment());
  await rollout();
  assert.equal((await get()).status.collisionCount, 1);
  await change({ metadata: { annotations: { note: 'changed' } } });
  await cluster.until('the annotation', async () =>
    (await replicaSets()).some(({ metadata }) => metadata.annotations?.['note'] === 'changed'),
  );
});
