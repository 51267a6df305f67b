// The newest version of every object of one stored resource, in order, with the events that led here. It is fed by
// store-feed.ts and read by everything else; what it gives out is never changed afterwards.

import type { AnyObject } from '../../api/kind.ts';
import { nextTurn } from '../../base/under-way.ts';
import { SortedItems } from '../../store/sorted-items.ts';
import type { StoreEvent, StoreItem } from '../../store/store.ts';
import { CacheEvent, type Change } from './cache-event.ts';
import { EventWindow, type EventWindowLimits } from './event-window.ts';
import { FieldIndex } from './field-index.ts';
import { type ObjectShelf, ObjectVersion } from './object-version.ts';
import { type SelectedField, type Selection, selects } from './selection.ts';
import { WatchHub } from './watch-hub.ts';
import type { BacklogLimits, Watcher } from './watcher.ts';

export interface CacheLimits {
  readonly window: EventWindowLimits;
  readonly backlog: BacklogLimits;
}

/** So many objects are looked into before others get a turn. */
const SLICE = 250;

/** What a write in flight will have made of an object, so that nobody has to decode it when it comes back. */
interface Expected {
  readonly stored: Uint8Array;
  readonly object: AnyObject;
}

/** How often it has been listed, and how many objects were looked at and given for that. */
export interface ListFigures {
  count: number;
  examined: number;
  given: number;
}

export type CacheListener = (event: CacheEvent) => void;

export class ResourceCache {
  /** Keys in the store begin with it: `/registry/core/pods/`. */
  readonly prefix: string;
  readonly hub: WatchHub;
  readonly #shelf: ObjectShelf;
  readonly #limits: CacheLimits;
  readonly #versions = new Map<string, ObjectVersion>();
  /** The same, in order of keys. */
  #order = new SortedItems<ObjectVersion>();
  /** By the names of fields that have been asked for. */
  readonly #fields = new Map<string, FieldIndex>();
  readonly #expected = new Map<string, Expected[]>();
  readonly #listeners = new Set<CacheListener>();
  #window: EventWindow;
  #lastChange = 0;
  /** By the index that was used, `''` for none. */
  readonly lists = new Map<string, ListFigures>();
  #sizeBytes = 0;

  constructor(
    { shelf }: { readonly shelf: ObjectShelf },
    options: { readonly prefix: string; readonly limits: CacheLimits },
  ) {
    this.#shelf = shelf;
    this.prefix = options.prefix;
    this.#limits = options.limits;
    this.hub = new WatchHub({ limits: options.limits.backlog });
    this.#window = new EventWindow(0, { limits: options.limits.window });
  }

  get size(): number {
    return this.#versions.size;
  }

  /** What all objects take in the store together, which is about what they hold in memory. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The revision of the newest event: what is here has been the same since. */
  get lastChange(): number {
    return this.#lastChange;
  }

  get(key: string): ObjectVersion | undefined {
    return this.#versions.get(key);
  }

  /** Everything in a namespace (or everywhere) from a key on, in order of keys. */
  list(namespace: string, from = ''): readonly ObjectVersion[] {
    return this.page(namespace, { from }).versions;
  }

  /** The same up to a limit, and how many more there are. */
  page(
    namespace: string,
    { from = '', limit }: { readonly from?: string; readonly limit?: number },
  ): { readonly versions: readonly ObjectVersion[]; readonly remaining: number } {
    const start = namespace === '' ? '' : `${namespace}/`;
    const end = namespace === '' ? undefined : `${namespace}0`; // '0' is what follows '/'.
    const { items, remaining } = this.#order.range({ start: from < start ? start : from, end }, limit);
    return { versions: items, remaining };
  }

