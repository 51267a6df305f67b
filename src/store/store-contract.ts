// What every backend of the store must do, as a suite that each of them runs from its own test file. The randomized part
// is in store-model-contract.ts.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CompactedError,
  FutureRevisionError,
  prefixRange,
  type Store,
  type StoreEvent,
  type StoreItem,
  StoreUnavailableError,
  type WatchListener,
} from './store.ts';
import { storeModelContract } from './store-model-contract.ts';

const EVERYTHING = prefixRange('');

/** `open` gives a new, empty store each time; the suite closes it. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} store`, () => {
    writes(open);
    lists(open);
    watches(open);
    compactions(open);
    closing(open);
    storeModelContract(open);
  });
}

function writes(open: () => Promise<Store>): void {
  describe('put and delete', () => {
    test('every write and delete of any key takes the next revision', async () => {
      await using store = await open();
      assert.equal(await store.currentRevision(), 0);
      assert.deepEqual(await store.put('/a', bytes('1'), 0), { ok: true, revision: 1 });
      assert.deepEqual(await store.put('/b', bytes('2'), 0), { ok: true, revision: 2 });
      assert.deepEqual(await store.put('/a', bytes('3'), 1), { ok: true, revision: 3 });
      assert.deepEqual(await store.delete('/b', 2), { ok: true, revision: 4 });
      assert.deepEqual(await store.put('/b', bytes('4'), 0), { ok: true, revision: 5 });
      assert.equal(await store.currentRevision(), 5);
      assert.deepEqual(shown(await store.get('/a')), '/a@3=3');
      assert.deepEqual(shown(await store.get('/b')), '/b@5=4');
      assert.equal(await store.get('/c'), undefined);
    });

    test('a write that expects another revision changes nothing and says what is there', async () => {
      await using store = await open();
      await store.put('/a', bytes('1'), 0);
      for (const result of [
        await store.put('/a', bytes('x'), 0),
        await store.put('/a', bytes('x'), 2),
        await store.delete('/a', 0),
        await store.delete('/a', 7),
      ]) {
        assert.ok(!result.ok);
        assert.equal(shown(result.current), '/a@1=1');
      }
      assert.deepEqual(await store.put('/b', bytes('x'), 1), { ok: false, current: undefined });
      assert.deepEqual(await store.delete('/b', 0), { ok: false, current: undefined });
      assert.equal(await store.currentRevision(), 1);
    });

    test('writes of one key under way together are decided one after the other', async () => {
      await using store = await open();
      const results = await Promise.all([
        store.put('/a', bytes('1'), 0),
        store.put('/a', bytes('2'), 0),
        store.put('/a', bytes('3'), 1),
        store.delete('/a', 2),
        store.delete('/a', 2),
        store.put('/a', bytes('4'), 0),
      ]);
      assert.deepEqual(
        results.map((result) => (result.ok ? result.revision : shown(result.current))),
        [1, '/a@1=1', 2, 3, undefined, 4],
      );
      assert.equal(shown(await store.get('/a')), '/a@4=4');
    });

    test('of many writers that expect the same revision one wins, and a counter loses no step', async () => {
      await using store = await open();
      const increment = async () => {
        for (let attempt = 0; attempt < 1000; attempt++) {
          const current = await store.get('/counter');
          const next = Number(current ? text(current.value) : '0') + 1;
          if ((await store.put('/counter', bytes(String(next)), current?.revision ?? 0)).ok) return;
        }
        assert.fail('never won');
      };
      await Promise.all(Array.from({ length: 20 }, increment));
      assert.equal(shown(await store.get('/counter')), '/counter@20=20');
    });

    test('values are kept byte for byte: empty, binary, large, and part of a larger buffer', async () => {
      await using store = await open();
      const large = Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * 7) & 255);
      const values = [new Uint8Array(0), Uint8Array.of(0, 255, 128, 0), large, large.subarray(1000, 1300)];
      await Promise.all(values.map((value, i) => store.put(`/v/${i}`, value, 0)));
      const { items } = await store.list(prefixRange('/v/'));
      assert.deepEqual(
        items.map(({ value }) => Buffer.from(value)),
        values.map((value) => Buffer.from(value)),
      );
    });
  });
}

function lists(open: () => Promise<Store>): void {
  describe('list', () => {
    test('gives the keys of the range in order of bytes', async () => {
      await using store = await open();
      for (const key of ['/a/b', '/a', '/a/', '/b', '/a0', '/A', '/a-b', '/a/b/c', '/a/a']) {
        await store.put(key, bytes(''), 0);
      }
      const keys = async (range: { start: string; end: string | undefined }) =>
        (await store.list(range)).items.map(({ key }) => key);
      assert.deepEqual(await keys(prefixRange('/a/')), ['/a/', '/a/a', '/a/b', '/a/b/c']);
      assert.deepEqual(await keys(EVERYTHING), ['/A', '/a', '/a-b', '/a/', '/a/a', '/a/b', '/a/b/c', '/a0', '/b']);
      assert.deepEqual(await keys({ start: '/a/a\0', end: '/b' }), ['/a/b', '/a/b/c', '/a0']);
      assert.deepEqual(await keys({ start: '/b', end: undefined }), ['/b']);
      assert.deepEqual(await keys({ start: '/b', end: '/a' }), []);
    });

    test('with a limit says how many come after, and goes on at the same revision while others write', async () => {
      await using store = await open();
      for (let i = 0; i < 100; i++) await store.put(key(i), bytes(String(i)), 0);
      const first = await store.list(prefixRange('/k/'), { limit: 40 });
      assert.deepEqual([first.revision, first.items.length, first.remaining], [100, 40, 60]);
      await store.delete(key(50), 51);
      await store.put('/k/00500', bytes('new'), 0);
      await store.put(key(60), bytes('changed'), 61);
      const rest = await store.list(
        { start: `${first.items.at(-1)?.key}\0`, end: prefixRange('/k/').end },
        { limit: 1000, revision: first.revision },
      );
      assert.deepEqual([rest.revision, rest.remaining], [100, 0]);
      const seen = [...first.items, ...rest.items].map(shown);
      assert.deepEqual(
        seen,
        Array.from({ length: 100 }, (_, i) => `${key(i)}@${i + 1}=${i}`),
      );
      const counted = await store.list(prefixRange('/k/'), { limit: 0 });
      assert.deepEqual([counted.revision, counted.items.length, counted.remaining], [103, 0, 100]);
    });

    test('at a revision gives the state of then', async () => {
      await using store = await open();
      await store.put('/a', bytes('1'), 0);
      await store.put('/b', bytes('2'), 0);
      await store.put('/a', bytes('3'), 1);
      await store.delete('/b', 2);
      await store.put('/b', bytes('5'), 0);
      const states = [[], ['/a@1=1'], ['/a@1=1', '/b@2=2'], ['/a@3=3', '/b@2=2'], ['/a@3=3'], ['/a@3=3', '/b@5=5']];
      for (const [revision, state] of states.entries()) {
        const result = await store.list(EVERYTHING, { revision });
        assert.deepEqual([result.revision, result.items.map(shown)], [revision, state]);
      }
    });

    test('throws FutureRevisionError for a revision that is not there yet', async () => {
      await using store = await open();
      await store.put('/a', bytes('1'), 0);
      await assert.rejects(
        store.list(EVERYTHING, { revision: 2 }),
        (error) => error instanceof FutureRevisionError && error.currentRevision === 1,
      );
    });
  });
}

function watches(open: () => Promise<Store>): void {
  describe('watch', () => {
    test('tells puts and deletes of the range, each with what was there before', async () => {
      await using store = await open();
      const watch = new Recorder();
      using _ = store.watch(prefixRange('/a/'), 0, watch);
      await store.put('/a/x', bytes('1'), 0);
      await store.put('/b/x', bytes('2'), 0);
      await store.put('/a/x', bytes('3'), 1);
      await store.delete('/a/x', 3);
      await store.put('/a/x', bytes('5'), 0);
      assert.deepEqual(watch.seen, ['/a/x@1=1', '/a/x@3=3 was /a/x@1=1', '/a/x@4 deleted, was /a/x@3=3', '/a/x@5=5']);
    });

    test('from the past gives what came after, then what comes', async () => {
      await using store = await open();
      for (let i = 0; i < 10; i++) await store.put(key(i), bytes(''), 0);
      const watch = new Recorder();
      using _ = store.watch(EVERYTHING, 6, watch);
      assert.deepEqual(watch.revisions, [], 'nothing comes before watch has returned');
      await store.put(key(10), bytes(''), 0);
      assert.deepEqual(watch.revisions, [7, 8, 9, 10, 11]);
    });

    test('from now gives only what comes, from the future only what comes after', async () => {
      await using store = await open();
      await store.put('/a', bytes('1'), 0);
      const now = new Recorder();
      const future = new Recorder();
      using _now = store.watch(EVERYTHING, 1, now);
      using _future = store.watch(EVERYTHING, 3, future);
      for (let i = 0; i < 4; i++) await store.put(key(i), bytes(''), 0);
      assert.deepEqual(
        [now.revisions, future.revisions],
        [
          [2, 3, 4, 5],
          [4, 5],
        ],
      );
    });

    test('loses, doubles and reorders nothing while many write and watches come and go', async () => {
      await using store = await open();
      const watches: { from: number; recorder: Recorder; handle: Disposable }[] = [];
      const writer = async (w: number) => {
        let at = 0;
        for (let i = 0; i < 30; i++) {
          const result =
            at > 0 && i % 7 === 6 ? await store.delete(key(w), at) : await store.put(key(w), bytes(`${i}`), at);
          assert.ok(result.ok);
          at = i % 7 === 6 ? 0 : result.revision;
          if (i % 10 === w % 10) {
            const from = Math.max(0, result.revision - (w % 3) * 100);
            const recorder = new Recorder();
            watches.push({ from, recorder, handle: store.watch(EVERYTHING, from, recorder) });
          }
        }
      };
      await Promise.all(Array.from({ length: 30 }, (_, w) => writer(w)));
      assert.equal(await store.currentRevision(), 900);
      assert.ok(watches.length >= 30);
      for (const { from, recorder, handle } of watches) {
        handle[Symbol.dispose]();
        assert.deepEqual(
          recorder.revisions,
          Array.from({ length: 900 - from }, (_, i) => from + 1 + i),
        );
      }
    });

    test('has told an event before the write is acknowledged and a read shows it only when told', async () => {
      await using store = await open();
      const watch = new Recorder();
      using _ = store.watch(EVERYTHING, 0, watch);
      const writing = Promise.all(Array.from({ length: 50 }, (_, i) => store.put(key(i), bytes(''), 0)));
      while ((await store.currentRevision()) < 50) {
        const { revision } = await store.list(EVERYTHING);
        assert.ok((watch.revisions.at(-1) ?? 0) >= revision);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(watch.revisions.length, 50);
      await writing;
    });

    test('gives the very bytes that were put', async () => {
      await using store = await open();
      const value = bytes('shared');
      const seen: StoreEvent[] = [];
      using _ = store.watch(EVERYTHING, 0, { events: (batch) => seen.push(...batch), closed: () => {} });
      await store.put('/a', value, 0);
      const [event] = seen;
      assert.ok(event?.type === 'put' && event.item.value === value);
    });

    test('makes no call once disposed, not even when disposed by its own listener', async () => {
      await using store = await open();
      const before = new Recorder();
      store.watch(EVERYTHING, 0, before)[Symbol.dispose]();
      const during: number[] = [];
      const handle: Disposable = store.watch(EVERYTHING, 0, {
        events: (batch) => {
          during.push(batch.length);
          handle[Symbol.dispose]();
        },
        closed: () => during.push(-1),
      });
      await store.put('/a', bytes(''), 0);
      await store.put('/b', bytes(''), 0);
      assert.deepEqual([before.seen, before.ends, during], [[], [], [1]]);
    });

    test('keeps the order for every watch when a listener writes', async () => {
      await using store = await open();
      const follow: Promise<unknown>[] = [];
      using _first = store.watch(EVERYTHING, 0, {
        events: (batch) => {
          const revision = revisionOf(batch.at(-1)!);
          if (revision < 10) follow.push(store.put(key(revision), bytes(''), 0));
        },
        closed: () => {},
      });
      const second = new Recorder();
      using _second = store.watch(EVERYTHING, 0, second);
      await store.put('/start', bytes(''), 0);
      for (let i = 0; i < follow.length; i++) await follow[i];
      assert.deepEqual(second.revisions, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    test('ends with the error of a listener that throws, and harms neither the write nor other watches', async () => {
      await using store = await open();
      const ends: unknown[] = [];
      const broken = new Error('listener');
      using _broken = store.watch(EVERYTHING, 0, {
        events: () => {
          throw broken;
        },
        closed: (error) => ends.push(error),
      });
      const other = new Recorder();
      using _other = store.watch(EVERYTHING, 0, other);
      assert.deepEqual(await store.put('/a', bytes(''), 0), { ok: true, revision: 1 });
      assert.deepEqual(await store.put('/b', bytes(''), 0), { ok: true, revision: 2 });
      assert.deepEqual([ends, other.revisions], [[broken], [1, 2]]);
    });
  });
}

function compactions(open: () => Promise<Store>): void {
  describe('compact', () => {
    test('forgets what is older than the revision and keeps the rest', async () => {
      await using store = await open();
      for (let i = 0; i < 300; i++) await store.put(key(i % 3), bytes(String(i)), i < 3 ? 0 : i - 2);
      await store.compact(290);
      await assert.rejects(
        store.list(EVERYTHING, { revision: 289 }),
        (error) => error instanceof CompactedError && error.oldestRevision === 290,
      );
      const oldest = await store.list(EVERYTHING, { revision: 290 });
      assert.deepEqual(oldest.items.map(shown), [`${key(0)}@289=288`, `${key(1)}@290=289`, `${key(2)}@288=287`]);
      const newest = await store.list(EVERYTHING);
      assert.deepEqual(newest.items.map(shown), [`${key(0)}@298=297`, `${key(1)}@299=298`, `${key(2)}@300=299`]);
      assert.equal(shown(await store.get(key(2))), `${key(2)}@300=299`);
    });

    test('keeps the newest values and what a watch must say about them', async () => {
      await using store = await open();
      await store.put('/a', bytes('1'), 0);
      await store.put('/b', bytes('2'), 0);
      await store.put('/c', bytes('3'), 0);
      await store.compact(3);
      const watch = new Recorder();
      using _ = store.watch(EVERYTHING, 3, watch);
      assert.equal(shown(await store.get('/a')), '/a@1=1');
      const refused = await store.put('/a', bytes('x'), 0);
      assert.equal(refused.ok ? undefined : shown(refused.current), '/a@1=1');
      await store.put('/a', bytes('4'), 1);
      await store.delete('/b', 2);
      assert.deepEqual(watch.seen, ['/a@4=4 was /a@1=1', '/b@5 deleted, was /b@2=2']);
      const { items } = await store.list(EVERYTHING, { revision: 3 });
      assert.deepEqual(items.map(shown), ['/a@1=1', '/b@2=2', '/c@3=3']);
    });

    test('ends a watch from before it with CompactedError and leaves live ones alone', async () => {
      await using store = await open();
      const live = new Recorder();
      using _live = store.watch(EVERYTHING, 0, live);
      for (let i = 0; i < 5; i++) await store.put(key(i), bytes(''), 0);
      await store.compact(4);
      const old = new Recorder();
      const edge = new Recorder();
      using _old = store.watch(EVERYTHING, 3, old);
      using _edge = store.watch(EVERYTHING, 4, edge);
      await store.put('/new', bytes(''), 0);
      assert.deepEqual(live.revisions, [1, 2, 3, 4, 5, 6]);
      assert.deepEqual([edge.revisions, edge.ends], [[5, 6], []]);
      assert.equal(old.seen.length, 0);
      const [end] = old.ends;
      assert.ok(old.ends.length === 1 && end instanceof CompactedError && end.oldestRevision === 4);
    });

    test('does nothing when repeated, refuses the future, and takes no revision', async () => {
      await using store = await open();
      for (let i = 0; i < 5; i++) await store.put(key(i), bytes(''), 0);
      await store.compact(4);
      await store.compact(4);
      await store.compact(2);
      await assert.rejects(store.compact(6), FutureRevisionError);
      await store.compact(5);
      assert.equal(await store.currentRevision(), 5);
      assert.deepEqual(await store.put('/new', bytes(''), 0), { ok: true, revision: 6 });
      assert.equal((await store.list(EVERYTHING, { revision: 5 })).items.length, 5);
    });
  });
}

function closing(open: () => Promise<Store>): void {
  describe('asyncDispose', () => {
    test('finishes the writes under way, ends the watches, and refuses what comes later', async () => {
      const store = await open();
      const watch = new Recorder();
      store.watch(EVERYTHING, 0, watch);
      const writing = Promise.all(Array.from({ length: 20 }, (_, i) => store.put(key(i), bytes(''), 0)));
      await store[Symbol.asyncDispose]();
      assert.ok((await writing).every((result) => result.ok));
      assert.deepEqual([watch.revisions.length, watch.ends], [20, [undefined]]);
      for (const refused of [
        () => store.get('/a'),
        () => store.list(EVERYTHING),
        () => store.put('/a', bytes(''), 0),
        () => store.delete('/a', 1),
        () => store.currentRevision(),
        () => store.compact(1),
        async () => store.watch(EVERYTHING, 0, watch),
      ]) {
        await assert.rejects(refused(), StoreUnavailableError);
      }
      await store[Symbol.asyncDispose]();
      assert.equal(watch.ends.length, 1);
    });
  });
}

/** Writes down what a watch says. */
class Recorder implements WatchListener {
  readonly seen: string[] = [];
  readonly revisions: number[] = [];
  readonly ends: (Error | undefined)[] = [];

  events(batch: readonly StoreEvent[]): void {
    assert.ok(batch.length > 0);
    for (const event of batch) {
      this.revisions.push(revisionOf(event));
      const was = event.previous ? `was ${shown(event.previous)}` : '';
      if (event.type === 'put') this.seen.push(`${shown(event.item)} ${was}`.trim());
      else this.seen.push(`${event.key}@${event.revision} deleted, ${was}`);
    }
  }

  closed(error: Error | undefined): void {
    this.ends.push(error);
  }
}

function revisionOf(event: StoreEvent): number {
  return event.type === 'put' ? event.item.revision : event.revision;
}

function key(i: number): string {
  return `/k/${String(i).padStart(4, '0')}`;
}

function shown(item: StoreItem | undefined): string | undefined {
  return item && `${item.key}@${item.revision}=${text(item.value)}`;
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
