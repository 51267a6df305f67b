// A queue of keys that are worked on: a key stands in it once, is never worked on twice at the same time, and comes back
// after a delay when its work failed. A key whose work holds everybody else up rests in between. What the work is belongs to
// the caller. Upstream: k8s.io/client-go/util/workqueue.

import { type BackoffOptions, backoffDelayMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import { type RateLimit, TokenBucket } from './token-bucket.ts';
import { nextTurn } from './under-way.ts';

/** How work ends that neither failed nor is settled: it wants to look again, to meet a deadline. */
export interface Requeue {
  readonly requeueAfterMs: number;
}

/** Works on a key. Throw to have it retried with backoff. */
// biome-ignore lint/suspicious/noConfusingVoidType: work that is settled ends without a word.
export type Work = (key: string, signal: AbortSignal) => Promise<void | Requeue>;

export interface WorkQueueObserver {
  /** A key has come into line. */
  added?(): void;
  /** A key's work has ended. `waitedMs` is how long the key stood in the queue before. */
  finished?(outcome: { readonly waitedMs: number; readonly tookMs: number; readonly failed: boolean }): void;
  /** A key is going to be retried. The error is reported here and nowhere else. */
  retrying?(key: string, error: unknown, failures: number, delayMs: number): void;
}

export interface WorkQueueOptions {
  /** How many keys are worked on at once. Absent: 1. */
  readonly concurrency?: number;
  /** The delay of a key's own retries. Absent: 5 ms, doubling to 1000 s. */
  readonly backoff?: BackoffOptions;
  /** What all retries together may be. Absent: 10 a second, 100 at once. */
  readonly retryLimit?: RateLimit;
  readonly observer?: WorkQueueObserver;
}

const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 5, maxMs: 1_000_000 };
const DEFAULT_RETRY_LIMIT: RateLimit = { perSecond: 10, burst: 100 };
/** Work that keeps the event loop for less than this, before it first waits, is light. */
const LIGHT_MS = 2;
/** After heavy work a key rests so many times as long: what changes ten thousand times need not be looked at as often. */
const REST_FACTOR = 20;
const LONGEST_REST_MS = 500;

interface Delayed {
  readonly dueAtMs: number;
  readonly timer: Disposable;
}