  /** From now on finds objects by this field without looking at the others. Looks at all of them once, with pauses. */
  async index(field: SelectedField): Promise<void> {
    if (this.#fields.has(field.name)) return;
    let looked = 0;
    for (const version of [...this.#versions.values()]) {
      field.valueOf(version); // Kept with the version from here on.
      if (++looked % SLICE === 0) await nextTurn();
    }
    this.#fields.set(field.name, new FieldIndex(field, this.#versions.values()));
  }

  /** What may match a selection, from a key on, in order: as little as is easily found. */
  candidates(selection: Selection, from = ''): readonly ObjectVersion[] {
    if (selection.key !== undefined) {
      const only = this.#versions.get(selection.key);
      return only ? [only] : [];
    }
    const index = selection.field && this.#fields.get(selection.field.name);
    if (!index || !selection.field) return this.list(selection.namespace, from);
    return index.get(selection.field.value).filter(({ key }) => key >= from);
  }

  noteList(index: string, examined: number, given: number): void {
    const figures = this.lists.get(index) ?? { count: 0, examined: 0, given: 0 };
    this.lists.set(index, figures);
    figures.count++;
    figures.examined += examined;
    figures.given += given;
  }

  /** In no particular order, without a copy. */
  values(): IterableIterator<ObjectVersion> {
    return this.#versions.values();
  }

  /**
   * Tells what is about to be written. When an event brings these very bytes the object is taken as it is. Disposing
   * withdraws it; do so when the write has been answered and seen, or has failed.
   */
  expect(key: string, stored: Uint8Array, object: AnyObject): Disposable {
    const expected = { stored, object };
    const others = this.#expected.get(key);
    if (others) others.push(expected);
    else this.#expected.set(key, [expected]);
    return {
      [Symbol.dispose]: () => {
        const rest = this.#expected.get(key)?.filter((other) => other !== expected) ?? [];
        if (rest.length > 0) this.#expected.set(key, rest);
        else this.#expected.delete(key);
      },
    };
  }

  /** A version that is not the cache's own any more. */
  versionOf(version: { readonly key: string; readonly revision: number; readonly stored: Uint8Array }): ObjectVersion {
    return new ObjectVersion({ shelf: this.#shelf }, version);
  }

  /** Calls back with every event from now on, in the turn in which the cache changes. */
  listen(listener: CacheListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /**
   * A watch of what changes after the revision, with what has changed since as its first changes; without a revision,
   * with everything that is here now. Undefined when that past is no longer known.
   */
  watch(
    selection: Selection,
    options: { readonly after: number | undefined; readonly bookmarks: boolean },
  ): { readonly initial: AsyncIterable<readonly Change[]>; readonly watcher: Watcher } | undefined {
    const { after, bookmarks } = options;
    if (after === undefined) {
      const state = this.candidates(selection);
      return { initial: added(state, selection), watcher: this.hub.join(selection, { bookmarks }) };
    }
    const missed = this.#window.since(after);
    if (!missed) return undefined;
    return { initial: seen(missed, selection), watcher: this.hub.join(selection, { bookmarks }) };
  }

  /** Watches can start after this revision. */
  get watchableSince(): number {
    return this.#window.completeSince;
  }

  /** Lets go of events up to and including the revision: watches start after it. */
  forget(revision: number): void {
    this.#window.forget(revision);
  }

  /** Starts over from a list as of a revision. Watches end; listeners are told what is different. */
  load(items: readonly StoreItem[], revision: number): void {
    const before = new Map<string, ObjectVersion>();
    for (const version of this.#versions.values()) before.set(version.key, version);
    this.#versions.clear();
    this.#sizeBytes = 0;
    this.#fields.clear();
    this.#order = new SortedItems();
    const events: CacheEvent[] = [];
    for (const item of items) {
      const key = item.key.slice(this.prefix.length);
      const previous = before.get(key);
      before.delete(key);
      const same = previous?.revision === item.revision;
      const current = same ? previous : this.#versionOf(key, item);
      this.#set(current);
      if (!same) events.push(new CacheEvent({ revision: item.revision, current, previous }));
    }
    for (const previous of before.values()) events.push(new CacheEvent({ revision, current: undefined, previous }));
    this.#window = new EventWindow(revision, { limits: this.#limits.window });
    this.#lastChange = revision;
    this.hub.endAll();
    for (const event of events) this.#tell(event);
  }

  /** Takes in what happened, in order. */
  apply(changes: readonly StoreEvent[]): void {
    const events = changes.map((change) => this.#applyOne(change));
    this.hub.dispatch(events);
    for (const event of events) event.previous?.retire();
  }

  #applyOne(change: StoreEvent): CacheEvent {
    const storeKey = change.type === 'put' ? change.item.key : change.key;
    const key = storeKey.slice(this.prefix.length);
    const previous = this.#versions.get(key);
    const current = change.type === 'put' ? this.#versionOf(key, change.item) : undefined;
    const revision = change.type === 'put' ? change.item.revision : change.revision;
    if (current) this.#set(current);
    else this.#delete(key);
    const event = new CacheEvent({ revision, current, previous });
    this.#window.push(event);
    this.#lastChange = revision;
    this.#tell(event);
    return event;
  }

  #set(version: ObjectVersion): void {
    const previous = this.#versions.get(version.key);
    for (const index of this.#fields.values()) index.change(previous, version);
    this.#sizeBytes += version.sizeBytes - (previous?.sizeBytes ?? 0);
    this.#versions.set(version.key, version);
    this.#order.set(version);
  }

  #delete(key: string): void {
    const previous = this.#versions.get(key);
    for (const index of this.#fields.values()) index.change(previous, undefined);
    this.#sizeBytes -= previous?.sizeBytes ?? 0;
    this.#versions.delete(key);
    this.#order.delete(key);
  }

  #versionOf(key: string, item: StoreItem): ObjectVersion {
    const known = this.#expected.get(key)?.find(({ stored }) => sameBytes(stored, item.value));
    const version = { key, revision: item.revision, stored: item.value };
    return new ObjectVersion({ shelf: this.#shelf }, version, known?.object);
  }

  #tell(event: CacheEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** The state of a cache as changes, in slices with turns for others in between. */
async function* added(versions: readonly ObjectVersion[], selection: Selection): AsyncGenerator<readonly Change[]> {
  yield* inSlices(versions, (version) => (selects(selection, version) ? { type: 'ADDED', version } : undefined));
}

/** What a selection would have been told of these events. */
async function* seen(events: readonly CacheEvent[], selection: Selection): AsyncGenerator<readonly Change[]> {
  yield* inSlices(events, (event) => event.seenBy((version) => selects(selection, version)));
}

async function* inSlices<T>(
  list: readonly T[],
  changeOf: (element: T) => Change | undefined,
): AsyncGenerator<readonly Change[]> {
  for (let start = 0; start < list.length; start += SLICE) {
    if (start > 0) await nextTurn();
    const changes: Change[] = [];
    for (const element of list.slice(start, start + SLICE)) {
      const change = changeOf(element);
      if (change) changes.push(change);
    }
    if (changes.length > 0) yield changes;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
