// The objects of an informer, with indexes, and what changed between what it knew and what it was told. Objects are kept
// as they came: shared, never copied, never changed.

import type { AnyObject } from '../api/kind.ts';
import type { ObjectRef } from './client.ts';
import { keyOf, type ObjectKey } from './object-key.ts';
import type { WatchEventOf } from './transport.ts';

/** One step of one object. An object that was replaced by another of its name is a `deleted` and an `added`. */
export type Change<Object> =
  | { readonly type: 'added'; readonly object: Object }
  | { readonly type: 'updated'; readonly object: Object; readonly previous: Object }
  /** `object` is the last state that is known; after a gap that may not be the last one there was. */
  | { readonly type: 'deleted'; readonly object: Object };

/** The values under which an object is found. */
export type IndexFunction<Object> = (object: Object) => readonly string[];

/** Reads of what is cached. */
export interface Lister<Object> {
  get(ref: ObjectKey | ObjectRef): Object | undefined;
  /** Absent namespace: all of them. In no particular order. */
  list(namespace?: string): readonly Object[];
  /** The objects for which the named index gives the value. Throws `TypeError` for an index that was never added. */
  byIndex(index: string, value: string): readonly Object[];
}

type Bucket<Object> = Map<ObjectKey, Object>;

interface Index<Object> {
  readonly valuesOf: IndexFunction<Object>;
  readonly buckets: Map<string, Bucket<Object>>;
}

export class ObjectCache<Object extends AnyObject> implements Lister<Object> {
  readonly #objects = new Map<ObjectKey, Object>();
  readonly #byNamespace: Index<Object> = {
    valuesOf: (object) => [object.metadata.namespace ?? ''],
    buckets: new Map(),
  };
  readonly #indexes = new Map<string, Index<Object>>();

  get(ref: ObjectKey | ObjectRef): Object | undefined {
    return this.#objects.get(typeof ref === 'string' ? ref : keyOf(ref));
  }

  list(namespace?: string): readonly Object[] {
    if (namespace === undefined) return [...this.#objects.values()];
    return [...(this.#byNamespace.buckets.get(namespace)?.values() ?? [])];
  }

  byIndex(name: string, value: string): readonly Object[] {
    const index = this.#indexes.get(name);
    if (!index) throw new TypeError(`there is no index ${name}`);
    return [...(index.buckets.get(value)?.values() ?? [])];
  }

  /** An index of a name that is there already stays as it is: whoever shares a cache means the same by a name. */
  addIndex(name: string, valuesOf: IndexFunction<Object>): void {
    if (this.#indexes.has(name)) return;
    const index: Index<Object> = { valuesOf, buckets: new Map() };
    for (const [key, object] of this.#objects) enter(index, key, object);
    this.#indexes.set(name, index);
  }

  /** Takes what a list says: all objects there are. Objects at the version that is known are no change. */
  replace(objects: readonly Object[]): readonly Change<Object>[] {
    const changes: Change<Object>[] = [];
    const listed = new Set(objects.map((object) => keyOf(object.metadata)));
    for (const [key, object] of this.#objects) {
      if (!listed.has(key)) this.#remove(key, object, changes);
    }
    for (const object of objects) {
      const current = this.get(object.metadata);
      if (current?.metadata.resourceVersion !== object.metadata.resourceVersion) this.#put(object, changes);
    }
    return changes;
  }

  /** Takes a batch of a watch's events, bookmarks aside. */
  apply(events: readonly WatchEventOf<Object>[]): readonly Change<Object>[] {
    const changes: Change<Object>[] = [];
    for (const { type, object } of events) {
      if (type === 'BOOKMARK') continue;
      if (type !== 'DELETED') this.#put(object, changes);
      else if (this.get(object.metadata)) this.#remove(keyOf(object.metadata), object, changes);
    }
    return changes;
  }

  #put(object: Object, changes: Change<Object>[]): void {
    const key = keyOf(object.metadata);
    const previous = this.#objects.get(key);
    if (previous && previous.metadata.uid !== object.metadata.uid) {
      this.#remove(key, previous, changes);
      this.#put(object, changes);
      return;
    }
    this.#objects.set(key, object);
    for (const index of this.#allIndexes()) {
      if (previous) leave(index, key, previous);
      enter(index, key, object);
    }
    changes.push(previous ? { type: 'updated', object, previous } : { type: 'added', object });
  }

  #remove(key: ObjectKey, last: Object, changes: Change<Object>[]): void {
    const known = this.#objects.get(key) ?? last;
    this.#objects.delete(key);
    for (const index of this.#allIndexes()) leave(index, key, known);
    changes.push({ type: 'deleted', object: last });
  }

  *#allIndexes(): Generator<Index<Object>> {
    yield this.#byNamespace;
    yield* this.#indexes.values();
  }
}

function enter<Object>({ valuesOf, buckets }: Index<Object>, key: ObjectKey, object: Object): void {
  for (const value of valuesOf(object)) {
    const bucket = buckets.get(value);
    if (bucket) bucket.set(key, object);
    else buckets.set(value, new Map([[key, object]]));
  }
}

function leave<Object>({ valuesOf, buckets }: Index<Object>, key: ObjectKey, object: Object): void {
  for (const value of valuesOf(object)) {
    const bucket = buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) buckets.delete(value);
  }
}
