// Events go an hour after they were last written (upstream: --event-ttl, by leases of etcd). There are no leases here:
// the server keeps, in memory, the line in which events were written, and deletes them from its front. Since all have the
// same time to live the line is in order by itself. What was written before the server started is put in by the newest
// time that the event itself tells. A delete is for exactly the version in the line, so an event that was written again
// stays, and several servers that do this side by side do no harm.

import type { AnyObject } from '../../api/kind.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { ObjectStorage } from '../registry/object-storage.ts';
import type { ObjectVersion } from '../watch/object-version.ts';

export const EVENT_TTL_MS = 60 * 60_000;
/** Those that go within so long go together. */
const BATCH_MS = 15_000;
/** So many are deleted in one go at most, and so many at the same time. */
const MAX_RUN = 20_000;
const PARALLEL = 32;

interface Written {
  readonly key: string;
  readonly revision: number;
  readonly atMs: number;
}

export class EventExpiry implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #storage: ObjectStorage;
  readonly #ttlMs: number;
  readonly #listening: Disposable;
  readonly #closing = new AbortController();
  #line: Written[];
  #front = 0;
  /** Until the next ones are due; undefined while there are none, or some are being deleted. */
  #timer: Disposable | undefined;
  #running: Promise<void> | undefined;

  constructor(
    { clock, log, storage }: { readonly clock: Clock; readonly log: Logger; readonly storage: ObjectStorage },
    options: { readonly ttlMs: number } = { ttlMs: EVENT_TTL_MS },
  ) {
    this.#clock = clock;
    this.#log = log;
    this.#storage = storage;
    this.#ttlMs = options.ttlMs;
    this.#line = storage.cache
      .list('')
      .map((version) => ({ key: version.key, revision: version.revision, atMs: lastTold(version.object) }))
      .sort((a, b) => a.atMs - b.atMs);
    this.#listening = storage.cache.listen(({ current }) => {
      if (!current) return;
      this.#line.push({ key: current.key, revision: current.revision, atMs: this.#clock.now() });
      this.#arm();
    });
    this.#arm();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#listening[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    await this.#running;
  }

  /** Without events there is nothing to wait for. */
  #arm(): void {
    const first = this.#line[this.#front];
    if (!first || this.#timer || this.#running || this.#closing.signal.aborted) return;
    const waitMs = first.atMs + this.#ttlMs - this.#clock.now();
    this.#timer = this.#clock.after(Math.max(waitMs, 0) + BATCH_MS, () => {
      this.#timer = undefined;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        this.#arm();
      });
    });
  }

  /** Deletes what has lived long enough; what could not be deleted is left. */
  async #run(): Promise<void> {
    const due = this.#takeDue();
    const waiting = due.values();
    const work = async () => {
      for (const version of waiting) {
        if (this.#closing.signal.aborted) return;
        await this.#storage.remove(version);
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(PARALLEL, due.length) }, work));
    } catch (error) {
      this.#log.warn('old events could not be deleted', { error });
    }
  }

  #takeDue(): readonly ObjectVersion[] {
    const latest = this.#clock.now() - this.#ttlMs;
    const due: ObjectVersion[] = [];
    for (; this.#front < this.#line.length && due.length < MAX_RUN; this.#front++) {
      const { key, revision, atMs } = this.#line[this.#front] as Written;
      if (atMs > latest) break;
      const version = this.#storage.get(key);
      if (version?.revision === revision) due.push(version);
    }
    this.#line = this.#line.slice(this.#front);
    this.#front = 0;
    return due;
  }
}

/** The newest time that an event tells of itself. */
function lastTold(event: AnyObject): number {
  const series = event['series'] as { lastObservedTime?: string } | undefined;
  const times = [
    event.metadata.creationTimestamp,
    event['lastTimestamp'],
    event['eventTime'],
    series?.lastObservedTime,
  ];
  return Math.max(0, ...times.filter((time) => typeof time === 'string').map((time) => Date.parse(time)));
}
