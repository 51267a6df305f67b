import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod, type PodSpecInput } from '../../../test/support/kubelet-objects.ts';
import type { Pod } from '../../api/core/pod.ts';
import { FakeClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import type { NodeFigures, PodFigures } from '../figures/figures.ts';
import type { PodEnding } from '../pod-record.ts';
import { type KubeletConfiguration, kubeletSettings } from '../settings/kubelet-configuration.ts';
import { EvictionManager } from './eviction-manager.ts';

const MI = 1024 * 1024;
const { signal } = new AbortController();

/** A node with pods that use so much memory each. */
function nodeWith(memory: Readonly<Record<string, number>>, configuration: KubeletConfiguration = {}) {
  const events: string[] = [];
  const told: string[] = [];
  const pods = new Map<string, Pod>(Object.keys(memory).map((name) => [`uid-${name}`, kubeletPod({ name })]));
  const ended = new Map<string, PodEnding>();
  const clock = new FakeClock(0);
  const state = {
    ...{ available: 1000 * MI, disk: 1000, reclaims: 0, afterReclaim: undefined as number | undefined },
    ...{ areCounted: true, looksAtPods: 0 },
  };
  const podFigures = () => {
    state.looksAtPods++;
    return Object.entries(memory).map(
      ([name, workingSetBytes]): PodFigures => ({
        ...{ name, namespace: 'default', uid: `uid-${name}`, startedMs: 0, containers: [] },
        memory: { atMs: 0, workingSetBytes },
        volumes: state.areCounted ? [] : undefined,
      }),
    );
  };
  const manager = new EvictionManager(
    {
      figures: async (extent) => ({
        node: {
          ...{ name: 'node', startedMs: 0 },
          memory: { atMs: 0, workingSetBytes: 1000 * MI, availableBytes: state.available },
          fs: { atMs: 0, usedBytes: 0, availableBytes: state.disk, capacityBytes: 1000 },
        } satisfies NodeFigures,
        pods: extent === 'node' ? [] : podFigures(),
      }),
      workers: {
        active: () => [...pods.values()],
        async end(uid, ending) {
          ended.set(uid.replace('uid-', ''), ending);
          pods.delete(uid);
        },
      },
      podEvents: { pod: (pod, _type, reason) => void events.push(`${pod.metadata.name} ${reason}`) },
      nodeEvents: { node: (_type, reason, message) => void events.push(`node ${reason} ${message}`) },
      reclaims: [
        () => Promise.reject(new Error('not everything')),
        async () => {
          state.reclaims++;
          state.disk = state.afterReclaim ?? state.disk;
        },
      ],
      changed: (pressures) => void told.push(pressures.join(' ')),
      clock,
      log: silentLogger,
    },
    kubeletSettings(configuration),
  );
  const replace = (name: string, spec: Partial<PodSpecInput>) => pods.set(`uid-${name}`, kubeletPod({ name, spec }));
  const counts = () => [...manager.counts];
  return { clock, state, counts, events, told, ended, replace, look: () => manager.look(signal) };
}

describe('EvictionManager', () => {
  test('leaves everybody alone while there is enough', async () => {
    const node = nodeWith({ a: 10 });
    assert.equal(await node.look(), false);
    assert.deepEqual([node.events, node.told, node.ended.size], [[], [], 0]);
    assert.equal(node.state.looksAtPods, 0, 'nor are they measured');
    node.replace('a', {
      containers: [{ name: 'main', image: 'x', resources: { limits: { 'ephemeral-storage': '1' } } }],
    });
    assert.equal(await node.look(), false);
    assert.equal(node.state.looksAtPods, 1, 'but for those that have limits of their own');
  });

  test('ends one pod at a time for want of memory, in a hurry, and spares critical ones', async () => {
    const node = nodeWith({ a: 10 * MI, b: 20 * MI, critical: 30 * MI });
    node.replace('critical', { priority: 2_000_000_000 });
    node.state.available = 99 * MI;
    assert.equal(await node.look(), true);
    assert.deepEqual([...node.ended.keys()], ['b']);
    const { reason, message, ...how } = node.ended.get('b')!;
    assert.deepEqual(how, { clears: true, graceSeconds: 1, disruption: true });
    assert.equal(reason, 'Evicted');
    assert.match(message, /^The node was low on resource: memory. Threshold quantity: 100Mi, available: 99Mi. $/);
    await node.look();
    assert.equal(await node.look(), false, 'the critical one is left');
    assert.deepEqual([...node.ended.keys()], ['b', 'a']);
    assert.deepEqual(node.told, ['MemoryPressure']);
    assert.deepEqual(node.counts(), [['memory.available', 2]]);
    const begin = 'node EvictionThresholdMet Attempting to reclaim memory';
    assert.deepEqual(node.events, [begin, 'b Evicted', begin, 'a Evicted', begin]);
    assert.equal(node.state.reclaims, 0);
  });

  test('ends nobody where taking away what nobody needs makes enough room', async () => {
    const node = nodeWith({ a: 10 });
    node.state.disk = 50;
    node.state.afterReclaim = 500;
    assert.equal(await node.look(), false);
    assert.deepEqual([node.state.reclaims, node.ended.size, node.told], [1, 0, ['DiskPressure']]);
  });

  test('ends a pod where it does not', async () => {
    const node = nodeWith({ a: 10 });
    node.state.disk = 50;
    node.state.areCounted = false;
    assert.equal(await node.look(), false, 'who has most is not known yet');
    node.state.areCounted = true;
    assert.equal(await node.look(), true);
    assert.match(node.ended.get('a')?.message ?? '', /^The node was low on resource: ephemeral-storage. /);
  });

  test('gives pods the time that the settings say for a soft threshold', async () => {
    const graces: (number | undefined)[] = [];
    for (const evictionMaxPodGracePeriod of [0, 60, -1]) {
      const node = nodeWith(
        { a: 10 },
        {
          ...{ evictionHard: {}, evictionMaxPodGracePeriod },
          evictionSoft: { 'memory.available': '100Mi' },
          evictionSoftGracePeriod: { 'memory.available': '1ms' },
        },
      );
      node.state.available = 0;
      assert.equal(await node.look(), false, 'not yet');
      await node.clock.advance(1);
      assert.equal(await node.look(), true);
      graces.push(node.ended.get('a')?.graceSeconds);
    }
    assert.deepEqual(graces, [0, 60, undefined]);
  });
});
