// Brings the events of one resource to its watchers. Watchers of the same selection form a group: the selection is
// evaluated once for all of them. Groups are found by what they select (a name, a field's value, a namespace), so that a
// thousand node agents watching their own pods do not cost a thousand evaluations per event. What there is to tell is told
// in slices with turns of the event loop in between, each watcher in order, so that a thousand watchers hold up nobody.

import { nextTurn } from '../../base/under-way.ts';
import type { CacheEvent, Change } from './cache-event.ts';
import type { ObjectVersion } from './object-version.ts';
import { type SelectedField, type Selection, selects } from './selection.ts';
import { type BacklogLimits, ChangeBatch, Watcher } from './watcher.ts';

interface Group {
  readonly selection: Selection;
  /** In the order in which they have joined, with the number of joins until then. */
  readonly watchers: Map<Watcher, number>;
}

interface FieldInUse {
  readonly field: SelectedField;
  groups: number;
}

/** What is to be told next. It is for those only who had joined by then: who joins later knows of it already. */
type News = { readonly joins: number } & (
  | { readonly type: 'events'; readonly events: CacheEvent[] }
  | { readonly type: 'bookmark'; readonly revision: number }
  | { readonly type: 'end'; readonly error: Error | undefined }
  | { readonly type: 'conclusion'; readonly watcher: Watcher; readonly revision: number }
);

/** About so many bytes are handed to connections before others get a turn: some milliseconds' worth of encryption. */
const SLICE_BYTES = 2 * 1024 * 1024;
/** What it costs to tell a watcher anything, and to ask a group whether an event is for it, in the time of bytes. */
const TELLING_BYTES = 8 * 1024;
const ASKING_BYTES = 512;
/** More events than these do not become one batch. */
const MAX_BATCH_EVENTS = 500;

export class WatchHub {
  readonly #limits: BacklogLimits;
  readonly #groups = new Map<string, Group>();
  readonly #buckets = new Map<string, Set<Group>>();
  readonly #fields = new Map<string, FieldInUse>();
  #joins = 0;
  #news: News[] = [];
  #isTelling = false;

  constructor(options: { readonly limits: BacklogLimits }) {
    this.#limits = options.limits;
  }

