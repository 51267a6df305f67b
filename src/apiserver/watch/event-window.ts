// The recent past of one resource, so that a watch can start a little behind the present. Bounded by number and bytes.

import type { CacheEvent } from './cache-event.ts';

export interface EventWindowLimits {
  readonly events: number;
  readonly bytes: number;
}

export class EventWindow {
  readonly #limits: EventWindowLimits;
  /** In order; those before #start have left the window. */
  #events: (CacheEvent | undefined)[] = [];
  #start = 0;
  #sizeBytes = 0;
  #completeSince: number;

  /** Knows of everything after the revision. */
  constructor(completeSince: number, options: { readonly limits: EventWindowLimits }) {
    this.#completeSince = completeSince;
    this.#limits = options.limits;
  }

  /** Everything after this revision is in the window. */
  get completeSince(): number {
    return this.#completeSince;
  }

  push(event: CacheEvent): void {
    this.#events.push(event);
    this.#sizeBytes += event.sizeBytes;
    while (this.#events.length - this.#start > this.#limits.events || this.#sizeBytes > this.#limits.bytes) {
      this.#forgetOldest();
    }
    // The space of what has left is given back in bulk, so that each event costs a constant time.
    if (this.#start > 1024 && this.#start * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#start);
      this.#start = 0;
    }
  }

  /** Events after the revision, in order; undefined when some of them have left the window. */
  since(revision: number): readonly CacheEvent[] | undefined {
    if (revision < this.#completeSince) return undefined;
    let low = this.#start;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as CacheEvent).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low) as CacheEvent[];
  }

  /** Lets go of events up to and including the revision. */
  forget(revision: number): void {
    while (this.#start < this.#events.length && (this.#events[this.#start] as CacheEvent).revision <= revision) {
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const oldest = this.#events[this.#start] as CacheEvent;
    this.#events[this.#start++] = undefined;
    this.#sizeBytes -= oldest.sizeBytes;
    this.#completeSince = oldest.revision;
  }
}
