import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod, type PodSpecInput } from '../../test/support/kubelet-objects.ts';
import type { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import { admitPod } from './admission/admit-pod.ts';
import { type PodAdmission, PodPlaces } from './pod-places.ts';
import { newPodRecord, type PodRecord } from './pod-record.ts';
import { admitResize } from './resize/admit-resize.ts';
import { Allocations } from './resize/allocations.ts';

const NODE = {
  metadata: { name: 'node' },
  spec: {},
  status: { allocatable: { cpu: '2', memory: '4Gi', pods: '10' } },
} as unknown as Node;

const pod = (name: string, cpu: string, more: Partial<PodSpecInput> = {}, generation = 1): Pod => {
  const containers = [{ name: 'main', resources: { requests: { cpu } } }];
  return kubeletPod({ name, metadata: { generation }, spec: { ...more, containers } });
};

async function places({ equip }: Pick<PodAdmission, 'equip'> = {}) {
  const allocations = await Allocations.open('/nowhere');
  const records = new Map<string, PodRecord>();
  const events: string[] = [];
  const woken: string[] = [];
  const tell = ({ metadata }: Pod, _type: string, reason: string) => void events.push(`${metadata.name} ${reason}`);
  const abilities = {
    ...{ appArmor: false, supplementalGroupsPolicy: false, userNamespaces: false, recursiveReadOnlyMounts: false },
  };
  const calm = { abilities, pressures: [], shuttingDown: false };
  const given = (others: readonly Pod[]) => ({ others, node: NODE, allowedSysctls: [], ...calm });
  const made = new PodPlaces({
    records: () => records.values(),
    admission: {
      admit: (of, others) => admitPod(of, { ...given(others), wasAdmitted: false }),
      resize: (of, others) => admitResize(of, given(others)),
      ...(equip ? { equip } : {}),
    },
    allocations,
    events: { pod: tell, container: (of, _container, type, reason) => tell(of, type, reason) },
    clock: { now: () => 0 },
    wake: (uid) => void woken.push(uid),
    end: (uid) => void woken.push(uid),
  });
  return {
    ...{ events, woken, allocations },
    take(of: Pod): PodRecord {
      const record = newPodRecord(of);
      records.set(of.metadata.uid, record);
      made.take(record);
      return record;
    },
    resize(record: PodRecord, to: Pod) {
      made.update(record, to);
      made.review();
    },
    release(record: PodRecord) {
      record.released = true;
      made.released(record.pod.metadata.uid);
    },
    equip: (record: PodRecord) => made.equip(record, new AbortController().signal),
    isWaiting: (record: PodRecord) => made.isWaiting(record),
  };
}

const cpuOf = ({ pod: { spec } }: PodRecord) => spec.containers[0]?.resources.requests?.['cpu'];

describe('PodPlaces', () => {
  test('turns a pod away for which there is no room, until another has ended', async () => {
    const node = await places();
    const first = node.take(pod('first', '1500m'));
    const second = node.take(pod('second', '1'));
    assert.equal(second.verdict?.reason, 'OutOfcpu');
    assert.match(second.verdict?.message ?? '', /^Pod was rejected: Node didn't have enough resource: cpu, /);
    node.release(first);
    assert.equal(node.take(pod('third', '1')).verdict, undefined);
    assert.deepEqual(node.events, ['second OutOfcpu']);
  });

  test('turns a pod away that cannot have what is handed out one by one, and gives its place to others', async () => {
    const refusal = { reason: 'UnexpectedAdmissionError', message: 'none is left' };
    const node = await places({ equip: async ({ metadata }) => (metadata.name === 'late' ? refusal : undefined) });
    const [early, late] = [node.take(pod('early', '500m')), node.take(pod('late', '1'))];
    node.resize(early, pod('early', '2', {}, 2));
    assert.equal(early.resize.pending?.reason, 'Deferred');
    await Promise.all([early, late].map(node.equip));
    assert.deepEqual([early.verdict, late.verdict?.message], [undefined, 'Pod was rejected: none is left']);
    assert.equal(late.admitted, false);
    assert.equal(cpuOf(early), '2');
  });

  test('knows what a pod runs with that ran before anything was written down of it', async () => {
    const node = await places();
    const resources = { requests: { cpu: '50m' } };
    const running = {
      state: { running: { startedAt: null } },
      lastState: {},
      ready: true,
      restartCount: 0,
      image: '',
      imageID: '',
    };
    const status = { containerStatuses: [{ name: 'main', ...running, resources }] } as Pod['status'];
    node.take({ ...pod('old', '100m'), status });
    assert.deepEqual(node.allocations.actuated('uid-old').containers, { main: resources });
  });

  test('has a critical pod wait for those that make room', async () => {
    const node = await places();
    const large = node.take(pod('large', '1500m'));
    const critical = node.take(pod('critical', '1', { priority: 2_000_000_000 }));
    assert.equal(large.verdict?.reason, 'Preempting');
    assert.equal(node.isWaiting(critical), true);
    node.release(large);
    assert.equal(node.isWaiting(critical), false);
    assert.ok(node.woken.includes('uid-critical'));
  });

  test('gives a pod what it asks for when there is room, by priority', async () => {
    const node = await places();
    const [low, high, holder] = [
      node.take(pod('low', '100m')),
      node.take(pod('high', '100m', { priority: 5 })),
      node.take(pod('holder', '1500m')),
    ];
    node.resize(low, pod('low', '1', {}, 2));
    node.resize(high, pod('high', '1500m', { priority: 5 }, 2));
    assert.deepEqual([low.resize.pending?.reason, high.resize.pending?.reason], ['Deferred', 'Deferred']);
    assert.deepEqual([cpuOf(low), cpuOf(high)], ['100m', '100m']);
    node.release(holder);
    assert.deepEqual([cpuOf(low), cpuOf(high)], ['100m', '1500m']);
    assert.deepEqual(high.resize, { pending: undefined, inProgress: { generation: 2, error: undefined } });
    // What is in the way of the other one is something else now, which it is told.
    const deferred = ['low ResizeDeferred', 'high ResizeDeferred'];
    assert.deepEqual(node.events, [...deferred, 'high ResizeStarted', 'low ResizeDeferred']);
  });

  test('tells a pod once that it asks for more than there is, and forgets it when it no longer does', async () => {
    const node = await places();
    const asking = node.take(pod('asking', '1'));
    node.resize(asking, pod('asking', '3', {}, 2));
    node.resize(asking, pod('asking', '3', {}, 2));
    const message = "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000";
    assert.deepEqual([asking.resize.pending?.reason, asking.resize.pending?.message], ['Infeasible', message]);
    node.resize(asking, pod('asking', '1', {}, 3));
    assert.equal(asking.resize.pending, undefined);
    assert.deepEqual(node.events, ['asking ResizeInfeasible']);
  });
});
