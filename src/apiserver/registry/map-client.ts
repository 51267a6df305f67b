// A Client over a MapObjectReader, for tests: the plain reads and writes with their conflicts, and a record of what was
// written. There is no defaulting, validation or admission behind it.

import type { AnyObject, InputOf, Kind, ListOf, ObjectOf } from '../../api/kind.ts';
import { alreadyExists, conflict, MODIFIED, notFound } from '../../api/status-error.ts';
import type { Client, ListOptions, ObjectRef } from '../../client/client.ts';
import type { MapObjectReader, ObjectSketch } from './map-object-reader.ts';

export interface MapClient extends Client {
  /** `create ClusterRole admin`, in order. */
  readonly writes: string[];
}

export function mapClient(objects: MapObjectReader): MapClient {
  const writes: string[] = [];
  const resourceOf = (kind: Kind) => ({ group: kind.group, resource: kind.plural });
  const existing = <K extends Kind>(kind: K, ref: ObjectRef): ObjectOf<K> => {
    const object = objects.get(kind, ref);
    if (!object) throw notFound(resourceOf(kind), ref.name);
    return object;
  };
  const update = async <K extends Kind>(kind: K, input: InputOf<K>): Promise<ObjectOf<K>> => {
    const sketch = input as unknown as ObjectSketch & { metadata: { resourceVersion?: string } };
    const current = existing(kind, sketch.metadata) as unknown as AnyObject;
    const { resourceVersion } = sketch.metadata;
    if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion) {
      throw conflict(resourceOf(kind), sketch.metadata.name, MODIFIED);
    }
    writes.push(`update ${kind.kind} ${sketch.metadata.name}`);
    return objects.put(kind, sketch);
  };
  const unsupported = () => {
    throw new TypeError('not part of this client');
  };
  return {
    writes,
    get: async (kind, ref) => existing(kind, ref),
    list: async <K extends Kind>(kind: K, { namespace }: ListOptions = {}): Promise<ListOf<K>> => ({
      apiVersion: kind.apiVersion,
      kind: kind.listKind,
      metadata: { resourceVersion: '0' },
      items: objects.list(kind, namespace),
    }),
    create: async <K extends Kind>(kind: K, input: InputOf<K>): Promise<ObjectOf<K>> => {
      const sketch = input as unknown as ObjectSketch;
      if (objects.get(kind, sketch.metadata)) throw alreadyExists(resourceOf(kind), sketch.metadata.name);
      writes.push(`create ${kind.kind} ${sketch.metadata.name}`);
      return objects.put(kind, sketch);
    },
    update,
    updateStatus: update,
    delete: async (kind, ref) => {
      const object = existing(kind, ref);
      writes.push(`delete ${kind.kind} ${ref.name}`);
      objects.remove(kind, ref);
      return object;
    },
    watch: unsupported,
    patch: unsupported,
    deleteCollection: unsupported,
    act: unsupported,
    request: unsupported,
    async [Symbol.asyncDispose]() {},
  };
}
