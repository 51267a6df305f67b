// A watch of somebody in this process, who is told of the shared objects themselves. Its iterator is written out: every
// change goes to many watches, and a generator would take several promises more for each.

import type { AnyObject } from '../../api/kind.ts';
import { StatusError } from '../../api/status-error.ts';
import { deepFreeze } from '../../base/freeze.ts';
import type { ApiWatchEvent } from '../../client/transport.ts';
import type { Resource } from '../registry/resource.ts';
import type { Change } from '../watch/cache-event.ts';
import type { WatchItem } from '../watch/watcher.ts';
import type { Watch } from './answer.ts';
import { bookmarkMetadata, changesIn, type EventCount } from './watch-items.ts';

type Batch = readonly ApiWatchEvent[];

const END = { done: true, value: undefined } as const;

/** Its batches; the last one may be an error. Leaving the iteration ends the watch. */
export class DirectWatch implements AsyncIterableIterator<Batch> {
  readonly #resource: Resource;
  readonly #watch: Watch;
  readonly #told: EventCount;
  readonly #name: string;
  #initial: AsyncIterator<Batch> | undefined;

  constructor(resource: Resource, watch: Watch, told: EventCount) {
    this.#resource = resource;
    this.#watch = watch;
    this.#told = told;
    this.#name = `objects ${resource.kind.apiVersion}`;
    this.#initial = this.#initialBatches();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Batch, undefined>> {
    if (this.#initial) return this.#nextInitial(this.#initial).catch(this.#fail);
    return this.#watch.watcher.next().then(this.#tell, this.#fail);
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    this.#watch.watcher.end();
    await this.#initial?.return?.();
    return END;
  }

  async #nextInitial(initial: AsyncIterator<Batch>): Promise<IteratorResult<Batch, undefined>> {
    const result = await initial.next();
    if (!result.done) return result;
    this.#initial = undefined;
    return this.#tell(await this.#watch.watcher.next());
  }

  async *#initialBatches(): AsyncGenerator<Batch> {
    const { initial, initialBookmark } = this.#watch;
    for await (const changes of initial) {
      this.#told.add(changes.length);
      yield this.#toEvents(changes);
    }
    if (initialBookmark !== undefined) yield this.#bookmark(initialBookmark, true);
  }

  readonly #tell = (items: readonly WatchItem[] | undefined): IteratorResult<Batch, undefined> => {
    if (!items) return END;
    this.#told.add(changesIn(items));
    try {
      const value = items.length === 1 ? this.#batchOf(items[0]!) : items.flatMap((item) => this.#batchOf(item));
      return { done: false, value };
    } catch (error) {
      return this.#fail(error);
    }
  };

  /** What is told of it is the last word: the watch has ended by itself, or ends now. */
  readonly #fail = (error: unknown): IteratorResult<Batch, undefined> => {
    this.#initial = undefined;
    this.#watch.watcher.end();
    if (!(error instanceof StatusError)) throw error;
    return { done: false, value: [{ type: 'ERROR', object: error.toStatus() }] };
  };

  #batchOf(item: WatchItem): Batch {
    if (item.type === 'bookmark') return this.#bookmark(item.revision, item.initialEnd);
    return item.batch.encoded(this.#name, this.#toEvents);
  }

  readonly #toEvents = (changes: readonly Change[]): Batch =>
    changes.map(({ type, version }) => ({ type, object: this.#resource.serve(version).object }));

  #bookmark(revision: number, initialEnd: boolean): Batch {
    const { kind, apiVersion } = this.#resource.kind;
    const object = deepFreeze({ kind, apiVersion, metadata: bookmarkMetadata(revision, initialEnd) });
    return [{ type: 'BOOKMARK', object: object as unknown as AnyObject }];
  }
}
