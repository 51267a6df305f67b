// The default store: one SQLite file, written by a worker thread in group commits. This is the main thread's part: it
// decides the compare-and-swaps, keeps keys, revisions and recent history (../history.ts) and serves reads and watches
// from them. Values that are older than the last compaction are only in the file; the API server has them all in its
// cache, and they are not to be in memory twice.

import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { type Entry, History } from '../history.ts';
import {
  type KeyRange,
  type ListOptions,
  type ListResult,
  type Store,
  type StoreItem,
  StoreUnavailableError,
  type WatchListener,
  type WriteResult,
} from '../store.ts';
import type { Backup, BackupAnswer, BackupOptions } from './backup-worker.ts';
import { type Batch, decideBatch, eventsOf, resultOf, type Standing, type Write } from './batch.ts';
import type { Found, WriteRequest } from './protocol.ts';
import { WorkerLink } from './worker-link.ts';

export interface SqliteStore extends Store {
  /**
   * Copies the store as it stands into a new file, while writes go on. The copy is a whole store: put in the place of
   * the file it is what a restart finds. Throws `StoreUnavailableError`, also when the file is there already.
   */
  backup(path: string): Promise<Backup>;
}

export interface SqliteStoreOptions {
  /** Writes that would make the file larger fail as on a full disk. */
  readonly maxSizeBytes?: number;
}

interface QueuedWrite extends Write {
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: StoreUnavailableError) => void;
}

/** What one transaction holds at most: so a flood of writes, or of large ones, holds up nobody for long. */
const BATCH_WRITES = 512;
const BATCH_BYTES = 4 << 20;
/** More writes than this do not wait; the one too many fails. */
const QUEUE_LIMIT = 100_000;
/** How many values are read in one go: writes wait for no more than these. */
const READ_KEYS = 256;
const SLOW_COMMIT_MS = 1000;

/**
 * Opens the file, or makes it (mode 0600, its directory 0700). Rejects with `StoreUnavailableError` when it is damaged,
 * in use by another process or out of reach. The oldest available revision is the newest one of then.
 */
export async function openSqliteStore(
  dependencies: { readonly path: string; readonly log: Logger; readonly clock?: Clock },
  options: SqliteStoreOptions = {},
): Promise<SqliteStore> {
  const store = new WorkerBackedStore(dependencies, options);
  await store.opened;
  return store;
}

class WorkerBackedStore implements SqliteStore {
  readonly opened: Promise<void>;
  readonly #path: string;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #history = new History({ keepValues: false });
  readonly #link: WorkerLink;
  /** Reads and backups under way. */
  readonly #tasks = new Set<Promise<unknown>>();
  #queue: QueuedWrite[] = [];
  /** `scheduled`: a batch is taken at the end of this turn; `writing`: one is with the worker, the next one gathers. */
  #state: 'idle' | 'scheduled' | 'writing' = 'idle';
  #whenIdle: (() => void) | undefined;
  #unavailable: StoreUnavailableError | undefined;
  #closing: Promise<void> | undefined;
  #writesFail = false;

