// An ObjectReader over plain maps, for the tests of what reads through one: objects are put in and taken out by hand.

import type { AnyObject, Kind, ObjectOf } from '../../api/kind.ts';
import type { ObjectRef } from '../../client/client.ts';
import type { ObjectChange, ObjectReader } from './object-reader.ts';

type Listener = (change: ObjectChange<never>) => void;

/** What a test says of an object: the metadata it cares about and the rest. */
export interface ObjectSketch {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

export class MapObjectReader implements ObjectReader {
  readonly #objects = new Map<Kind, Map<string, AnyObject>>();
  readonly #listeners = new Map<Kind, Set<Listener>>();
  #revision = 0;

  get<K extends Kind>(kind: K, ref: ObjectRef): ObjectOf<K> | undefined {
    return this.#of(kind).get(keyOf(ref)) as ObjectOf<K> | undefined;
  }

  list<K extends Kind>(kind: K, namespace?: string): readonly ObjectOf<K>[] {
    const all = [...this.#of(kind).values()];
    const wanted = namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
    return wanted as unknown as readonly ObjectOf<K>[];
  }

  subscribe<K extends Kind>(kind: K, listener: (change: ObjectChange<ObjectOf<K>>) => void): Disposable {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners.add(listener as Listener));
    for (const object of this.list(kind)) listener({ type: 'ADDED', object });
    return { [Symbol.dispose]: () => void listeners.delete(listener as Listener) };
  }

  /** Adds or replaces an object. What every stored object has is filled in; a uid is made from the name. */
  put<K extends Kind>(kind: K, sketch: ObjectSketch): ObjectOf<K> {
    const existing = this.#of(kind).get(keyOf(sketch.metadata));
    this.#revision++;
    const object = {
      apiVersion: kind.apiVersion,
      kind: kind.kind,
      ...sketch,
      metadata: {
        uid: existing?.metadata.uid ?? `uid-${sketch.metadata.name}`,
        creationTimestamp: '2026-01-01T00:00:00Z',
        ...sketch.metadata,
        resourceVersion: String(this.#revision),
      },
    } as unknown as AnyObject;
    this.#of(kind).set(keyOf(sketch.metadata), object);
    this.#announce(kind, { type: existing ? 'MODIFIED' : 'ADDED', object: object as never });
    return object as unknown as ObjectOf<K>;
  }

  remove(kind: Kind, ref: ObjectRef): void {
    const object = this.#of(kind).get(keyOf(ref));
    if (!object) return;
    this.#of(kind).delete(keyOf(ref));
    this.#announce(kind, { type: 'DELETED', object: object as never });
  }

  #of(kind: Kind): Map<string, AnyObject> {
    const objects = this.#objects.get(kind) ?? new Map();
    this.#objects.set(kind, objects);
    return objects;
  }

  #announce(kind: Kind, change: ObjectChange<never>): void {
    for (const listener of this.#listeners.get(kind) ?? []) listener(change);
  }
}

function keyOf({ namespace = '', name }: ObjectRef): string {
  return `${namespace}/${name}`;
}
