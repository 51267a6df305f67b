// Keeps the caches of all resources in step with the store, through one watch over everything: so there is one revision
// up to which the whole API is known, which is what lists and bookmarks carry.

import { type Clock, sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { type KeyRange, prefixRange, type Store, type StoreEvent, type StoreItem } from '../../store/store.ts';
import type { ResourceCache } from './resource-cache.ts';

export const REGISTRY = '/registry/';
const PAGE = 2000;
const RETRY_MS = 1000;

interface Waiting {
  readonly revision: number;
  readonly done: () => void;
}

export class StoreFeed implements AsyncDisposable {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #caches: ReadonlyMap<string, ResourceCache>;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<Waiting>();
  #revision = 0;
  #watch: Disposable | undefined;
  #failure: Error | undefined;
  #recovery: Promise<void> | undefined;

  private constructor(
    { store, clock, log }: { readonly store: Store; readonly clock: Clock; readonly log: Logger },
    caches: readonly ResourceCache[],
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#caches = new Map(caches.map((cache) => [cache.prefix, cache]));
  }

  /** Loads the caches and follows the store from there. */
  static async open(
    dependencies: { readonly store: Store; readonly clock: Clock; readonly log: Logger },
    caches: readonly ResourceCache[],
  ): Promise<StoreFeed> {
    const feed = new StoreFeed(dependencies, caches);
    await feed.#start();
    return feed;
  }

  /** Everything up to this revision is in the caches. */
  get revision(): number {
    return this.#revision;
  }

  /** Why the caches are not being kept in step at the moment. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves when the caches have everything up to the revision; false when that takes longer than the timeout. */
  async reach(revision: number, options: { readonly timeoutMs: number }): Promise<boolean> {
    if (this.#revision >= revision) return true;
    return new Promise((resolve) => {
      const finish = (reached: boolean) => {
        this.#waiting.delete(waiting);
        timer[Symbol.dispose]();
        resolve(reached);
      };
      const waiting = { revision, done: () => finish(true) };
      const timer = this.#clock.after(options.timeoutMs, () => finish(false));
      this.#waiting.add(waiting);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#watch?.[Symbol.dispose]();
    await this.#recovery;
  }

  async #start(): Promise<void> {
    const items: StoreItem[] = [];
    const revision = await readAll(this.#store, items);
    for (const [prefix, found] of groupByPrefix(items, this.#caches.keys())) {
      this.#caches.get(prefix)?.load(found, revision);
    }
    this.#advance(revision);
    this.#watch = this.#store.watch(prefixRange(REGISTRY), revision, {
      events: (batch) => this.#apply(batch),
      closed: (error) => this.#lost(error),
    });
  }

  #apply(batch: readonly StoreEvent[]): void {
    let cache: ResourceCache | undefined;
    let run: StoreEvent[] = [];
    // Events of one resource that stand together go on together; the order across resources is kept.
    for (const event of batch) {
      const key = event.type === 'put' ? event.item.key : event.key;
      const next = this.#caches.get(prefixOf(key));
      if (next !== cache) {
        if (run.length > 0) cache?.apply(run);
        cache = next;
        run = [];
      }
      run.push(event);
    }
    if (run.length > 0) cache?.apply(run);
    const last = batch.at(-1);
    if (last) this.#advance(last.type === 'put' ? last.item.revision : last.revision);
  }

  #advance(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    for (const waiting of this.#waiting) if (waiting.revision <= this.#revision) waiting.done();
  }

  #lost(error: Error | undefined): void {
    if (this.#closing.signal.aborted) return;
    this.#failure = error ?? new Error('the store ended its watch');
    this.#log.error('lost the watch on the store', { error: this.#failure });
    this.#recovery = this.#recover();
  }

  async #recover(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        await sleep(this.#clock, RETRY_MS, this.#closing.signal);
        await this.#start();
        this.#failure = undefined;
        this.#log.info('follows the store again', { revision: this.#revision });
        return;
      } catch (error) {
        if (!this.#closing.signal.aborted) this.#failure = error as Error;
      }
    }
  }
}

/** Reads the whole registry as of one revision, in pages, and returns that revision. */
async function readAll(store: Store, items: StoreItem[]): Promise<number> {
  const whole = prefixRange(REGISTRY);
  let range: KeyRange = whole;
  let page = await store.list(range, { limit: PAGE });
  const { revision } = page;
  for (;;) {
    for (const item of page.items) items.push(item);
    const last = page.items.at(-1);
    if (page.remaining === 0 || !last) return revision;
    range = { start: `${last.key}\0`, end: whole.end };
    page = await store.list(range, { limit: PAGE, revision });
  }
}

/** The items of each prefix, also of those that have none. */
function groupByPrefix(items: readonly StoreItem[], prefixes: Iterable<string>): Map<string, StoreItem[]> {
  const groups = new Map<string, StoreItem[]>();
  for (const prefix of prefixes) groups.set(prefix, []);
  for (const item of items) groups.get(prefixOf(item.key))?.push(item);
  return groups;
}

/** `/registry/core/pods/` of `/registry/core/pods/default/web-0`. */
function prefixOf(key: string): string {
  const group = key.indexOf('/', REGISTRY.length);
  return key.slice(0, key.indexOf('/', group + 1) + 1);
}