/** Keys are bounded by the caller (there are as many as objects); disposing aborts the work and waits for its end. */
export class WorkQueue implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #work: Work;
  readonly #concurrency: number;
  readonly #backoff: BackoffOptions;
  readonly #retries: TokenBucket;
  readonly #observer: WorkQueueObserver;
  readonly #abort = new AbortController();

  /** In the order of arrival, with the time of it. */
  readonly #waiting = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();
  /** In line as well, until their rest is over. */
  readonly #resting = new Map<string, Disposable>();
  /** When the rest is over of keys whose work was heavy the last time. */
  readonly #restUntilMs = new Map<string, number>();
  /** Added again while being worked on. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  #accepting = true;
  #pumpIsDue = false;
  #idle: { readonly promise: Promise<void>; resolve(): void } | undefined;

  constructor({ clock, work }: { clock: Clock; work: Work }, options: WorkQueueOptions = {}) {
    this.#clock = clock;
    this.#work = work;
    this.#concurrency = options.concurrency ?? 1;
    this.#backoff = options.backoff ?? DEFAULT_BACKOFF;
    this.#retries = new TokenBucket(clock, options.retryLimit ?? DEFAULT_RETRY_LIMIT);
    this.#observer = options.observer ?? {};
  }

  /** Keys that stand in line; neither those being worked on nor delayed ones. */
  get depth(): number {
    return this.#waiting.size + this.#resting.size;
  }

  /** Puts a key in line unless it stands there; one that is being worked on comes again right after. */
  add(key: string): void {
    if (!this.#accepting) return;
    this.#cancelDelay(key);
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#lineUp(key);
    this.#pumpSoon();
  }

  /** Adds the key after the delay; of two delays of one key the earlier counts. */
  addAfter(key: string, delayMs: number): void {
    if (!this.#accepting) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueAtMs = this.#clock.elapsed() + delayMs;
    const current = this.#delayed.get(key);
    if (current && current.dueAtMs <= dueAtMs) return;
    this.#cancelDelay(key);
    this.#delayed.set(key, { dueAtMs, timer: this.#clock.after(delayMs, () => this.add(key)) });
  }

  /** Resolves as soon as nothing stands in line or is being worked on. Delayed keys do not count. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  /** Takes no more keys, drops delayed ones and ends once what stands in line has been worked on; no more retries. */
  async drain(): Promise<void> {
    this.#stopAccepting();
    await this.idle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopAccepting();
    for (const timer of this.#resting.values()) timer[Symbol.dispose]();
    this.#resting.clear();
    this.#waiting.clear();
    this.#again.clear();
    this.#abort.abort(new Error('the work queue was closed'));
    await Promise.all(this.#running.values());
    this.#settleIdle();
  }

  #stopAccepting(): void {
    this.#accepting = false;
    for (const { timer } of this.#delayed.values()) timer[Symbol.dispose]();
    this.#delayed.clear();
  }

  #cancelDelay(key: string): void {
    this.#delayed.get(key)?.timer[Symbol.dispose]();
    this.#delayed.delete(key);
  }

  #lineUp(key: string): void {
    if (this.#waiting.has(key) || this.#resting.has(key)) return;
    this.#observer.added?.();
    const arrivedAtMs = this.#clock.elapsed();
    const restMs = (this.#restUntilMs.get(key) ?? 0) - arrivedAtMs;
    if (restMs <= 0) {
      this.#waiting.set(key, arrivedAtMs);
      return;
    }
    const timer = this.#clock.after(restMs, () => {
      this.#resting.delete(key);
      this.#waiting.set(key, arrivedAtMs);
      this.#pumpSoon();
    });
    this.#resting.set(key, timer);
  }

  /**
   * When the event loop has turned: by then everything that came together is in line, and caches that are fed by streams
   * of their own show it, too.
   */
  #pumpSoon(): void {
    if (this.#pumpIsDue) return;
    this.#pumpIsDue = true;
    void nextTurn().then(() => {
      this.#pumpIsDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (const [key, arrivedAtMs] of this.#waiting) {
      if (this.#running.size >= this.#concurrency) return;
      this.#waiting.delete(key);
      this.#running.set(key, this.#run(key, this.#clock.elapsed() - arrivedAtMs));
    }
  }

  async #run(key: string, waitedMs: number): Promise<void> {
    const startedAtMs = this.#clock.elapsed();
    let failed = false;
    try {
      // The work starts in a turn of its own: whatever it does at once, even throw, finds the key among the running.
      await Promise.resolve();
      const result = await this.#begin(key);
      this.#failures.delete(key);
      this.#finish(key);
      if (result) this.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      failed = true;
      this.#finish(key);
      this.#retry(key, error);
    }
    this.#observer.finished?.({ waitedMs, tookMs: this.#clock.elapsed() - startedAtMs, failed });
    this.#pump();
    this.#settleIdle();
  }

  /** What the work takes before it first waits tells how heavy it is: from then on others have their turns in between. */
  #begin(key: string): ReturnType<Work> {
    const beganAtMs = this.#clock.elapsed();
    try {
      return this.#work(key, this.#abort.signal);
    } finally {
      const nowMs = this.#clock.elapsed();
      const tookMs = nowMs - beganAtMs;
      if (tookMs < LIGHT_MS) this.#restUntilMs.delete(key);
      else this.#restUntilMs.set(key, nowMs + Math.min(tookMs * REST_FACTOR, LONGEST_REST_MS));
    }
  }

  #finish(key: string): void {
    this.#running.delete(key);
    if (this.#again.delete(key)) this.#lineUp(key);
  }

  #retry(key: string, error: unknown): void {
    if (this.#abort.signal.aborted) return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = Math.max(backoffDelayMs(failures, this.#backoff), this.#retries.reserveMs());
    this.#observer.retrying?.(key, error, failures, delayMs);
    if (!this.#waiting.has(key) && !this.#resting.has(key)) this.addAfter(key, delayMs);
  }

  #isIdle(): boolean {
    return this.depth === 0 && this.#running.size === 0;
  }

  #settleIdle(): void {
    if (!this.#isIdle()) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
