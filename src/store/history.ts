// What a store knows in memory: the newest state, every event since the last compaction, and the watches. Backends
// decide and store a write first and then `apply` it here. Whether the values of the newest state stay in memory too is
// the backend's choice; SQLite reads them from its file.

import { SortedItems } from './sorted-items.ts';
import {
  CompactedError,
  FutureRevisionError,
  type KeyRange,
  type ListOptions,
  type StoreEvent,
  type StoreItem,
  type WatchListener,
} from './store.ts';

/** A key at one revision. `item` may be missing where the value is not in memory: ask `History.itemOf`. */
export interface Entry {
  readonly key: string;
  readonly revision: number;
  /** The revision at which the key came to be; it stays until the key is deleted. */
  readonly created: number;
  /** Set for good at the latest when the key is written again, so that whoever holds the entry still gets the value. */
  item: StoreItem | undefined;
}

interface LogRecord {
  readonly event: StoreEvent;
  /** What the event put into the state; a delete puts nothing. */
  readonly entry: Entry | undefined;
}

interface Snapshot {
  readonly revision: number;
  readonly entries: SortedItems<Entry>;
}

interface Watcher {
  readonly range: KeyRange;
  readonly listener: WatchListener;
  /** Everything up to this revision has been delivered. */
  delivered: number;
  delivering: boolean;
}

/** A state between two snapshots is made by replaying at most this many events. */
const SNAPSHOT_INTERVAL = 256;
/** A watch from the past gets no more events than this in one call. */
const BATCH_LIMIT = 1000;

export class History {
  readonly #keepValues: boolean;
  readonly #newest = new SortedItems<Entry>();
  readonly #watchers = new Set<Watcher>();
  /** By rising revision; the first is the oldest state there is. */
  #snapshots: Snapshot[] = [];
  /** The event of revision `oldestRevision + 1` first, without gaps. */
  #log: LogRecord[] = [];
  #revision = 0;
  #oldestRevision = 0;

  /** `keepValues`: the values of the newest state stay in memory after a compaction as well. */
  constructor(options: { readonly keepValues: boolean }) {
    this.#keepValues = options.keepValues;
    this.#snapshots = [{ revision: 0, entries: this.#newest.snapshot() }];
  }

  get revision(): number {
    return this.#revision;
  }

  /** The state at this revision is the oldest that can be listed, and what came after it can be watched. */
  get oldestRevision(): number {
    return this.#oldestRevision;
  }

  /** Starts from a stored state whose past is not known. To be called once, before anything else. */
  load(entries: Iterable<Entry>, revision: number): void {
    for (const entry of entries) this.#newest.set(entry);
    this.#revision = this.#oldestRevision = revision;
    this.#snapshots = [{ revision, entries: this.#newest.snapshot() }];
  }

  get(key: string): Entry | undefined {
    return this.#newest.get(key);
  }

  /** The entry's item, if it is in memory. */
  itemOf(entry: Entry): StoreItem | undefined {
    if (entry.item) return entry.item;
    const event = this.#log[entry.revision - this.#oldestRevision - 1]?.event;
    return event?.type === 'put' ? event.item : undefined;
  }

