import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { node, pod, podInfo } from '../../test/support/scheduling-objects.ts';
import { seededRandom } from '../base/random.ts';
import { Cache } from './cache.ts';
import { assumedOn } from './pod-info.ts';
import { Snapshot } from './snapshot.ts';

function snapshotOf(cache: Cache): Snapshot {
  const snapshot = new Snapshot();
  cache.updateSnapshot(snapshot);
  return snapshot;
}

describe('Cache', () => {
  test('counts an assumed pod at once, and once only when it is seen bound', () => {
    const cache = new Cache();
    cache.setNode(node({ name: 'a' }));
    cache.assume(assumedOn(podInfo({ name: 'p', requests: { cpu: '1' } }), 'a'));
    assert.equal(cache.node('a')?.requested.milliCpu, 1000);
    assert.ok(cache.isAssumed('uid-default-p'));
    cache.setPod(pod({ name: 'p', requests: { cpu: '1' }, nodeName: 'a' }));
    assert.equal(cache.node('a')?.requested.milliCpu, 1000);
    assert.ok(!cache.isAssumed('uid-default-p'));
    assert.equal(cache.forget('uid-default-p'), false);
    assert.equal(cache.podCount, 1);
  });

  test('a pod that was bound elsewhere than assumed counts where it was bound', () => {
    const cache = new Cache();
    for (const name of ['a', 'b']) cache.setNode(node({ name }));
    cache.assume(assumedOn(podInfo({ name: 'p', requests: { cpu: '1' } }), 'a'));
    cache.setPod(pod({ name: 'p', requests: { cpu: '1' }, nodeName: 'b' }));
    assert.equal(cache.node('a')?.requested.milliCpu, 0);
    assert.equal(cache.node('b')?.requested.milliCpu, 1000);
  });

  test('forgetting gives everything back', () => {
    const cache = new Cache();
    cache.setNode(node({ name: 'a' }));
    const containers = [
      {
        name: 'c',
        resources: { requests: { cpu: '1', 'x.io/gpu': '2' } },
        ports: [{ containerPort: 1, hostPort: 80 }],
      },
    ] as never;
    const info = assumedOn(podInfo({ name: 'p', spec: { containers } }), 'a');
    cache.assume(info);
    assert.throws(() => cache.assume(info), /already/);
    assert.ok(cache.forget(info.uid));
    const left = cache.node('a');
    assert.equal(left?.requested.milliCpu, 0);
    assert.equal(left?.requested.scalars?.get('x.io/gpu'), 0);
    assert.equal(left?.hostPorts.size, 0);
    assert.equal(left?.pods.length, 0);
  });

  test('pods may be seen before their node and stay after it', () => {
    const cache = new Cache();
    cache.setPod(pod({ name: 'p', requests: { cpu: '1' }, nodeName: 'a' }));
    assert.equal(cache.node('a'), undefined);
    cache.setNode(node({ name: 'a' }));
    assert.equal(cache.node('a')?.requested.milliCpu, 1000);
    cache.removeNode('a');
    assert.deepEqual(snapshotOf(cache).nodes, []);
    cache.setNode(node({ name: 'a' }));
    assert.equal(cache.node('a')?.requested.milliCpu, 1000);
  });

  test('an image knows on how many nodes it is', () => {
    const cache = new Cache();
    const images = [{ names: ['busybox:latest'], sizeBytes: 100 }];
    cache.setNode(node({ name: 'a', images }));
    cache.setNode(node({ name: 'b', images }));
    assert.equal(cache.node('a')?.images.get('busybox:latest')?.nodes.size, 2);
    cache.setNode(node({ name: 'b', images: [] }));
    assert.equal(cache.node('a')?.images.get('busybox:latest')?.nodes.size, 1);
    cache.removeNode('a');
    cache.setNode(node({ name: 'c', images: [{ names: ['busybox:latest'], sizeBytes: 7 }] }));
    assert.equal(cache.node('c')?.images.get('busybox:latest')?.sizeBytes, 7);
  });
});

