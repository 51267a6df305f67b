// A watch as its caller reads it: what the server says of an error is thrown, and leaving the iteration ends the request.
// The iterator is written out, since every change goes through it: a generator would take several promises more for each.

import { watchError } from './answer.ts';
import type { ApiWatchEvent, WatchEventOf } from './transport.ts';

type Batch<T> = readonly WatchEventOf<T>[];

/** Sends the request, with a signal that ends it. */
export type OpenWatch = (signal: AbortSignal) => Promise<AsyncIterable<readonly ApiWatchEvent[]>>;

/** `open` is called when the first batch is asked for. The iteration throws StatusError, or the signal's reason. */
export class WatchStream<T> implements AsyncIterableIterator<Batch<T>> {
  readonly #open: OpenWatch;
  readonly #signal: AbortSignal | undefined;
  /** Leaving is what ends a watch, so it has a signal of its own. */
  readonly #left = new AbortController();
  #events: AsyncIterator<readonly ApiWatchEvent[]> | undefined;
  /** What the server ended it with, to be thrown after what it said before. */
  #failure: { readonly error: unknown } | undefined;

  constructor(open: OpenWatch, signal: AbortSignal | undefined) {
    this.#open = open;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Batch<T>, undefined>> {
    if (this.#failure) return this.#fail(this.#failure.error);
    const next = this.#events ? this.#events.next() : this.#begin();
    return next.then(this.#tell, this.#fail);
  }

  async return(): Promise<IteratorResult<Batch<T>, undefined>> {
    await this.#leave();
    return { done: true, value: undefined };
  }

  async #begin(): Promise<IteratorResult<readonly ApiWatchEvent[]>> {
    const own = this.#left.signal;
    const events = await this.#open(this.#signal ? AbortSignal.any([this.#signal, own]) : own);
    this.#events = events[Symbol.asyncIterator]();
    return this.#events.next();
  }

  readonly #tell = (result: IteratorResult<readonly ApiWatchEvent[]>) => {
    if (result.done) return this.#signal?.aborted ? this.#fail(this.#signal.reason) : this.return();
    const batch = result.value;
    const at = batch.findIndex(({ type }) => type === 'ERROR');
    if (at < 0) return result as unknown as IteratorYieldResult<Batch<T>>;
    const error = watchError(batch[at]!.object);
    if (at === 0) return this.#fail(error);
    this.#failure = { error };
    return { done: false, value: batch.slice(0, at) as unknown as Batch<T> } as const;
  };

  readonly #fail = async (error: unknown): Promise<never> => {
    await this.#leave();
    throw error;
  };

  async #leave(): Promise<void> {
    this.#left.abort(new Error('the watch was left'));
    const events = this.#events;
    this.#events = undefined;
    await events?.return?.();
  }
}
