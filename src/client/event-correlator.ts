// Decides what becomes of an event: dropped as spam, folded into one that was sent before, or sent as it is. Pure but for
// the clock; sending is event-recorder.ts's. Upstream: client-go/tools/record/events_cache.go, with its limits.

import type { Event } from '../api/core/event.ts';
import type { InputOf } from '../api/kind.ts';
import type { Clock } from '../base/clock.ts';
import { TokenBucket } from '../base/token-bucket.ts';

export type EventInput = InputOf<typeof Event> & {
  readonly metadata: { readonly name: string; readonly namespace: string };
};

/** `update`: the event of that name counts one more. */
export type Correlation =
  | { readonly type: 'drop' }
  | { readonly type: 'create'; readonly event: EventInput }
  | { readonly type: 'update'; readonly event: EventInput };

/** One source may say this much of one object: 25 at once, then one in five minutes. */
const SPAM_LIMIT = { perSecond: 1 / 300, burst: 25 };
/** Events that differ in their message only are combined from the tenth on within ten minutes. */
const SIMILAR_LIMIT = 10;
const SIMILAR_WINDOW_MS = 10 * 60 * 1000;
const MAX_REMEMBERED = 4096;
const COMBINED_PREFIX = '(combined from similar events): ';

interface Similar {
  readonly messages: Set<string>;
  lastSeenMs: number;
}

interface Sent {
  readonly name: string;
  readonly firstTimestamp: string | null | undefined;
  count: number;
}

export class EventCorrelator {
  readonly #clock: Clock;
  readonly #limits = new RecentMap<TokenBucket>(MAX_REMEMBERED);
  readonly #similar = new RecentMap<Similar>(MAX_REMEMBERED);
  readonly #sent = new RecentMap<Sent>(MAX_REMEMBERED);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  correlate(event: EventInput): Correlation {
    const combined = this.#combine(event);
    const key = combined ? kindOfEvent(event) : `${kindOfEvent(event)}\n${event.message}`;
    const before = this.#sent.get(key);
    const sent: Sent = before ?? { name: event.metadata.name, firstTimestamp: event.firstTimestamp, count: 0 };
    sent.count++;
    this.#sent.set(key, sent);

    const subject = subjectOfEvent(event);
    const limit = this.#limits.get(subject) ?? new TokenBucket(this.#clock, SPAM_LIMIT);
    this.#limits.set(subject, limit);
    if (!limit.take()) return { type: 'drop' };

    const counted: EventInput = {
      ...event,
      metadata: { ...event.metadata, name: sent.name },
      message: combined ? `${COMBINED_PREFIX}${event.message}` : (event.message ?? ''),
      firstTimestamp: sent.firstTimestamp ?? event.firstTimestamp ?? null,
      count: sent.count,
    };
    return { type: before ? 'update' : 'create', event: counted };
  }

  /** Whether so many similar events were seen of late that their messages no longer tell them apart. */
  #combine(event: EventInput): boolean {
    const key = kindOfEvent(event);
    const nowMs = this.#clock.now();
    const known = this.#similar.get(key);
    const similar =
      known && nowMs - known.lastSeenMs <= SIMILAR_WINDOW_MS
        ? known
        : { messages: new Set<string>(), lastSeenMs: nowMs };
    this.#similar.set(key, similar);
    similar.lastSeenMs = nowMs;
    similar.messages.add(event.message ?? '');
    if (similar.messages.size < SIMILAR_LIMIT) return false;
    // Forgets the oldest, so that the set stays as small as the limit.
    const [oldest] = similar.messages;
    if (oldest !== undefined) similar.messages.delete(oldest);
    return true;
  }
}

/** The same for all that one source says of one object. */
export function subjectOfEvent({ source, involvedObject: of }: EventInput): string {
  const parts = [source?.component, source?.host, of.kind, of.namespace, of.name, of.uid, of.apiVersion];
  return parts.join('\n');
}

function kindOfEvent(event: EventInput): string {
  return [subjectOfEvent(event), event.involvedObject.fieldPath, event.type, event.reason].join('\n');
}

/** A map that forgets what has not been set for longest. */
class RecentMap<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