test('Cache and Snapshot: sums are those of the pods, whatever comes in whatever order', () => {
  const random = seededRandom(23);
  const pick = (count: number) => Math.floor(random.next() * count);
  const cache = new Cache();
  const snapshot = new Snapshot();
  for (let step = 0; step < 3000; step++) {
    const name = `p${pick(40)}`;
    const on = `n${pick(5)}`;
    const shape = { name, requests: { cpu: `${pick(10)}00m`, 'x.io/gpu': String(pick(3)) } };
    const uid = `uid-default-${name}`;
    switch (pick(6)) {
      case 0:
        cache.setNode(node({ name: on }));
        break;
      case 1:
        if (pick(4) === 0) cache.removeNode(on);
        break;
      case 2:
        if (!cache.pod(uid)) cache.assume(assumedOn(podInfo(shape), on));
        break;
      case 3:
        cache.forget(uid);
        break;
      case 4:
        cache.setPod(pod({ ...shape, nodeName: on }));
        break;
      default:
        cache.removePod(uid);
    }
    if (pick(3) > 0) continue;
    cache.updateSnapshot(snapshot);
    for (const { pods, requested } of snapshot.nodes) {
      const sum = (amount: (info: (typeof pods)[number]) => number) =>
        pods.reduce((total, info) => total + amount(info), 0);
      assert.equal(
        requested.milliCpu,
        sum(({ requests }) => requests.milliCpu),
      );
      assert.equal(
        requested.scalars?.get('x.io/gpu') ?? 0,
        sum(({ requests }) => requests.scalars?.get('x.io/gpu') ?? 0),
      );
      for (const { uid: there } of pods) assert.ok(cache.pod(there), 'a pod that the cache knows');
    }
  }
});

describe('Snapshot', () => {
  test('stands still while the cache goes on', () => {
    const cache = new Cache();
    cache.setNode(node({ name: 'a' }));
    const snapshot = snapshotOf(cache);
    cache.assume(assumedOn(podInfo({ name: 'p', requests: { cpu: '1' } }), 'a'));
    assert.equal(snapshot.get('a')?.requested.milliCpu, 0);
    cache.updateSnapshot(snapshot);
    assert.equal(snapshot.get('a')?.requested.milliCpu, 1000);
  });

  test('copies only the nodes that changed', () => {
    const cache = new Cache();
    for (const name of ['a', 'b', 'c']) cache.setNode(node({ name }));
    const snapshot = snapshotOf(cache);
    const copies = () => snapshot.nodes.map(({ pods }) => pods);
    const before = copies();
    cache.assume(assumedOn(podInfo({ name: 'p' }), 'b'));
    cache.updateSnapshot(snapshot);
    assert.deepEqual(
      copies().map((pods, i) => pods === before[i]),
      [true, false, true],
    );
  });

  test('lists the zones in turn, also after one of them changes', () => {
    const cache = new Cache();
    const zone = (name: string) => ({ 'topology.kubernetes.io/zone': name });
    for (const name of ['a1', 'a2', 'a3']) cache.setNode(node({ name, labels: zone('a') }));
    for (const name of ['b1', 'b2']) cache.setNode(node({ name, labels: zone('b') }));
    const snapshot = snapshotOf(cache);
    const names = () => snapshot.nodes.map(({ name }) => name);
    assert.deepEqual(names(), ['a1', 'b1', 'a2', 'b2', 'a3']);
    cache.setNode(node({ name: 'a3', labels: zone('c') }));
    cache.removeNode('b1');
    cache.updateSnapshot(snapshot);
    assert.deepEqual(names(), ['a1', 'b2', 'a3', 'a2']);
  });

  test('knows the nodes with pods that have affinity', () => {
    const cache = new Cache();
    for (const name of ['a', 'b', 'c']) cache.setNode(node({ name }));
    const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: {} };
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const anti = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    cache.setPod(pod({ name: 'p', nodeName: 'a', spec: { affinity } as never }));
    cache.setPod(pod({ name: 'q', nodeName: 'b', spec: { affinity: anti } as never }));
    const snapshot = snapshotOf(cache);
    assert.deepEqual(
      snapshot.nodesWithAffinity.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(
      snapshot.nodesWithRequiredAntiAffinity.map(({ name }) => name),
      ['b'],
    );
    cache.removePod('uid-default-q');
    cache.updateSnapshot(snapshot);
    assert.deepEqual(snapshot.nodesWithRequiredAntiAffinity, []);
  });
});
