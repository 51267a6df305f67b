// The server's own view of its objects, for authorization and admission: straight from the caches.

import type { AnyObject, Kind, ObjectOf } from '../../api/kind.ts';
import type { ObjectRef } from '../../client/client.ts';
import type { CacheEvent } from '../watch/cache-event.ts';
import type { ResourceCache } from '../watch/resource-cache.ts';
import type { ObjectChange, ObjectReader } from './object-reader.ts';
import { keyOf, type Resource, type ResourceTable } from './resource.ts';

/** Throws `TypeError` for kinds that are not served, or not stored. */
export function cachedObjectReader(resources: () => ResourceTable): ObjectReader {
  const find = (kind: Kind): { resource: Resource; cache: ResourceCache } => {
    const resource = resources().ofKind(kind);
    if (!resource?.storage) throw new TypeError(`no objects of ${kind.apiVersion} ${kind.kind} are stored here`);
    return { resource, cache: resource.storage.cache };
  };
  return {
    get<K extends Kind>(kind: K, ref: ObjectRef): ObjectOf<K> | undefined {
      const { resource, cache } = find(kind);
      const version = cache.get(keyOf(kind, ref));
      return version && (resource.serve(version).object as unknown as ObjectOf<K>);
    },

    list<K extends Kind>(kind: K, namespace = ''): readonly ObjectOf<K>[] {
      const { resource, cache } = find(kind);
      return cache.list(namespace).map((version) => resource.serve(version).object as unknown as ObjectOf<K>);
    },

    subscribe<K extends Kind>(kind: K, listener: (change: ObjectChange<ObjectOf<K>>) => void): Disposable {
      const { resource, cache } = find(kind);
      const tell = (type: ObjectChange<unknown>['type'], object: AnyObject) =>
        listener({ type, object: object as unknown as ObjectOf<K> });
      for (const version of cache.list('')) tell('ADDED', resource.serve(version).object);
      return cache.listen(({ current, previous }: CacheEvent) => {
        if (current) tell(previous ? 'MODIFIED' : 'ADDED', resource.serve(current).object);
        else if (previous) tell('DELETED', resource.serve(previous).object);
      });
    },
  };
}
