// The store for tests and embedding: everything in memory, a write is done when it is called, nothing outlives the
// process. Runs wherever JavaScript runs.

import { type Entry, History } from './history.ts';
import {
  type KeyRange,
  type ListOptions,
  type ListResult,
  type Store,
  type StoreEvent,
  type StoreItem,
  StoreUnavailableError,
  type WatchListener,
  type WriteResult,
} from './store.ts';

export function createMemoryStore(): Store {
  return new MemoryStore();
}

class MemoryStore implements Store {
  readonly #history = new History({ keepValues: true });
  #closed = false;

  async currentRevision(): Promise<number> {
    return this.#open().revision;
  }

  async get(key: string): Promise<StoreItem | undefined> {
    return this.#open().get(key)?.item;
  }

  async list(range: KeyRange, options?: ListOptions): Promise<ListResult> {
    const { entries, revision, remaining } = this.#open().list(range, options);
    return { items: entries.map(itemOf), revision, remaining };
  }

  async put(key: string, value: Uint8Array, expected: number): Promise<WriteResult> {
    const history = this.#open();
    const current = history.get(key)?.item;
    if ((current?.revision ?? 0) !== expected) return { ok: false, current };
    const revision = history.revision + 1;
    return this.#write({ type: 'put', item: { key, value, revision }, previous: current }, revision);
  }

  async delete(key: string, expected: number): Promise<WriteResult> {
    const history = this.#open();
    const current = history.get(key)?.item;
    if (!current || current.revision !== expected) return { ok: false, current };
    const revision = history.revision + 1;
    return this.#write({ type: 'delete', key, revision, previous: current }, revision);
  }

  watch(range: KeyRange, after: number, listener: WatchListener): Disposable {
    return this.#open().watch(range, after, listener);
  }

  async compact(revision: number): Promise<void> {
    this.#open().compact(revision);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#history.close(undefined);
  }

  #write(event: StoreEvent, revision: number): WriteResult {
    this.#history.apply([event]);
    return { ok: true, revision };
  }

  #open(): History {
    if (this.#closed) throw new StoreUnavailableError('the store has been closed');
    return this.#history;
  }
}

function itemOf(entry: Entry): StoreItem {
  return entry.item!; // The history keeps the values.
}
