// What the specification's rows about stateful sets say, done with the real kubectl on simulated nodes. Each test bears
// the ids of its rows.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StatefulSet } from '../../../src/api/apps/stateful-set.ts';
import type { Pod } from '../../../src/api/core/pod.ts';
import { isPodReady } from '../../../src/controllers/pod-state.ts';
import { type ServedCluster, servedCluster } from '../../support/served-cluster.ts';
import { until } from '../../support/until.ts';
import { GATED, type WebSpace, web, webSpace } from '../../support/web-workload.ts';

let cluster: ServedCluster;
before(async () => {
  cluster = await servedCluster({ simulatedNodes: 2 });
});
after(() => cluster[Symbol.asyncDispose]());

/** A set whose pods are all ready. */
async function running(namespace: string, replicas: number, spec: object = {}): Promise<WebSpace> {
  const space = await webSpace(cluster, namespace);
  await space.apply(web('StatefulSet', { spec: { replicas, ...spec } }));
  await space.ready(replicas);
  return space;
}

/** kubectl 1.35 may wait for a pod in vain that is made again, by the same name, before it has begun to watch. */
const AT_ONCE = '--wait=false';
const names = async ({ pods }: WebSpace) => (await pods()).map(({ metadata }) => metadata.name).join(' ');
const uids = async ({ pods }: WebSpace) => (await pods()).map(({ metadata }) => metadata.uid);
/** What happened to pods in its order, as `ADDED web-0`. */
const changes = (events: readonly { readonly type: string; readonly object: Pod }[]) =>
  events.filter(({ type }) => type !== 'MODIFIED').map(({ type, object }) => `${type} ${object.metadata.name}`);
/** Waits until the set's update has ended, as far as it goes. */
const updated = (namespace: string, count: number) =>
  until(
    async () => {
      const { metadata, spec, status } = await cluster.admin.get(StatefulSet, { namespace, name: 'web' });
      if (status.observedGeneration !== metadata.generation || status.readyReplicas !== spec.replicas) return false;
      return (status.updatedReplicas ?? 0) === count;
    },
    { withinMs: 30_000 },
  );

