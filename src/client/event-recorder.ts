// Says in Events what a component did and saw, as upstream's components do: core/v1 Events with a source, counted and
// limited by event-correlator.ts. Saying something never waits and never fails: what the API server does not take is
// given up after a few tries.

import { Event } from '../api/core/event.ts';
import type { ObjectReference } from '../api/core/references.ts';
import type { AnyObject } from '../api/kind.ts';
import { isStatusError, StatusError } from '../api/status-error.ts';
import { formatTime } from '../api/time.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { WorkQueue } from '../base/work-queue.ts';
import type { Client } from './client.ts';
import { type Correlation, EventCorrelator, type EventInput, subjectOfEvent } from './event-correlator.ts';

export type EventType = 'Normal' | 'Warning';

/** What an event is about: an object, or a reference where that says more (a `fieldPath` for a container). */
export type EventSubject = Pick<AnyObject, 'apiVersion' | 'kind' | 'metadata'> | ObjectReference;

export interface EventOptions {
  readonly related?: ObjectReference;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What was done, in one word (`Binding`). */
  readonly action?: string;
}

export interface EventRecorder extends AsyncDisposable {
  event(subject: EventSubject, type: EventType, reason: string, message: string, options?: EventOptions): void;
}

export interface EventSource {
  /** `deployment-controller`, `kubelet`. */
  readonly component: string;
  /** The node, for what runs on one. */
  readonly host?: string;
}

const MAX_QUEUED = 1000;
/** Objects whose events are on their way at the same time; what is said of one object goes out in its order. */
const MAX_SENDING = 16;
const MAX_ATTEMPTS = 12;
const RETRY_DELAY_MS = 10_000;
/** How often it is logged, at most, that events are lost. */
const LOSS_REPORT_MS = 10_000;

/** Closing it drops what has not been sent. */
export function createEventRecorder(
  { client, clock, log }: { client: Client; clock: Clock; log: Logger },
  source: EventSource,
): EventRecorder {
  const correlator = new EventCorrelator(clock);
  const waiting = new WaitingEvents(MAX_QUEUED);
  const losses = new LossReport({ clock, log });
  const queue = new WorkQueue(
    {
      clock,
      async work(subject, signal) {
        for (let event = waiting.next(subject); event && !signal.aborted; event = waiting.next(subject)) {
          const correlation = correlator.correlate(event);
          if (correlation.type !== 'drop') await sendWithRetries({ client, clock, log }, correlation, signal);
        }
      },
    },
    { concurrency: MAX_SENDING },
  );
  let isClosed = false;
  let lastNanos = 0n;
  return {
    event(subject, type, reason, message, options = {}) {
      if (isClosed) return;
      // Names are made of the time, so two events of one moment must not share it; other components speak of the same
      // objects in the same millisecond.
      const fraction = BigInt(Math.trunc((clock.elapsed() % 1) * 1e6));
      const nanos = BigInt(Math.trunc(clock.now())) * 1_000_000n + fraction;
      lastNanos = nanos > lastNanos ? nanos : lastNanos + 1n;
      const event = eventInput(source, { subject, type, reason, message, options }, clock.now(), lastNanos);
      const about = subjectOfEvent(event);
      if (waiting.add(about, event)) queue.add(about);
      else losses.count();
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      losses[Symbol.dispose]();
      await queue[Symbol.asyncDispose]();
    },
  };
}

/** The reference to an object that goes into events. */
export function referenceTo(
  object: Pick<AnyObject, 'apiVersion' | 'kind' | 'metadata'>,
  fieldPath?: string,
): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata;
  return {
    kind: object.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    uid,
    apiVersion: object.apiVersion,
    resourceVersion,
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}

/** Events that have not been sent, by what they are about and in their order. */
class WaitingEvents {
  readonly #limit: number;
  readonly #bySubject = new Map<string, EventInput[]>();
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False when there are too many. */
  add(subject: string, event: EventInput): boolean {
    if (this.#size >= this.#limit) return false;
    this.#size++;
    const events = this.#bySubject.get(subject);
    if (events) events.push(event);
    else this.#bySubject.set(subject, [event]);
    return true;
  }

  next(subject: string): EventInput | undefined {
    const events = this.#bySubject.get(subject);
    const event = events?.shift();
    if (event) this.#size--;
    if (events?.length === 0) this.#bySubject.delete(subject);
    return event;
  }
}

/** Says how many events were lost: once for all that are lost within a while. */
class LossReport implements Disposable {
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  #lost = 0;
  #due: Disposable | undefined;

  constructor(deps: { readonly clock: Clock; readonly log: Logger }) {
    this.#deps = deps;
  }

  count(): void {
    this.#lost++;
    this.#due ??= this.#deps.clock.after(LOSS_REPORT_MS, () => this[Symbol.dispose]());
  }

  /** Says it now. */
  [Symbol.dispose](): void {
    this.#due?.[Symbol.dispose]();
    this.#due = undefined;
    if (this.#lost > 0) this.#deps.log.warn('events were dropped: too many wait to be sent', { dropped: this.#lost });
    this.#lost = 0;
  }
}

interface Said {
  readonly subject: EventSubject;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
  readonly options: EventOptions;
}

function eventInput(source: EventSource, said: Said, nowMs: number, nanos: bigint): EventInput {
  const { subject, type, reason, message } = said;
  const { related, annotations, action } = said.options;
  const involvedObject = 'metadata' in subject ? referenceTo(subject) : subject;
  const now = formatTime(nowMs);
  return {
    metadata: {
      name: `${involvedObject.name}.${nanos.toString(16)}`,
      namespace: involvedObject.namespace || 'default',
      ...(annotations ? { annotations } : {}),
    },
    involvedObject,
    reason,
    message,
    source: { component: source.component, ...(source.host === undefined ? {} : { host: source.host }) },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    type,
    ...(action === undefined ? {} : { action }),
    ...(related === undefined ? {} : { related }),
    reportingComponent: source.component,
    reportingInstance: source.host ?? '',
  };
}

async function sendWithRetries(
  { client, clock, log }: { client: Client; clock: Clock; log: Logger },
  correlation: Exclude<Correlation, { type: 'drop' }>,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    try {
      await send(client, correlation, signal);
      return;
    } catch (error) {
      if (signal.aborted) return;
      // The server has answered: it would say the same again.
      if (
        error instanceof StatusError &&
        !isStatusError(error, 'TooManyRequests', 'ServiceUnavailable', 'InternalError')
      ) {
        // In a namespace that is going there is nobody left to read it.
        const expected = isStatusError(error, 'AlreadyExists') || isNamespaceTerminating(error);
        if (!expected) log.warn('the API server does not take an event', { error, reason: correlation.event.reason });
        return;
      }
      if (attempt === MAX_ATTEMPTS) log.warn('an event could not be sent', { error, reason: correlation.event.reason });
      else await sleep(clock, RETRY_DELAY_MS, signal).catch(() => {}); // Closed: the next attempt fails at once.
    }
  }
}

async function send(client: Client, correlation: Exclude<Correlation, { type: 'drop' }>, signal: AbortSignal) {
  const { event } = correlation;
  if (correlation.type === 'update') {
    const { count, lastTimestamp, message } = event;
    try {
      const body = { count, lastTimestamp, message };
      await client.patch(Event, event.metadata, { type: 'strategic', body }, { signal });
      return;
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error; // Expired since: it is made anew.
    }
  }
  await client.create(Event, event, { signal });
}

function isNamespaceTerminating(error: StatusError): boolean {
  return error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}
