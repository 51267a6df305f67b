import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type PodShape, pod } from '../../test/support/scheduling-objects.ts';
import { until } from '../../test/support/until.ts';
import type { Pod } from '../api/core/pod.ts';
import { FakeClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import type { ClusterEvent, QueueingHint } from './cluster-event.ts';
import type { Status } from './framework.ts';
import { prioritySort } from './plugins/priority-sort.ts';
import { schedulingGates } from './plugins/scheduling-gates.ts';
import { type QueueProfile, SchedulingQueue } from './queue.ts';
import type { QueuedPod } from './queued-pod.ts';

const NODE_ADD: ClusterEvent = { resource: 'Node', action: 'Add' };
const POD_DELETE: ClusterEvent = { resource: 'AssignedPod', action: 'Delete' };

interface Fixture {
  readonly clock: FakeClock;
  readonly queue: SchedulingQueue;
  /** Takes a pod and turns it down by these plugins; without any, by an error. */
  fail(...plugins: string[]): QueuedPod;
}

interface Registration {
  readonly plugin: string;
  readonly event: ClusterEvent;
  readonly hint?: QueueingHint;
}

function fixture(registrations: readonly Registration[] = [], start = Date.UTC(2026, 0, 1)): Fixture {
  const clock = new FakeClock(start);
  const gates = schedulingGates();
  const profile: QueueProfile = {
    compare: (a, b) => prioritySort().queueSort?.(a, b) ?? 0,
    preEnqueue: (info): Status | undefined => gates.preEnqueue?.(info),
    hintsFor(event) {
      if (event === '*') return [];
      const own =
        event.action === 'UpdatePodSchedulingGatesEliminated' ? [{ plugin: gates.name, hint: undefined }] : [];
      const matching = registrations.filter(
        (entry) => entry.event.resource === event.resource && entry.event.action === event.action,
      );
      return [...own, ...matching.map(({ plugin, hint }) => ({ plugin, hint }))];
    },
  };
  const queue = new SchedulingQueue({ clock, log: silentLogger, profiles: new Map([['default-scheduler', profile]]) });
  return {
    clock,
    queue,
    fail(...plugins) {
      const queued = queue.pop();
      assert.ok(queued);
      queued.unschedulablePlugins = new Set(plugins);
      queue.putBack(queued);
      return queued;
    },
  };
}

const named = (name: string, shape: PodShape = {}) => pod({ name, ...shape });
const uidOf = (each: Pod) => each.metadata.uid;
const gated = (name: string) => named(name, { spec: { schedulingGates: [{ name: 'wait' }] } });

describe('SchedulingQueue', () => {
  test('gives pods by priority, then by the time they came', async () => {
    const { queue, clock } = fixture();
    queue.add(named('late-high', { priority: 10 }));
    queue.add(named('first'));
    await clock.advance(5);
    queue.add(named('second'));
    queue.add(named('third'));
    queue.add(named('low', { priority: -1 }));
    const order = Array.from({ length: 5 }, () => queue.pop()?.info.pod.metadata.name);
    assert.deepEqual(order, ['late-high', 'first', 'second', 'third', 'low']);
    assert.equal(queue.pop(), undefined);
  });

  test('ready resolves when a pod comes and rejects when aborted', async () => {
    const { queue } = fixture();
    const ready = queue.ready(new AbortController().signal);
    queue.add(named('a'));
    await ready;
    queue.pop();
    const stop = new AbortController();
    const waiting = queue.ready(stop.signal);
    stop.abort(new Error('stopped'));
    await assert.rejects(waiting, /stopped/);
  });

  test('a pod that was turned down moves only on events of the plugins that did', () => {
    const { queue, fail } = fixture([
      { plugin: 'Fit', event: NODE_ADD },
      { plugin: 'Ports', event: POD_DELETE },
    ]);
    const a = named('a');
    const b = named('b');
    queue.add(a);
    fail('Fit');
    queue.add(b);
    fail('Ports');
    queue.move(POD_DELETE, pod({ name: 'gone' }), undefined);
    assert.equal(queue.placeOf(uidOf(a)), 'unschedulable');
    assert.equal(queue.placeOf(uidOf(b)), 'backoff');
    queue.move(NODE_ADD, undefined, {});
    assert.equal(queue.placeOf(uidOf(a)), 'backoff');
  });

  test('a hint that says no leaves the pod where it is, one that fails moves it', () => {
    const { queue, fail } = fixture([
      { plugin: 'No', event: NODE_ADD, hint: () => false },
      {
        plugin: 'Broken',
        event: NODE_ADD,
        hint: () => {
          throw new Error('broken');
        },
      },
    ]);
    const a = named('a');
    const b = named('b');
    queue.add(a);
    fail('No');
    queue.add(b);
    fail('Broken');
    queue.move(NODE_ADD, undefined, {});
    assert.equal(queue.placeOf(uidOf(a)), 'unschedulable');
    assert.equal(queue.placeOf(uidOf(b)), 'backoff');
  });

  test('an event during an attempt is not lost', () => {
    const { queue } = fixture([{ plugin: 'Fit', event: NODE_ADD }]);
    const a = named('a');
    queue.add(a);
    const queued = queue.pop();
    assert.ok(queued);
    queue.move(NODE_ADD, undefined, {});
    queued.unschedulablePlugins = new Set(['Fit']);
    queue.putBack(queued);
    assert.equal(queue.placeOf(uidOf(a)), 'backoff');
  });

  test('an event before an attempt does not count for it', () => {
    const { queue, fail } = fixture([{ plugin: 'Fit', event: NODE_ADD }]);
    const a = named('a');
    const other = named('other');
    queue.add(other);
    const flying = queue.pop();
    queue.move(NODE_ADD, undefined, {});
    queue.add(a);
    fail('Fit');
    assert.equal(queue.placeOf(uidOf(a)), 'unschedulable');
    queue.done(flying?.info.uid ?? '');
  });

  test('an event moves any number of pods, in later turns if they are many', async () => {
    const { queue, fail } = fixture([{ plugin: 'Fit', event: NODE_ADD }]);
    for (let i = 0; i < 2500; i++) {
      queue.add(named(`pod-${i}`));
      fail('Fit');
    }
    queue.move(NODE_ADD, undefined, {});
    assert.equal(queue.sizes.backoff, 1000);
    queue.delete('uid-default-pod-2400');
    await until(() => queue.sizes.unschedulable === 0);
    assert.equal(queue.sizes.backoff, 2499);
  });

  test('too many events during an attempt count as one that concerns the pod', () => {
    const { queue } = fixture([{ plugin: 'Fit', event: NODE_ADD, hint: () => false }]);
    const a = named('a');
    queue.add(a);
    const queued = queue.pop();
    assert.ok(queued);
    for (let i = 0; i <= 10_000; i++) queue.move(NODE_ADD, undefined, {});
    queued.unschedulablePlugins = new Set(['Fit']);
    queue.putBack(queued);
    assert.equal(queue.placeOf(uidOf(a)), 'backoff');
  });

  test('a pending plugin lets its pod go on without a backoff', () => {
    const { queue } = fixture([{ plugin: 'Volume', event: NODE_ADD }]);
    const a = named('a');
    queue.add(a);
    const queued = queue.pop();
    assert.ok(queued);
    queued.pendingPlugins = new Set(['Volume']);
    queue.putBack(queued);
    queue.move(NODE_ADD, undefined, {});
    assert.equal(queue.placeOf(uidOf(a)), 'active');
  });

  test('errors back off from 1 s to 10 s, each time twice as long', async () => {
    const { queue, clock, fail } = fixture();
    const a = named('a');
    queue.add(a);
    for (const seconds of [1, 2, 4, 8, 10, 10]) {
      fail();
      assert.equal(queue.pop(), undefined, 'an error waits its backoff out');
      await clock.advance(seconds * 1000 - 1);
      assert.equal(queue.placeOf(uidOf(a)), 'backoff', `before ${seconds} s`);
      await clock.advance(1);
      assert.equal(queue.placeOf(uidOf(a)), 'active', `after ${seconds} s`);
    }
  });

  test('a pod that was turned down does not wait for its backoff when nothing else is to be done', () => {
    const { queue, fail } = fixture([{ plugin: 'Fit', event: NODE_ADD }]);
    const a = named('a');
    queue.add(a);
    fail('Fit');
    queue.move(NODE_ADD, undefined, {});
    assert.equal(queue.placeOf(uidOf(a)), 'backoff');
    queue.add(named('b'));
    assert.equal(queue.pop()?.info.pod.metadata.name, 'b');
    assert.equal(queue.pop()?.info.pod.metadata.name, 'a');
  });

  test('in one second of backoff the more important pod comes first', async () => {
    const { queue, clock, fail } = fixture([{ plugin: 'Fit', event: NODE_ADD }]);
    queue.add(named('low'));
    fail('Fit');
    await clock.advance(300);
    queue.add(named('high', { priority: 5 }));
    fail('Fit');
    queue.move(NODE_ADD, undefined, {});
    assert.equal(queue.pop()?.info.pod.metadata.name, 'high');
  });

  test('a pod that nothing moved is tried again after five minutes', async () => {
    const { queue, clock, fail } = fixture();
    const a = named('a');
    queue.add(a);
    fail('Fit');
    await clock.advance(300_000);
    assert.equal(queue.placeOf(uidOf(a)), 'unschedulable');
    await clock.advance(30_000);
    assert.equal(queue.placeOf(uidOf(a)), 'active');
  });

  test('a gated pod waits for its gates, whatever happens and however long', async () => {
    const { queue, clock } = fixture([{ plugin: 'Fit', event: NODE_ADD }]);
    const before = gated('a');
    queue.add(before);
    assert.deepEqual(queue.sizes, { active: 0, backoff: 0, unschedulable: 0, gated: 1 });
    queue.move(NODE_ADD, undefined, {});
    queue.activate([{ uid: uidOf(before), pod: before } as never]);
    await clock.advance(600_000);
    assert.equal(queue.pop(), undefined);
    queue.update(before, named('a'));
    assert.equal(queue.pop()?.info.pod.metadata.name, 'a');
  });

  test('activate brings a waiting pod back at once, and one in flight when it comes back', () => {
    const { queue, fail } = fixture();
    const a = named('a');
    queue.add(a);
    const failed = fail('Fit');
    queue.activate([failed.info]);
    assert.equal(queue.placeOf(uidOf(a)), 'active');
    const flying = queue.pop();
    assert.ok(flying);
    queue.activate([flying.info]);
    flying.unschedulablePlugins = new Set(['Fit']);
    queue.putBack(flying);
    assert.equal(queue.placeOf(uidOf(a)), 'backoff');
  });

  test('an update reaches the pod wherever it waits, and only what concerns its rejection moves it', () => {
    const { queue, fail } = fixture([
      { plugin: 'Taints', event: { resource: 'TargetPod', action: 'UpdatePodToleration' } },
    ]);
    const before = named('a');
    queue.add(before);
    const relabelled = named('a', { labels: { x: 'y' } });
    queue.update(before, relabelled);
    assert.equal(fail('Taints').info.pod, relabelled);
    const annotated = named('a', { labels: { x: 'z' } });
    queue.update(relabelled, annotated);
    assert.equal(queue.placeOf(uidOf(before)), 'unschedulable');
    const tolerant = named('a', { labels: { x: 'z' }, spec: { tolerations: [{ operator: 'Exists' }] } });
    queue.update(annotated, tolerant);
    assert.equal(queue.pop()?.info.pod, tolerant);
  });

  test('a deleted pod is nowhere', () => {
    const { queue, fail } = fixture();
    const a = named('a');
    queue.add(a);
    queue.delete(uidOf(a));
    assert.equal(queue.pop(), undefined);
    queue.add(a);
    fail('Fit');
    queue.delete(uidOf(a));
    assert.deepEqual(queue.sizes, { active: 0, backoff: 0, unschedulable: 0, gated: 0 });
  });

  test('a pod that failed after it left its flight comes back all the same', () => {
    const { queue } = fixture();
    const a = named('a');
    queue.add(a);
    const queued = queue.pop();
    assert.ok(queued);
    queue.done(queued.info.uid);
    queue.putBack(queued);
    assert.equal(queue.placeOf(uidOf(a)), 'backoff');
  });
});
