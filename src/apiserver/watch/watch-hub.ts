// Brings the events of one resource to its watchers. Watchers of the same selection form a group: the selection is
// evaluated once for all of them. Groups are found by what they select (a name, a field's value, a namespace), so that a
// thousand node agents watching their own pods do not cost a thousand evaluations per event.

import { nextTurn } from '../../base/next-turn.ts';
import type { CacheEvent, Change } from './cache-event.ts';
import type { ObjectVersion } from './object-version.ts';
import { type SelectedField, type Selection, selects } from './selection.ts';
import { type BacklogLimits, ChangeBatch, Watcher } from './watcher.ts';

interface Group {
  readonly selection: Selection;
  readonly watchers: Set<Watcher>;
  pending: Change[];
}

interface FieldInUse {
  readonly field: SelectedField;
  groups: number;
}

export class WatchHub {
  readonly #limits: BacklogLimits;
  readonly #groups = new Map<string, Group>();
  readonly #buckets = new Map<string, Set<Group>>();
  readonly #fields = new Map<string, FieldInUse>();
  #pending: CacheEvent[] = [];
  #isScheduled = false;

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
    this.#flush(); // Who comes now knows of these already.
    const group = this.#groups.get(selection.id) ?? this.#open(selection);
    const watcher = new Watcher({ limits: this.#limits, bookmarks: options.bookmarks });
    watcher.onEnd(() => {
      group.watchers.delete(watcher);
      if (group.watchers.size === 0) this.#close(group);
    });
    group.watchers.add(watcher);
    return watcher;
  }

  /**
   * Tells watchers what happened, when the event loop has turned: what happens within one turn goes out together, and
   * each watcher gets its part of it as one batch.
   */
  dispatch(events: readonly CacheEvent[]): void {
    if (this.#groups.size === 0) return;
    for (const event of events) this.#pending.push(event);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void nextTurn().then(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  /** Tells watchers that want bookmarks that they have been told everything up to the revision. */
  bookmark(revision: number): void {
    this.#flush();
    const item = { type: 'bookmark', revision, initialEnd: false } as const;
    for (const group of this.#groups.values()) for (const watcher of group.watchers) watcher.bookmark(item);
  }

  endAll(error?: Error): void {
    this.#flush();
    for (const group of [...this.#groups.values()]) for (const watcher of [...group.watchers]) watcher.end(error);
  }

  #flush(): void {
    const events = this.#pending;
    if (events.length === 0) return;
    this.#pending = [];
    const touched: Group[] = [];
    for (const event of events) {
      for (const group of this.#interestedIn(event)) {
        const change = event.seenBy((version) => selects(group.selection, version));
        if (!change) continue;
        if (group.pending.length === 0) touched.push(group);
        group.pending.push(change);
      }
    }
    for (const group of touched) {
      const item = { type: 'changes', batch: new ChangeBatch(group.pending) } as const;
      group.pending = [];
      for (const watcher of group.watchers) watcher.push(item);
    }
  }

  #open(selection: Selection): Group {
    const group: Group = { selection, watchers: new Set(), pending: [] };
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
