// The store's contract: a small revisioned key-value store. Backends: memory.ts, sqlite/, etcd/. All of them pass
// store-contract.ts. Keys are ASCII paths, ordered by byte; values are opaque bytes that nobody changes afterwards.

/** A stored value. Revisions start at 1; every write or delete of any key takes the next one. */
export interface StoreItem {
  readonly key: string;
  readonly value: Uint8Array;
  /** The revision of the write that made this value. */
  readonly revision: number;
}

export type StoreEvent =
  /** `previous` is absent for a key that did not exist before. */
  | { readonly type: 'put'; readonly item: StoreItem; readonly previous: StoreItem | undefined }
  | { readonly type: 'delete'; readonly key: string; readonly revision: number; readonly previous: StoreItem };

/** Keys in [start, end), by byte order; no `end` means to the end. `prefixRange('/a/')` makes one. */
export interface KeyRange {
  readonly start: string;
  readonly end: string | undefined;
}

export interface ListOptions {
  /** Read as of this revision. Throws `CompactedError` when it is gone, `FutureRevisionError` when not there yet. */
  readonly revision?: number;
  /** At most this many items; without it all of them. With 0 the answer only counts. */
  readonly limit?: number;
}

export interface ListResult {
  readonly items: readonly StoreItem[];
  /** The revision the list is as of. */
  readonly revision: number;
  /** How many keys of the range come after the last item. */
  readonly remaining: number;
}

export type WriteResult =
  | { readonly ok: true; readonly revision: number }
  /** The key was not at the expected revision: `current` is what stands there now, if anything. */
  | { readonly ok: false; readonly current: StoreItem | undefined };

export interface WatchListener {
  /** Events in revision order, without loss or duplicate; one batch may hold several revisions, never half of one. */
  events(batch: readonly StoreEvent[]): void;
  /**
   * The watch has ended by itself: `CompactedError`, the store failed, `events` threw; no error when the store was closed
   * in good order. Called at most once, last.
   */
  closed(error: Error | undefined): void;
}

/**
 * Every method may throw `StoreUnavailableError` (closed, disk full, damaged, unreachable). A write that was
 * acknowledged is durable; one that threw may or may not have happened.
 */
export interface Store extends AsyncDisposable {
  /** The newest revision that is durable; 0 for a new store. Reads after this resolves see at least that revision. */
  currentRevision(): Promise<number>;
  get(key: string): Promise<StoreItem | undefined>;
  list(range: KeyRange, options?: ListOptions): Promise<ListResult>;
  /** Compare-and-swap: writes if the key is at `expected`; 0 means it must not exist. */
  put(key: string, value: Uint8Array, expected: number): Promise<WriteResult>;
  /** Deletes if the key exists and is at `expected`. Takes a revision of its own. */
  delete(key: string, expected: number): Promise<WriteResult>;
  /**
   * Delivers every event of the range with a revision above `after`, past ones first. The listener is called only
   * with events that are durable, first after this has returned, and before the write that made them is acknowledged.
   * `after` may lie in the future. Disposing ends it; no call comes after that.
   */
  watch(range: KeyRange, after: number, listener: WatchListener): Disposable;
  /**
   * Forgets history up to and including the revision: older lists and watches get `CompactedError`; a list at the
   * revision itself and a watch after it still work. Does nothing when that much is forgotten already; throws
   * `FutureRevisionError` for what is still to come.
   */
  compact(revision: number): Promise<void>;
}

/** The history that was asked for is gone. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  readonly oldestRevision: number;
  constructor(oldestRevision: number) {
    super(`the requested revision has been compacted; the oldest available is ${oldestRevision}`);
    this.oldestRevision = oldestRevision;
  }
}

/** The revision that was asked for has not been written yet. */
export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError';
  readonly currentRevision: number;
  constructor(currentRevision: number) {
    super(`the requested revision is in the future; the newest is ${currentRevision}`);
    this.currentRevision = currentRevision;
  }
}

/** The store cannot be used: closed, out of disk, damaged or out of reach. The message says which and what to do. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** All keys that start with the prefix. */
export function prefixRange(prefix: string): KeyRange {
  const last = prefix.charCodeAt(prefix.length - 1);
  return { start: prefix, end: prefix === '' ? undefined : prefix.slice(0, -1) + String.fromCharCode(last + 1) };
}