  get watchers(): number {
    let count = 0;
    for (const group of this.#groups.values()) count += group.watchers.size;
    return count;
  }

  /** How many watchers look at every change of an object. Those that look for the value of a field are left out. */
  watchersOf(key: string): number {
    const slash = key.indexOf('/');
    let count = watchersIn(this.#buckets.get(EVERYTHING)) + watchersIn(this.#buckets.get(keyBucket(key)));
    if (slash > 0) count += watchersIn(this.#buckets.get(namespaceBucket(key.slice(0, slash))));
    return count;
  }

  /** A watcher of everything that is dispatched from now on. */
  join(selection: Selection, options: { readonly bookmarks: boolean }): Watcher {
    const group = this.#groups.get(selection.id) ?? this.#open(selection);
    const watcher = new Watcher({ limits: this.#limits, bookmarks: options.bookmarks });
    watcher.onEnd(() => {
      group.watchers.delete(watcher);
      if (group.watchers.size === 0) this.#close(group);
    });
    group.watchers.set(watcher, ++this.#joins);
    return watcher;
  }

  /**
   * Tells watchers what happened, once the event loop has turned: what happens within one turn, or while earlier news are
   * being told, goes out together, and each watcher gets its part of it as one batch.
   */
  dispatch(events: readonly CacheEvent[]): void {
    if (this.#groups.size === 0) return;
    const last = this.#news.at(-1);
    if (last?.type !== 'events' || last.joins !== this.#joins || last.events.length >= MAX_BATCH_EVENTS) {
      this.#tellNext({ type: 'events', joins: this.#joins, events: [...events] });
    } else {
      for (const event of events) last.events.push(event);
    }
  }

  /** Tells watchers that want bookmarks that they have been told everything up to the revision. */
  bookmark(revision: number): void {
    this.#tellNext({ type: 'bookmark', joins: this.#joins, revision });
  }

  /** Ends one watch when it has been told everything up to the revision, with a bookmark if it wants them. */
  conclude(watcher: Watcher, revision: number): void {
    this.#tellNext({ type: 'conclusion', joins: this.#joins, watcher, revision });
  }

  /** Ends all watches when they have been told what has been dispatched until now. */
  endAll(error?: Error): void {
    this.#tellNext({ type: 'end', joins: this.#joins, error });
  }

  #tellNext(news: News): void {
    this.#news.push(news);
    if (this.#isTelling) return;
    this.#isTelling = true;
    void this.#tell();
  }

  /** Tells all there is. Nothing that it calls waits or throws, so it comes to an end. */
  async #tell(): Promise<void> {
    await nextTurn();
    let sizeBytes = 0;
    for (let news = this.#news.shift(); news; news = this.#news.shift()) {
      for (const costBytes of this.#told(news)) {
        sizeBytes += costBytes;
        if (sizeBytes < SLICE_BYTES) continue;
        sizeBytes = 0;
        await nextTurn();
      }
    }
    this.#isTelling = false;
  }

  /** Tells one thing step by step; gives what each step has cost. */
  *#told(news: News): Generator<number> {
    switch (news.type) {
      case 'events':
        yield* this.#toldEvents(news);
        break;
      case 'bookmark': {
        const item = { type: 'bookmark', revision: news.revision, initialEnd: false } as const;
        for (const watcher of this.#everybody(news)) {
          watcher.bookmark(item);
          yield TELLING_BYTES;
        }
        break;
      }
      case 'end':
        for (const watcher of this.#everybody(news)) {
          watcher.end(news.error);
          yield TELLING_BYTES;
        }
        break;
      case 'conclusion':
        news.watcher.bookmark({ type: 'bookmark', revision: news.revision, initialEnd: false });
        news.watcher.end();
        break;
      default:
        news satisfies never;
    }
  }

  *#toldEvents({ events, joins }: News & { readonly type: 'events' }): Generator<number> {
    const changes = new Map<Group, Change[]>();
    for (const event of events) {
      let asked = 0;
      for (const group of this.#interestedIn(event)) {
        asked++;
        const change = event.seenBy((version) => selects(group.selection, version));
        if (!change) continue;
        const earlier = changes.get(group);
        if (earlier) earlier.push(change);
        else changes.set(group, [change]);
      }
      yield asked * ASKING_BYTES;
    }
    for (const [group, seen] of changes) {
      const item = { type: 'changes', batch: new ChangeBatch(seen) } as const;
      for (const watcher of joinedBy(group, joins)) {
        watcher.push(item);
        yield item.batch.sizeBytes + TELLING_BYTES;
      }
    }
  }

  *#everybody({ joins }: News): Generator<Watcher> {
    for (const group of this.#groups.values()) yield* joinedBy(group, joins);
  }

  #open(selection: Selection): Group {
    const group: Group = { selection, watchers: new Map() };
    this.#groups.set(selection.id, group);
    const bucket = bucketOf(selection);
    const groups = this.#buckets.get(bucket);
    if (groups) groups.add(group);
    else this.#buckets.set(bucket, new Set([group]));
    const { field } = selection;
    if (field) {
      const inUse = this.#fields.get(field.name);
      if (inUse) inUse.groups++;
      else this.#fields.set(field.name, { field, groups: 1 });
    }
    return group;
  }

  #close(group: Group): void {
    const { selection } = group;
    this.#groups.delete(selection.id);
    const bucket = bucketOf(selection);
    const groups = this.#buckets.get(bucket);
    groups?.delete(group);
    if (groups?.size === 0) this.#buckets.delete(bucket);
    const inUse = selection.field && this.#fields.get(selection.field.name);
    if (inUse && --inUse.groups === 0) this.#fields.delete(inUse.field.name);
  }

  *#interestedIn(event: CacheEvent): Generator<Group> {
    const { key } = event;
    const slash = key.indexOf('/');
    yield* this.#buckets.get(EVERYTHING) ?? [];
    if (slash > 0) yield* this.#buckets.get(namespaceBucket(key.slice(0, slash))) ?? [];
    yield* this.#buckets.get(keyBucket(key)) ?? [];
    for (const { field } of this.#fields.values()) {
      const now = valueIn(field, event.current);
      const before = valueIn(field, event.previous);
      if (now !== undefined) yield* this.#buckets.get(fieldBucket(field.name, now)) ?? [];
      if (before !== undefined && before !== now) yield* this.#buckets.get(fieldBucket(field.name, before)) ?? [];
    }
  }
}

/** The watchers of a group that are among the first so many. Others may come and go meanwhile. */
function* joinedBy({ watchers }: Group, joins: number): Generator<Watcher> {
  for (const [watcher, joined] of watchers) {
    if (joined > joins) return;
    yield watcher;
  }
}

const EVERYTHING = '*';
const namespaceBucket = (namespace: string) => `namespace ${namespace}`;
const keyBucket = (key: string) => `key ${key}`;
const fieldBucket = (name: string, value: string) => `field ${name} ${value}`;

function bucketOf({ namespace, key, field }: Selection): string {
  if (key !== undefined) return keyBucket(key);
  if (field) return fieldBucket(field.name, field.value);
  return namespace === '' ? EVERYTHING : namespaceBucket(namespace);
}

function watchersIn(groups: ReadonlySet<Group> | undefined): number {
  let count = 0;
  if (groups) for (const { watchers } of groups) count += watchers.size;
  return count;
}

function valueIn(field: SelectedField, version: ObjectVersion | undefined): string | undefined {
  return version && field.valueOf(version);
}
