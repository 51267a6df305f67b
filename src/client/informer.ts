// Keeps a kind's objects in memory as the API server has them: by a watch that begins with all there is, for as long as it
// is open. Survives disconnects (goes on from the last version it saw) and lost history (begins with all there is again and
// tells the difference). Upstream: client-go's reflector and shared informer, without a resync.

import type { AnyObject, Kind, ObjectOf } from '../api/kind.ts';
import { isStatusError } from '../api/status-error.ts';
import { Backoff } from '../base/backoff.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from './client.ts';
import { type Change, type IndexFunction, type Lister, ObjectCache } from './object-cache.ts';
import { compareResourceVersions } from './resource-version.ts';
import type { WatchEventOf } from './transport.ts';

export interface InformerDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** What an informer sees of its kind. */
export interface Selection {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface InformerOptions<Object> extends Selection {
  readonly indexes?: Readonly<Record<string, IndexFunction<Object>>>;
}

/**
 * Changes that came together, in order; the informer's reads already show all of them. Must not throw (it is caught and
 * logged) and not wait: put a key in a queue.
 */
export type ChangeListener<Object> = (changes: readonly Change<Object>[]) => void;

export interface Informer<Object> extends Lister<Object>, AsyncDisposable {
  readonly kind: Kind;
  /** Whether it has seen everything there was when it began. */
  readonly hasSynced: boolean;
  /** The version up to which it has seen everything; `''` before it has synced. */
  readonly resourceVersion: string;
  /** Resolves as soon as it has synced; rejects when the signal is aborted or the informer closed. */
  synced(signal?: AbortSignal): Promise<void>;
  /** Whether a write that gave this version shows in what is cached. */
  hasSeen(resourceVersion: string): boolean;
  /** Keeps the index of a name that is there already: whoever shares an informer means the same by a name. */
  addIndex(name: string, valuesOf: IndexFunction<Object>): void;
  /** Calls at once with what is there, as `added`, then with every batch of changes until it is disposed. */
  subscribe(listener: ChangeListener<Object>): Disposable;
}

const RETRY_BACKOFF = { baseMs: 200, maxMs: 3_000, jitter: 0.5 };
/** Refusals that say nothing of the version that was asked for. After any other it begins with all there is. */
const VERSION_STANDS = ['TooManyRequests', 'ServiceUnavailable', 'Unauthorized', 'Forbidden'] as const;
/** KEP-3157. */
const ALL_THERE_IS = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } as const;
const STATE_END = 'k8s.io/initial-events-end';
/** Every server restarts now and then: only what lasts is worth a warning. */
const QUIET_FAILURES = 3;
/** A watch that lasted this long was a success, however it ended. */
const LASTING_WATCH_MS = 1_000;

/** Begins to watch at once. Whoever creates an informer closes it. */
export function createInformer<K extends Kind>(
  deps: InformerDeps,
  kind: K,
  options: InformerOptions<ObjectOf<K>> = {},
): Informer<ObjectOf<K>> {
  return new ListWatchInformer<K>(deps, kind, options);
}

class ListWatchInformer<K extends Kind> implements Informer<ObjectOf<K>> {
  readonly kind: K;
  readonly #deps: InformerDeps;
  readonly #selection: Selection;
  readonly #cache = new ObjectCache<ObjectOf<K>>();
  readonly #listeners = new Set<ChangeListener<ObjectOf<K>>>();
  readonly #closed = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #hasSynced = false;
  #resourceVersion = '';
  /** Whether there is a version that can still be watched from. */
  #knowsVersion = false;

