// The randomized part of the store's contract: many concurrent clients do random things, and every answer is checked
// against a model that only knows the events in order. A seed that fails is in the test's name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../base/random.ts';
import {
  CompactedError,
  type KeyRange,
  type ListResult,
  type Store,
  type StoreEvent,
  type StoreItem,
} from './store.ts';

const SEEDS = [1, 2, 3, 4, 5];
const CLIENTS = 8;
const STEPS = 150;
const KEYS = 40;

/** What a client was told, to be judged when the whole order of events is known. */
interface ListAnswer {
  readonly range: KeyRange;
  readonly limit: number | undefined;
  readonly result: ListResult;
}

export function storeModelContract(open: () => Promise<Store>): void {
  for (const seed of SEEDS) {
    test(`agrees with the model when clients do random things, seed ${seed}`, async () => {
      await using store = await open();
      const random = seededRandom(seed);
      const run = new Run(store, random);
      await Promise.all(Array.from({ length: CLIENTS }, () => run.client()));
      await run.check();
    });
  }
}

class Run {
  readonly #store: Store;
  readonly #random: Random;
  readonly #events: StoreEvent[] = [];
  readonly #lists: ListAnswer[] = [];
  readonly #watches: { range: KeyRange; after: number; events: StoreEvent[]; compactedAt: number }[] = [];
  readonly #acknowledged = new Map<number, string>();
  #compacted = 0;

  constructor(store: Store, random: Random) {
    this.#store = store;
    this.#random = random;
    store.watch({ start: '', end: undefined }, 0, {
      events: (batch) => this.#events.push(...batch),
      closed: (error) => assert.ok(!error, error?.message),
    });
  }

  async client(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      const choice = this.#random.next();
      if (choice < 0.65) await this.#write(choice);
      else if (choice < 0.75) await this.#list({ limit: this.#pick(20) });
      else if (choice < 0.9) await this.#listThePast();
      else if (choice < 0.97) this.#watch();
      else await this.#compact();
    }
  }

  /** Judges everything that was told against the events in their order. */
  async check(): Promise<void> {
    const { revision } = await this.#store.list({ start: '', end: undefined });
    assert.deepEqual(this.#events.map(revisionOf), range1(revision), 'every revision once and in order');
    const states: ReadonlyMap<string, StoreItem>[] = [new Map()];
    for (const event of this.#events) {
      const state = new Map(states.at(-1));
      const key = keyOf(event);
      assert.deepEqual(event.previous, state.get(key), 'an event says what was there before');
      if (event.type === 'put') state.set(key, event.item);
      else state.delete(key);
      states.push(state);
      assert.equal(this.#acknowledged.get(revisionOf(event)), key, 'every event was acknowledged to its writer');
    }
    assert.equal(this.#acknowledged.size, this.#events.length);
    assert.ok(this.#lists.length > 0 && this.#watches.length > 0);
    for (const { range, limit, result } of this.#lists) {
      const all = [...states[result.revision]!.values()].filter((item) => inRange(range, item.key)).sort(byKey);
      const expected = all.slice(0, limit);
      assert.deepEqual([result.items, result.remaining], [expected, all.length - expected.length]);
    }
    for (const { range, after, events, compactedAt } of this.#watches) {
      const expected =
        after < compactedAt ? [] : this.#events.slice(after).filter((event) => inRange(range, keyOf(event)));
      assert.deepEqual(events.map(revisionOf), expected.map(revisionOf));
    }
  }

  async #write(choice: number): Promise<void> {
    const key = this.#key();
    const current = await this.#store.get(key);
    const expected = choice < 0.05 ? this.#pick(50) : (current?.revision ?? 0);
    const value = new TextEncoder().encode(`${key} ${this.#random.uuid()}`);
    const result =
      current && choice < 0.2 ? await this.#store.delete(key, expected) : await this.#store.put(key, value, expected);
    if (!result.ok) {
      assert.notEqual(result.current?.revision ?? -1, expected, 'a refused write was really out of date');
      return;
    }
    assert.ok(!this.#acknowledged.has(result.revision), 'no revision is given twice');
    this.#acknowledged.set(result.revision, key);
    assert.ok((await this.#store.currentRevision()) >= result.revision);
  }

  async #list(options: { readonly limit: number; readonly revision?: number }): Promise<void> {
    const range = this.#range();
    const limit = this.#random.next() < 0.3 ? undefined : options.limit;
    const { revision } = options;
    const result = await this.#store.list(range, {
      ...(limit === undefined ? {} : { limit }),
      ...(revision === undefined ? {} : { revision }),
    });
    if (revision !== undefined) assert.equal(result.revision, revision);
    this.#lists.push({ range, limit, result });
  }

  async #listThePast(): Promise<void> {
    const revision = this.#pick((await this.#store.currentRevision()) + 1);
    try {
      await this.#list({ limit: this.#pick(20), revision });
    } catch (error) {
      assert.ok(error instanceof CompactedError && revision < this.#compacted, String(error));
    }
  }

  /** A watch from the past or now, which lives to the end. */
  #watch(): void {
    const newest = this.#events.at(-1);
    const after = this.#pick((newest ? revisionOf(newest) : 0) + 1);
    const watch = { range: this.#range(), after, events: [] as StoreEvent[], compactedAt: 0 };
    this.#watches.push(watch);
    this.#store.watch(watch.range, after, {
      events: (batch) => watch.events.push(...batch),
      closed: (error) => {
        if (!error) return; // The end of the test.
        assert.ok(error instanceof CompactedError);
        assert.ok(watch.events.length === 0 && after < error.oldestRevision);
        watch.compactedAt = error.oldestRevision;
      },
    });
  }

  async #compact(): Promise<void> {
    const revision = Math.max(0, (await this.#store.currentRevision()) - this.#pick(100));
    this.#compacted = Math.max(this.#compacted, revision);
    await this.#store.compact(revision);
  }

  #pick(below: number): number {
    return Math.floor(this.#random.next() * below);
  }

  #key(): string {
    return `/${'abcd'[this.#pick(4)]}/${this.#pick(KEYS)}`;
  }

  #range(): KeyRange {
    const start = this.#key();
    return { start, end: this.#random.next() < 0.3 ? undefined : this.#key() };
  }
}

function range1(last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}

function revisionOf(event: StoreEvent): number {
  return event.type === 'put' ? event.item.revision : event.revision;
}

function keyOf(event: StoreEvent): string {
  return event.type === 'put' ? event.item.key : event.key;
}

function inRange({ start, end }: KeyRange, key: string): boolean {
  return key >= start && (end === undefined || key < end);
}

function byKey(a: StoreItem, b: StoreItem): number {
  return a.key < b.key ? -1 : 1;
}
