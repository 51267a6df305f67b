// What the specification's rows about deployments and replica sets say, done with the real kubectl on simulated nodes.
// Each test bears the ids of its rows.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Deployment } from '../../../src/api/apps/deployment.ts';
import { ReplicaSet } from '../../../src/api/apps/replica-set.ts';
import type { Pod } from '../../../src/api/core/pod.ts';
import { controllerOf } from '../../../src/controllers/owner-reference.ts';
import { isPodReady } from '../../../src/controllers/pod-state.ts';
import { type ServedCluster, servedCluster } from '../../support/served-cluster.ts';
import { until } from '../../support/until.ts';
import { GATED, web, webSpace } from '../../support/web-workload.ts';

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster({ simulatedNodes: 2 });
});
after(() => cluster[Symbol.asyncDispose]());

const replicaSetsIn = async (namespace: string) => (await cluster.admin.list(ReplicaSet, { namespace })).items;
/** Waits until the controller has seen the newest spec. */
const observed = (namespace: string) =>
  until(async () => {
    const { metadata, status } = await cluster.admin.get(Deployment, { namespace, name: 'web' });
    return status.observedGeneration === metadata.generation;
  });

describe('deployments', () => {
  test('WL-005 WL-008 a deployment heals, scales, rolls and converges', async () => {
    const { kubectl, apply, pods, ready, images } = await webSpace(cluster, 'traits');
    await apply(web('Deployment', { spec: { replicas: 2 } }));
    await ready(2);
    const [first] = await pods();
    await kubectl(`delete pod ${first?.metadata.name}`);
    await ready(2);
    assert.ok((await pods()).every(({ metadata }) => metadata.uid !== first?.metadata.uid));
    await kubectl('scale deployment/web --replicas=3');
    await ready(3);
    await kubectl('set image deployment/web c=nginx:2');
    await kubectl('rollout status deployment/web --timeout=20s');
    assert.equal(await images(), 'nginx:2 nginx:2 nginx:2');
    assert.equal(
      await apply(web('Deployment', { spec: { replicas: 1 }, image: 'nginx:3' })),
      'deployment.apps/web configured\n',
    );
    await until(async () => (await images()) === 'nginx:3');
    assert.equal(
      await apply(web('Deployment', { spec: { replicas: 1 }, image: 'nginx:3' })),
      'deployment.apps/web unchanged\n',
    );
  });

  test('WL-009 WL-010 WL-056 its replica set is named by a hash, its pods by that, and each names its owner', async () => {
    const { kubectl, apply, pods, ready } = await webSpace(cluster, 'names');
    await apply(web('Deployment', { spec: { replicas: 2 } }));
    await ready(2);
    const [replicaSet] = await replicaSetsIn('names');
    const hash = replicaSet?.metadata.labels?.['pod-template-hash'] ?? '';
    assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]+$/);
    assert.equal(replicaSet?.metadata.name, `web-${hash}`);
    const ownerOf = (object: Pod | ReplicaSet | undefined) => {
      const owner = object && controllerOf(object);
      return `${owner?.kind} ${owner?.name}`;
    };
    assert.equal(ownerOf(replicaSet), 'Deployment web');
    for (const pod of await pods()) {
      assert.match(pod.metadata.name, new RegExp(`^web-${hash}-[bcdfghjklmnpqrstvwxz2456789]{5}$`));
      assert.equal(pod.metadata.labels?.['pod-template-hash'], hash);
      assert.equal(ownerOf(pod), `ReplicaSet web-${hash}`);
    }
    await kubectl('set image deployment/web c=nginx:2');
    await kubectl('rollout status deployment/web --timeout=20s');
    await apply(web('Deployment', { spec: { replicas: 2 } }));
    await kubectl('rollout status deployment/web --timeout=20s');
    assert.equal((await replicaSetsIn('names')).length, 2);
    const again = (await replicaSetsIn('names')).find(({ metadata }) => metadata.uid === replicaSet?.metadata.uid);
    assert.equal(again?.spec.replicas, 2);
  });

  test('WL-012 WL-013 WL-014 scaling and labels make no replica set and no revision', async () => {
    const { kubectl, apply, ready } = await webSpace(cluster, 'scales');
    await apply(web('Deployment'));
    await ready(1);
    const [before] = await replicaSetsIn('scales');
    const history = await kubectl('rollout history deployment/web');
    await kubectl('scale deployment/web --replicas=3');
    await ready(3);
    await kubectl('label deployment web team=blue');
    await kubectl(['patch', 'deployment', 'web', '-p', '{"spec":{"minReadySeconds":1,"revisionHistoryLimit":3}}']);
    await observed('scales');
    const after = await replicaSetsIn('scales');
    assert.deepEqual(
      after.map(({ metadata, spec }) => [metadata.uid, spec.replicas]),
      [[before?.metadata.uid, 3]],
    );
    assert.equal(await kubectl('rollout history deployment/web'), history);
  });

  test('WL-015 WL-016 OB-055 an update keeps within what may be missing and what may be too many', async () => {
    const { kubectl, apply, ready, record, pods } = await webSpace(cluster, 'steps');
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    await apply(web('Deployment', { spec: { replicas: 2, strategy } }));
    await ready(2);
    const alive = new Map((await pods()).map((pod) => [pod.metadata.uid, pod]));
    await using watched = record();
    await until(() => watched.events.length >= 2);
    await kubectl('set image deployment/web c=nginx:2');
    await kubectl('rollout status deployment/web --timeout=20s');
    let [least, most] = [2, 2];
    for (const { type, object } of watched.events) {
      if (type === 'DELETED' || object.metadata.deletionTimestamp) alive.delete(object.metadata.uid);
      else alive.set(object.metadata.uid, object);
      most = Math.max(most, alive.size);
      least = Math.min(least, [...alive.values()].filter(isPodReady).length);
    }
    assert.deepEqual([least, most], [2, 3]);
    const dryRun = ['create', '-f', '-', '--dry-run=server', '-o', 'jsonpath={.spec.strategy.rollingUpdate}'];
    assert.equal(
      await kubectl(dryRun, { stdin: web('Deployment').replace('"web"', '"other"') }),
      '{"maxSurge":"25%","maxUnavailable":"25%"}',
    );
  });

  test('WL-017 Recreate waits until all old pods are gone', async () => {
    const { kubectl, apply, ready, record } = await webSpace(cluster, 'recreate');
    await apply(web('Deployment', { spec: { replicas: 2, strategy: { type: 'Recreate' } } }));
    await ready(2);
    await using watched = record();
    await until(() => watched.events.length >= 2);
    await kubectl('set image deployment/web c=nginx:2');
    await kubectl('rollout status deployment/web --timeout=20s');
    const changes = watched.events.map(({ type, object }) => `${type} ${object.spec.containers[0]?.image}`);
    assert.ok(changes.lastIndexOf('DELETED nginx:1') < changes.indexOf('ADDED nginx:2'), changes.join());
  });

  test('WL-018 WL-019 WL-022 an update that hangs leaves the old pods, and is overridden or undone', async () => {
    const { kubectl, refused, apply, pods, ready, images, open } = await webSpace(cluster, 'hangs');
    await apply(web('Deployment', { spec: { replicas: 2 }, podSpec: GATED }));
    const openAll = async (count: number) => {
      await until(async () => (await pods()).length === count);
      for (const { metadata } of await pods()) await open(metadata.name);
    };
    await openAll(2);
    await ready(2);
    await kubectl('set image deployment/web c=nginx:2');
    const sorted = async () => (await images()).split(' ').sort().join(' ');
    await until(async () => (await sorted()) === 'nginx:1 nginx:1 nginx:2');
    assert.match(await refused('rollout status deployment/web --timeout=1s'), /timed out waiting for the condition/);
    assert.match(await kubectl('get deployment web --no-headers'), /^web +2\/2 +1 +2 /);
    await kubectl('set image deployment/web c=nginx:3');
    await until(async () => (await sorted()) === 'nginx:1 nginx:1 nginx:3');
    await kubectl('rollout undo deployment/web --to-revision=1');
    await until(async () => (await sorted()) === 'nginx:1 nginx:1');
    await ready(2);
    assert.match(await kubectl('rollout status deployment/web --timeout=20s'), /successfully rolled out/);
  });

  test('WL-020 WL-021 OB-056 old replica sets are kept as far as the limit says, 10 if it says nothing', async () => {
    const { kubectl, refused, apply, read } = await webSpace(cluster, 'history');
    await apply(web('Deployment', { spec: { replicas: 0 } }));
    const update = async (count: number) => {
      for (let n = 0; n < count; n++) {
        const template = { metadata: { annotations: { step: crypto.randomUUID() } } };
        const ref = { namespace: 'history', name: 'web' };
        await cluster.admin.patch(Deployment, ref, { type: 'merge', body: { spec: { template } } });
        await observed('history');
      }
    };
    const count = async () => (await replicaSetsIn('history')).length;
    await update(12);
    await until(async () => (await count()) === 1 + 10);
    assert.equal(await read('get deployment web', '{.spec.revisionHistoryLimit}'), '10');
    await kubectl(['patch', 'deployment', 'web', '-p', '{"spec":{"revisionHistoryLimit":2}}']);
    await update(5);
    await until(async () => (await count()) === 1 + 2);
    await kubectl(['patch', 'deployment', 'web', '-p', '{"spec":{"revisionHistoryLimit":0}}']);
    await until(async () => (await count()) === 1);
    assert.match(await refused('rollout undo deployment/web'), /no rollout history found for deployment "web"/);
  });

  test('WL-023 WL-024 a chosen revision is looked at and taken up again', async () => {
    const { kubectl, apply, read } = await webSpace(cluster, 'revisions');
    await apply(web('Deployment', { spec: { replicas: 1 } }));
    for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) {
      await kubectl('rollout status deployment/web --timeout=20s');
      await kubectl(`set image deployment/web c=${image}`);
      await kubectl(`annotate deployment/web kubernetes.io/change-cause=to-${image} --overwrite`);
    }
    await kubectl('rollout status deployment/web --timeout=20s');
    assert.match(
      await kubectl('rollout history deployment/web'),
      /\n1 +<none>\n2 +to-nginx:2\n3 +to-nginx:3\n4 +to-nginx:4\n/,
    );
    assert.match(
      await kubectl('rollout history deployment/web --revision=2'),
      /with revision #2\n[\s\S]*kubernetes\.io\/change-cause: to-nginx:2[\s\S]*Image:\tnginx:2\n/,
    );
    await kubectl('rollout undo deployment/web --to-revision=2');
    await kubectl('rollout status deployment/web --timeout=20s');
    assert.equal(await read('get pods', '{.items[*].spec.containers[0].image}'), 'nginx:2');
  });

  test('WL-026 a selector that does not match the template is refused', async () => {
    const { refused } = await webSpace(cluster, 'selectors');
    assert.equal(
      await refused('create -f -', {
        stdin: web('Deployment', { spec: { selector: { matchLabels: { app: 'other' } } } }),
      }),
      'The Deployment "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`\n',
    );
  });

  test('WL-027 scaling down takes pods that are not ready first', async () => {
    const { kubectl, apply, pods, open, ready } = await webSpace(cluster, 'ranks');
    await apply(web('Deployment', { spec: { replicas: 4 }, podSpec: GATED }));
    await until(async () => (await pods()).length === 4);
    const [a, unready, b, c] = (await pods()).map(({ metadata }) => metadata.name);
    for (const name of [a, b, c]) await open(name ?? '');
    await until(async () => (await pods()).filter(isPodReady).length === 3);
    await kubectl('scale deployment/web --replicas=3');
    await ready(3);
    assert.ok(!(await pods()).some(({ metadata }) => metadata.name === unready));
  });

  test('WL-080 ten pods in one command', async () => {
    const { kubectl } = await webSpace(cluster, 'ten');
    await kubectl('create deployment web --image=busybox --replicas=10');
    await kubectl('rollout status deployment/web --timeout=20s');
    assert.equal((await kubectl('get pods --field-selector=status.phase=Running -o name')).split('\n').length, 10 + 1);
  });
});

describe('replica sets', () => {
  test('WL-011 OB-058 a bare one keeps its count, whoever deletes or labels pods', async () => {
    const { kubectl, apply, pods, ready } = await webSpace(cluster, 'bare');
    await apply(web('ReplicaSet', { spec: { replicas: 3 } }));
    await ready(3);
    const [first] = await pods();
    await kubectl(`delete pod ${first?.metadata.name}`);
    await ready(3);
    assert.match(await kubectl('get rs web --no-headers'), /^web +3 +3 +3 /);
    await kubectl('run fourth --image=nginx:1');
    await kubectl('label pod fourth app=web');
    await ready(3);
    assert.match(
      await kubectl('describe rs web'),
      /Normal +SuccessfulDelete +\d+s +replicaset-controller +Deleted pod: /,
    );
  });

  test('nothing went wrong', () => assert.deepEqual(cluster.errors, []));
});