  constructor(
    { path, log, clock = systemClock }: { readonly path: string; readonly log: Logger; readonly clock?: Clock },
    { maxSizeBytes }: SqliteStoreOptions,
  ) {
    this.#path = path;
    this.#log = log.with({ store: path });
    this.#clock = clock;
    const loaded: Entry[] = [];
    this.#link = new WorkerLink(
      { path, maxSizeBytes },
      {
        loaded: ({ rows, keys, revisions }) => {
          for (const [i, key] of keys.entries()) {
            loaded.push({ key, revision: revisions[i]!, created: rows[i]!, item: undefined });
          }
        },
        checkpoint: (failure) => {
          if (failure) this.#log.warn('cannot shorten the log of the store', { error: failure });
          else this.#log.info('can shorten the log of the store again');
        },
        died: (error) => this.#fail(error),
      },
    );
    this.opened = this.#link.opened.then((revision) => this.#history.load(loaded, revision));
  }

  async currentRevision(): Promise<number> {
    return this.#open().revision;
  }

  async get(key: string): Promise<StoreItem | undefined> {
    const entry = this.#open().get(key);
    return entry && (await this.#track(this.#itemsOf([entry])))[0];
  }

  async list(range: KeyRange, options?: ListOptions): Promise<ListResult> {
    const { entries, revision, remaining } = this.#open().list(range, options);
    return { items: await this.#track(this.#itemsOf(entries)), revision, remaining };
  }

  async put(key: string, value: Uint8Array, expected: number): Promise<WriteResult> {
    return this.#enqueue({ key, value, expected });
  }

  async delete(key: string, expected: number): Promise<WriteResult> {
    return this.#enqueue({ key, value: undefined, expected });
  }

  watch(range: KeyRange, after: number, listener: WatchListener): Disposable {
    return this.#open().watch(range, after, listener);
  }

  async compact(revision: number): Promise<void> {
    this.#open().compact(revision);
  }

  async backup(path: string): Promise<Backup> {
    this.#open();
    return this.#track(runBackup({ path: this.#path, target: path }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #open(): History {
    if (this.#unavailable) throw this.#unavailable;
    return this.#history;
  }

  async #close(): Promise<void> {
    this.#unavailable ??= new StoreUnavailableError('the store has been closed');
    if (this.#state !== 'idle') await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    await Promise.allSettled(this.#tasks);
    this.#history.close(undefined);
    await this.#link.close();
  }

  /** The worker is gone: nothing more can be done. */
  #fail(error: StoreUnavailableError): void {
    if (this.#unavailable) return;
    this.#unavailable = error;
    this.#log.error('the store has failed', { error });
    this.#history.close(error);
  }

  #enqueue(write: Write): Promise<WriteResult> {
    this.#open();
    if (this.#queue.length >= QUEUE_LIMIT) {
      throw new StoreUnavailableError(`more than ${QUEUE_LIMIT} writes are waiting for the store`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<WriteResult>();
    this.#queue.push({ ...write, resolve, reject });
    if (this.#state === 'idle') this.#schedule();
    return promise;
  }

  /** Everything that is written in this turn of the event loop goes into one batch. */
  #schedule(): void {
    this.#state = 'scheduled';
    setImmediate(() => this.#sendBatch());
  }

  #sendBatch(): void {
    const writes = takeBatch(this.#queue);
    const { revision } = this.#history;
    const batch = decideBatch(writes, revision, (key) => this.#standing(key));
    const request = writeRequest(batch, revision);
    if (request.rows.length === 0 && request.wanted.length === 0) {
      this.#finish(batch, []);
      return;
    }
    this.#state = 'writing';
    const sentAt = this.#clock.elapsed();
    this.#link.send(
      request,
      (answer) => {
        const tookMs = Math.round(this.#clock.elapsed() - sentAt);
        if (tookMs > SLOW_COMMIT_MS) this.#log.warn('a commit took long', { tookMs, writes: writes.length });
        this.#finish(batch, answer);
      },
      [request.values],
    );
  }

  #standing(key: string): Standing | undefined {
    const entry = this.#history.get(key);
    return entry && { ...entry, item: this.#history.itemOf(entry) };
  }

  #finish(
    { decisions, missing }: Batch<QueuedWrite>,
    answer: readonly (Found | undefined)[] | StoreUnavailableError,
  ): void {
    if (answer instanceof StoreUnavailableError) {
      if (!this.#writesFail) this.#log.error('cannot write to the store', { error: answer });
      this.#writesFail = true;
      for (const { write } of decisions) write.reject(answer);
    } else {
      if (this.#writesFail) this.#log.info('can write to the store again');
      this.#writesFail = false;
      for (const [i, { key, revision }] of missing.entries())
        missing[i]!.item = { key, revision, value: answer[i]!.value };
      this.#history.apply(eventsOf(decisions));
      for (const decision of decisions) decision.write.resolve(resultOf(decision));
    }
    if (this.#queue.length > 0) {
      this.#schedule();
    } else {
      this.#state = 'idle';
      this.#whenIdle?.();
    }
  }

  /** The items of entries of one state, the missing values read from the file some at a time. */
  async #itemsOf(entries: readonly Entry[]): Promise<StoreItem[]> {
    const items: (StoreItem | undefined)[] = [];
    const missing: number[] = [];
    for (const [i, entry] of entries.entries()) {
      items.push(this.#history.itemOf(entry));
      if (!items[i]) missing.push(i);
    }
    for (let from = 0; from < missing.length; from += READ_KEYS) {
      const part = missing.slice(from, from + READ_KEYS);
      const found = await this.#read(part.map((i) => entries[i]!.created));
      for (const [j, i] of part.entries()) {
        const entry = entries[i]!;
        // What has been written again meanwhile has got its item from that write, which was answered before this read.
        items[i] = entry.item ?? itemFrom(entry, found[j]);
      }
    }
    return items as StoreItem[];
  }

  #read(rows: readonly number[]): Promise<readonly (Found | undefined)[]> {
    return new Promise((resolve, reject) => {
      this.#link.send({ type: 'read', rows }, (answer) => {
        if (answer instanceof StoreUnavailableError) reject(answer);
        else resolve(answer);
      });
    });
  }

  /** Lets closing wait for it. */
  #track<T>(task: Promise<T>): Promise<T> {
    this.#tasks.add(task);
    const done = () => this.#tasks.delete(task);
    task.then(done, done);
    return task;
  }
}

/** Takes as many writes off the queue as go into one transaction, at least one. */
function takeBatch(queue: QueuedWrite[]): QueuedWrite[] {
  let count = 0;
  let sizeBytes = 0;
  while (count < queue.length && count < BATCH_WRITES && (count === 0 || sizeBytes < BATCH_BYTES)) {
    sizeBytes += queue[count]?.value?.length ?? 0;
    count++;
  }
  return queue.splice(0, count);
}

/** Packs the values into one buffer, which costs less to hand over than many (and never takes more along than them). */
function writeRequest({ decisions, missing }: Batch<Write>, after: number): WriteRequest {
  const rows: number[] = [];
  const keys: string[] = [];
  const sizes: number[] = [];
  let packedBytes = 0;
  for (const { write, revision, before } of decisions) {
    if (revision === undefined) continue;
    rows.push(before?.created ?? revision);
    keys.push(write.key);
    sizes.push(write.value ? write.value.length : -1);
    packedBytes += write.value?.length ?? 0;
  }
  const packed = new Uint8Array(packedBytes);
  let offset = 0;
  for (const { write, revision } of decisions) {
    if (revision === undefined || !write.value) continue;
    packed.set(write.value, offset);
    offset += write.value.length;
  }
  const wanted = missing.map(({ created, revision }) => ({ row: created, revision }));
  return { type: 'write', after, rows, keys, sizes, values: packed.buffer, wanted };
}

function itemFrom(
  { key, revision }: { readonly key: string; readonly revision: number },
  found: Found | undefined,
): StoreItem {
  if (found?.revision !== revision) {
    throw new StoreUnavailableError(`the store's file does not hold ${key} at revision ${revision}`);
  }
  return { key, revision, value: found.value };
}

function runBackup(options: BackupOptions): Promise<Backup> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./backup-worker.ts', import.meta.url), {
      workerData: options,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    worker.on('message', (answer: BackupAnswer) => {
      if (answer.type === 'done') resolve(answer.backup);
      else reject(new StoreUnavailableError(`cannot back up the store: ${answer.message}`));
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new StoreUnavailableError('the backup has ended without a result')));
  });
}
