// What one watch has still to be told. Batches are shared by all watchers of a selection; a watcher that falls too far
// behind is ended, so that it costs a reconnect of its own and not the server's memory.

import type { Change } from './cache-event.ts';

/** What happened to a selection in one turn: shared by its watchers, so each encoding of it is made once. */
export class ChangeBatch {
  readonly changes: readonly Change[];
  readonly sizeBytes: number;
  #encodings: Map<string, unknown> | undefined;

  constructor(changes: readonly Change[]) {
    this.changes = changes;
    let sizeBytes = 0;
    for (const { version } of changes) sizeBytes += version.sizeBytes;
    this.sizeBytes = sizeBytes;
  }

  /** The batch in an encoding, made by `make` when it is first asked for; equal names must mean equal results. */
  encoded<T>(name: string, make: (changes: readonly Change[]) => T): T {
    this.#encodings ??= new Map();
    if (!this.#encodings.has(name)) this.#encodings.set(name, make(this.changes));
    return this.#encodings.get(name) as T;
  }
}

export type WatchItem =
  | { readonly type: 'changes'; readonly batch: ChangeBatch }
  /** Everything up to the revision has been told; `initialEnd` marks the end of the initial events. */
  | { readonly type: 'bookmark'; readonly revision: number; readonly initialEnd: boolean };

export interface BacklogLimits {
  readonly changes: number;
  readonly bytes: number;
}

export class Watcher {
  readonly #limits: BacklogLimits;
  readonly #onEnd: (() => void)[] = [];
  readonly #bookmarks: boolean;
  #items: WatchItem[] = [];
  #pendingChanges = 0;
  #pendingBytes = 0;
  #ended: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;

  constructor(options: { readonly limits: BacklogLimits; readonly bookmarks: boolean }) {
    this.#limits = options.limits;
    this.#bookmarks = options.bookmarks;
  }

  /** Adds a bookmark if the watch wants them; it takes the place of one that is still pending. */
  bookmark(item: WatchItem & { readonly type: 'bookmark' }): void {
    if (!this.#bookmarks || this.#ended) return;
    if (this.#items.at(-1)?.type === 'bookmark') this.#items.pop();
    this.push(item);
  }

  /** Adds to what is to be told; ends the watch when that is too much. */
  push(item: WatchItem): void {
    if (this.#ended) return;
    this.#items.push(item);
    if (item.type === 'changes') {
      this.#pendingChanges += item.batch.changes.length;
      this.#pendingBytes += item.batch.sizeBytes;
      const { changes, bytes } = this.#limits;
      // One batch may be as large as it likes: it is in memory already, for all watchers together.
      const many = this.#items.length > 1 && (this.#pendingChanges > changes || this.#pendingBytes > bytes);
      if (many) {
        this.#items = [];
        this.end();
      }
    }
    this.#wake?.();
  }

  /** Ends the watch once what is pending has been told; with an error, that is told last. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = { error };
    for (const callback of this.#onEnd) callback();
    this.#wake?.();
  }

  /** Calls back once when the watch ends, at once if it has. */
  onEnd(callback: () => void): void {
    if (this.#ended) callback();
    else this.#onEnd.push(callback);
  }

  /**
   * What is to be told, all that has gathered at once; undefined at the end. Throws the error the watch was ended with.
   * Only one call at a time.
   */
  next(): Promise<readonly WatchItem[] | undefined> {
    const isThere = this.#items.length > 0 || this.#ended;
    const awake = isThere ? Promise.resolve() : new Promise<void>((resolve) => (this.#wake = resolve));
    // Not before this turn is over, so that what comes together is told together.
    return awake.then(() => this.#take());
  }

  #take(): readonly WatchItem[] | undefined {
    this.#wake = undefined;
    if (this.#items.length > 0) {
      const items = this.#items;
      this.#items = [];
      this.#pendingChanges = 0;
      this.#pendingBytes = 0;
      return items;
    }
    if (this.#ended?.error) throw this.#ended.error;
    return undefined;
  }
}