  /** Throws `CompactedError` and `FutureRevisionError` as `Store.list` does. */
  list(
    range: KeyRange,
    { revision = this.#revision, limit }: ListOptions = {},
  ): { readonly entries: readonly Entry[]; readonly revision: number; readonly remaining: number } {
    const { items, remaining } = this.#stateAt(revision).range(range, limit);
    return { entries: items, revision, remaining };
  }

  /** Takes in events that are durable, the next revisions in order, and hands them to the watches before it returns. */
  apply(events: readonly StoreEvent[]): void {
    for (const event of events) this.#take(event);
    for (const watcher of this.#watchers) this.#deliver(watcher);
  }

  /** As `Store.watch`. A revision that is still to come is fine: the watch begins after it. */
  watch(range: KeyRange, after: number, listener: WatchListener): Disposable {
    const watcher: Watcher = { range, listener, delivered: after, delivering: false };
    this.#watchers.add(watcher);
    // The caller first gets what it needs to end the watch from within its listener.
    queueMicrotask(() => this.#deliver(watcher));
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /** As `Store.compact`. Nothing happens when that much has been forgotten already. */
  compact(revision: number): void {
    if (revision > this.#revision) throw new FutureRevisionError(this.#revision);
    if (revision <= this.#oldestRevision) return;
    const oldest: Snapshot = { revision, entries: this.#stateAt(revision).snapshot() };
    this.#snapshots = [oldest, ...this.#snapshots.filter((snapshot) => snapshot.revision > revision)];
    this.#log = this.#log.slice(revision - this.#oldestRevision);
    this.#oldestRevision = revision;
  }

  /** Ends every watch. */
  close(error: Error | undefined): void {
    for (const watcher of this.#watchers) this.#end(watcher, error);
  }

  #take(event: StoreEvent): void {
    const { key, revision } = event.type === 'put' ? event.item : event;
    const replaced = this.#newest.get(key);
    if (replaced) replaced.item = event.previous;
    let entry: Entry | undefined;
    if (event.type === 'put') {
      const created = replaced?.created ?? revision;
      entry = { key, revision, created, item: this.#keepValues ? event.item : undefined };
      this.#newest.set(entry);
    } else {
      this.#newest.delete(key);
    }
    this.#log.push({ event, entry });
    this.#revision = revision;
    if (revision - this.#snapshots.at(-1)!.revision >= SNAPSHOT_INTERVAL) {
      this.#snapshots.push({ revision, entries: this.#newest.snapshot() });
    }
  }

  /** For reading, or to take a snapshot of. */
  #stateAt(revision: number): SortedItems<Entry> {
    if (revision > this.#revision) throw new FutureRevisionError(this.#revision);
    if (revision < this.#oldestRevision) throw new CompactedError(this.#oldestRevision);
    if (revision === this.#revision) return this.#newest;
    const nearest = this.#snapshots.findLast((snapshot) => snapshot.revision <= revision)!;
    if (nearest.revision === revision) return nearest.entries;
    const state = nearest.entries.snapshot();
    for (let next = nearest.revision + 1; next <= revision; next++) {
      const { event, entry } = this.#log[next - this.#oldestRevision - 1]!;
      if (entry) state.set(entry);
      else if (event.type === 'delete') state.delete(event.key);
    }
    return state;
  }

  /**
   * Brings one watch up to date. A listener may write, watch, dispose and compact: the watch that is being delivered to
   * goes on from where it is, and the others have positions of their own.
   */
  #deliver(watcher: Watcher): void {
    if (watcher.delivering) return;
    watcher.delivering = true;
    while (watcher.delivered < this.#revision && this.#watchers.has(watcher)) {
      if (watcher.delivered < this.#oldestRevision) {
        this.#end(watcher, new CompactedError(this.#oldestRevision));
        return;
      }
      const batch = this.#nextBatch(watcher);
      if (batch.length === 0) continue;
      try {
        watcher.listener.events(batch);
      } catch (error) {
        // A listener that fails has missed something: only its owner knows how to go on, and others are not to suffer.
        this.#end(watcher, error as Error);
      }
    }
    watcher.delivering = false;
  }

  #nextBatch(watcher: Watcher): StoreEvent[] {
    const batch: StoreEvent[] = [];
    while (watcher.delivered < this.#revision && batch.length < BATCH_LIMIT) {
      const { event } = this.#log[watcher.delivered - this.#oldestRevision]!;
      if (contains(watcher.range, event.type === 'put' ? event.item.key : event.key)) batch.push(event);
      watcher.delivered++;
    }
    return batch;
  }

  #end(watcher: Watcher, error: Error | undefined): void {
    if (this.#watchers.delete(watcher)) watcher.listener.closed(error);
  }
}

function contains({ start, end }: KeyRange, key: string): boolean {
  return key >= start && (end === undefined || key < end);
}