describe('stateful sets', () => {
  test('WL-032 WL-038 the next pod is made when the one before is ready, at first and again', async () => {
    const space = await webSpace(cluster, 'ordered');
    const { kubectl, apply, pods, open, ready } = space;
    await apply(web('StatefulSet', { spec: { replicas: 2 }, podSpec: GATED }));
    for (const round of ['first', 'again']) {
      await until(async () => (await pods())[0]?.status.phase === 'Running');
      assert.equal(await names(space), 'web-0', round);
      await open('web-0');
      await until(async () => (await names(space)) === 'web-0 web-1');
      await open('web-1');
      await ready(2);
      if (round === 'again') continue;
      const before = await uids(space);
      await kubectl(`delete pod web-0 web-1 ${AT_ONCE}`);
      await until(async () => (await uids(space)).every((uid) => !before.includes(uid)));
    }
  });

  test('WL-028 WL-033 WL-040 pods are numbered, and scaled down from the last one', async () => {
    const space = await running('scaled', 2, { podManagementPolicy: 'OrderedReady' });
    const { kubectl, ready, record } = space;
    assert.equal(await names(space), 'web-0 web-1');
    await kubectl('scale statefulset web --replicas=5');
    await ready(5);
    await using watched = record();
    await until(() => watched.events.length >= 5);
    await kubectl(['patch', 'sts', 'web', '-p', '{"spec":{"replicas":3}}']);
    await ready(3);
    await kubectl('scale statefulset web --replicas=2');
    await ready(2);
    await until(() => changes(watched.events).length === 5 + 3);
    assert.deepEqual(changes(watched.events).slice(5), ['DELETED web-4', 'DELETED web-3', 'DELETED web-2']);
  });

  test('WL-039 a pod that dies is made again alone, an update begins with the last', async () => {
    const space = await running('alone', 2);
    const { kubectl, pods, ready, images, record } = space;
    const before = await pods();
    await kubectl(`delete pod web-0 ${AT_ONCE}`);
    await until(async () => (await pods())[0]?.metadata.uid !== before[0]?.metadata.uid);
    await ready(2);
    const after = await pods();
    assert.equal(after[0]?.metadata.name, 'web-0');
    assert.equal(after[1]?.metadata.uid, before[1]?.metadata.uid);
    await using watched = record();
    await until(() => watched.events.length >= 2);
    await kubectl('set image statefulset/web c=nginx:2');
    await kubectl('rollout status statefulset/web --timeout=20s');
    assert.equal(await images(), 'nginx:2 nginx:2');
    const order = ['DELETED web-1', 'ADDED web-1', 'DELETED web-0', 'ADDED web-0'];
    assert.deepEqual(changes(watched.events).slice(2), order);
  });

  test('WL-041 the image is changed by a JSON patch', async () => {
    const { kubectl, images } = await running('patched', 2);
    const patch = '[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"nginx:1.9.1"}]';
    assert.equal(
      await kubectl(['patch', 'statefulset', 'web', '--type=json', '-p', patch]),
      'statefulset.apps/web patched\n',
    );
    await updated('patched', 2);
    assert.equal(await images(), 'nginx:1.9.1 nginx:1.9.1');
  });

  test('WL-042 WL-044 OB-063 a partition holds back the ordinals below it', async () => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 3 } };
    const { kubectl, images } = await running('gray', 5, { updateStrategy, podManagementPolicy: 'Parallel' });
    await kubectl('set image statefulset/web c=nginx:2');
    await updated('gray', 2);
    assert.equal(await images(), 'nginx:1 nginx:1 nginx:1 nginx:2 nginx:2');
    assert.match(
      await kubectl('rollout status statefulset/web --timeout=20s'),
      /partitioned roll out complete: 2 new pods/,
    );
    await kubectl(['patch', 'sts', 'web', '-p', '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}']);
    await updated('gray', 5);
    assert.equal(await images(), 'nginx:2 nginx:2 nginx:2 nginx:2 nginx:2');
  });

  test('WL-043 OB-063 OnDelete changes a pod when it is deleted', async () => {
    const { kubectl, images, ready } = await running('on-delete', 2, { updateStrategy: { type: 'OnDelete' } });
    await kubectl('set image statefulset/web c=nginx:2');
    await updated('on-delete', 0);
    assert.equal(await images(), 'nginx:1 nginx:1');
    await kubectl(`delete pod web-1 ${AT_ONCE}`);
    await updated('on-delete', 1);
    await ready(2);
    assert.equal(await images(), 'nginx:1 nginx:2');
  });

  test('WL-045 WL-046 WL-047 OB-060 OB-061 deleting it takes or leaves its pods, and leaves its claims', async () => {
    const space = await webSpace(cluster, 'claims');
    const { kubectl, apply, pods, read } = space;
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const volumeClaimTemplates = [{ metadata: { name: 'www' }, spec: claim }];
    const spec = { replicas: 2, podManagementPolicy: 'Parallel', volumeClaimTemplates };
    const names_ = () => read('get pvc', '{.items[*].metadata.name}');
    await apply(web('StatefulSet', { spec }));
    await until(async () => (await names(space)) === 'web-0 web-1');
    assert.equal(await names_(), 'www-web-0 www-web-1');
    const before = await uids(space);
    await kubectl('delete statefulset web --cascade=orphan');
    assert.deepEqual(await uids(space), before);
    assert.ok((await pods()).every(({ metadata }) => metadata.ownerReferences === undefined));
    await apply(web('StatefulSet', { spec }));
    await until(async () => (await pods()).every(({ metadata }) => metadata.ownerReferences !== undefined));
    assert.deepEqual(await uids(space), before);
    await kubectl('delete statefulset web');
    await kubectl('wait --for=delete pod -l app=web --timeout=20s');
    assert.equal(await names_(), 'www-web-0 www-web-1');
    await kubectl('delete pvc --all');
    assert.equal(await names_(), '');
  });

  test('WL-029 WL-031 WL-034 WL-035 WL-036 pods have a host name and, once there is their Service, a name in its slices', async () => {
    const { kubectl, pods, read } = await running('identity', 2);
    assert.deepEqual(
      (await pods()).map(({ spec }) => [spec.hostname, spec.subdomain]),
      [
        ['web-0', 'web'],
        ['web-1', 'web'],
      ],
    );
    await kubectl('create service clusterip web --clusterip=None --tcp=80');
    const slice = (path: string, service = 'web') =>
      read(`get endpointslices -l kubernetes.io/service-name=${service}`, path);
    const hosts = '{.items[*].endpoints[*].hostname}';
    await until(async () => (await slice(hosts)).split(' ').sort().join(' ') === 'web-0 web-1');
    await kubectl('expose pod web-1 --name=other --cluster-ip=None --port=80 --selector=app=web');
    const ips = '{.items[*].endpoints[*].addresses[0]}';
    await until(async () => (await slice(ips, 'other')).split(' ').length === 2);
    assert.equal(await slice(hosts, 'other'), '');
    const [first] = await pods();
    await kubectl(`delete pod web-0 ${AT_ONCE}`);
    await until(async () => {
      const [again] = await pods();
      if (!again || again.metadata.uid === first?.metadata.uid || !isPodReady(again)) return false;
      return (await slice('{.items[*].endpoints[?(@.hostname=="web-0")].addresses[0]}')) === again.status.podIP;
    });
    assert.match(await kubectl('get service web --no-headers'), /^web +ClusterIP +None +<none> +80\/TCP /);
  });

  test('nothing went wrong', () => assert.deepEqual(cluster.errors, []));
});