  constructor(deps: InformerDeps, kind: K, { indexes = {}, ...selection }: InformerOptions<ObjectOf<K>>) {
    this.kind = kind;
    this.#deps = { ...deps, log: deps.log.with({ informer: kind.plural }) };
    this.#selection = selection;
    for (const [name, valuesOf] of Object.entries(indexes)) this.addIndex(name, valuesOf);
    this.#synced.promise.catch(() => {}); // Nobody may be waiting when it is closed.
    this.#running = this.#run(this.#closed.signal);
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  synced(signal?: AbortSignal): Promise<void> {
    if (!signal) return this.#synced.promise;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#synced.promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  hasSeen(resourceVersion: string): boolean {
    return compareResourceVersions(this.#resourceVersion, resourceVersion) >= 0;
  }

  get(ref: Parameters<Lister<ObjectOf<K>>['get']>[0]): ObjectOf<K> | undefined {
    return this.#cache.get(ref);
  }

  list(namespace?: string): readonly ObjectOf<K>[] {
    return this.#cache.list(namespace);
  }

  byIndex(index: string, value: string): readonly ObjectOf<K>[] {
    return this.#cache.byIndex(index, value);
  }

  addIndex(name: string, valuesOf: IndexFunction<ObjectOf<K>>): void {
    this.#cache.addIndex(name, valuesOf);
  }

  subscribe(listener: ChangeListener<ObjectOf<K>>): Disposable {
    const present = this.#cache.list().map((object) => ({ type: 'added', object }) as const);
    this.#listeners.add(listener);
    if (present.length > 0) this.#tell(listener, present);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const reason = new Error(`the informer of ${this.kind.plural} was closed`);
    this.#closed.abort(reason);
    this.#synced.reject(reason);
    await this.#running;
    this.#listeners.clear();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#deps;
    const backoff = new Backoff(RETRY_BACKOFF, random);
    while (!signal.aborted) {
      const startedAtMs = clock.elapsed();
      let retryAfterMs = 0;
      try {
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        retryAfterMs = this.#noteFailure(error, backoff.failures < QUIET_FAILURES ? 'debug' : 'warn');
      }
      if (clock.elapsed() - startedAtMs >= LASTING_WATCH_MS) backoff.reset();
      await sleep(clock, Math.max(backoff.next(), retryAfterMs), signal).catch(() => {}); // Closed: the loop ends.
    }
  }

  /** Answers how long the server wants to be left alone. */
  #noteFailure(error: unknown, level: 'debug' | 'warn'): number {
    if (!isStatusError(error, 'Expired', 'Gone')) {
      this.#deps.log[level]('an informer lost its watch and will try again', { error });
    }
    if (!isStatusError(error)) return 0;
    if (!isStatusError(error, ...VERSION_STANDS)) this.#knowsVersion = false;
    return (error.details?.retryAfterSeconds ?? 0) * 1000;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const from = this.#knowsVersion ? { resourceVersion: this.#resourceVersion } : ALL_THERE_IS;
    const options = { ...this.#selection, ...from, allowBookmarks: true, signal };
    /** What there is, until all of it has come. */
    let state = this.#knowsVersion ? undefined : new ObjectCache<ObjectOf<K>>();
    for await (const batch of this.#deps.client.watch(this.kind, options)) {
      let news = batch;
      if (state) {
        const end = batch.findIndex(endsState);
        state.apply(end < 0 ? batch : batch.slice(0, end));
        if (end < 0) continue;
        this.#sync(state.list(), batch[end]!.object.metadata.resourceVersion);
        state = undefined;
        news = batch.slice(end + 1);
      }
      const last = news.at(-1);
      if (!last) continue;
      const changes = this.#cache.apply(news);
      this.#resourceVersion = last.object.metadata.resourceVersion;
      this.#distribute(changes);
    }
  }

  /** All there is, as of this version. */
  #sync(objects: readonly ObjectOf<K>[], resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    this.#knowsVersion = true;
    this.#distribute(this.#cache.replace(objects));
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  #distribute(changes: readonly Change<ObjectOf<K>>[]): void {
    if (changes.length === 0) return;
    // A listener that is added meanwhile has been told of these changes already.
    for (const listener of [...this.#listeners]) this.#tell(listener, changes);
  }

  #tell(listener: ChangeListener<ObjectOf<K>>, changes: readonly Change<ObjectOf<K>>[]): void {
    try {
      listener(changes);
    } catch (error) {
      this.#deps.log.error('a listener of an informer failed', { error });
    }
  }
}

function endsState({ type, object }: WatchEventOf<AnyObject>): boolean {
  return type === 'BOOKMARK' && object.metadata.annotations?.[STATE_END] === 'true';
}
