// Makes the resources that are served out of the kinds that are declared: one cache and one storage for each kind that is
// stored, shared by the kinds that are other versions of it.

import { FieldScopes } from '../../api/apply/kind-scope.ts';
import { convertObject } from '../../api/convert.ts';
import type { Kind } from '../../api/kind.ts';
import type { Store } from '../../store/store.ts';
import type { ObjectShelf } from '../watch/object-version.ts';
import { type CacheLimits, ResourceCache } from '../watch/resource-cache.ts';
import type { StoreFeed } from '../watch/store-feed.ts';

import { ObjectStorage } from './object-storage.ts';
import { type Resource, ResourceTable, storePrefix } from './resource.ts';

export function openResources(
  { store, shelf, feed }: { readonly store: Store; readonly shelf: ObjectShelf; readonly feed: () => StoreFeed },
  kinds: readonly Kind[],
  options: { readonly limits: CacheLimits },
): ResourceTable {
  const storages = new Map<Kind, ObjectStorage>();
  const storageOf = (kind: Kind): ObjectStorage => {
    let storage = storages.get(kind);
    if (!storage) {
      const cache = new ResourceCache({ shelf }, { prefix: storePrefix(kind), limits: options.limits });
      storage = new ObjectStorage({ store, feed }, { kind, cache });
      storages.set(kind, storage);
    }
    return storage;
  };
  const versions = Map.groupBy(kinds, (kind) => storedKind(kind, kinds));
  const scopes = new Map([...versions].map(([stored, served]) => [stored, new FieldScopes(served)]));
  return new ResourceTable(
    kinds.map((kind) => {
      const stored = storedKind(kind, kinds);
      return resourceOf(kind, stored, { storageOf, fieldScopes: scopes.get(stored) as FieldScopes });
    }),
  );
}

function resourceOf(
  kind: Kind,
  stored: Kind,
  { storageOf, fieldScopes }: { readonly storageOf: (kind: Kind) => ObjectStorage; readonly fieldScopes: FieldScopes },
): Resource {
  const servesStored = stored === kind;
  return {
    kind,
    name: { group: kind.group, resource: kind.plural },
    storage: kind.virtual ? undefined : storageOf(stored),
    servesStored,
    fieldScopes,
    serve: servesStored ? (version) => version : (version) => version.as(kind, (object) => convertObject(kind, object)),
  };
}

function storedKind(kind: Kind, kinds: readonly Kind[]): Kind {
  const { storedAs } = kind;
  if (!storedAs) return kind;
  const found = kinds.find(
    (other) => other.group === storedAs.group && other.version === storedAs.version && other.kind === storedAs.kind,
  );
  if (!found) throw new TypeError(`${kind.apiVersion} ${kind.kind} is stored as a kind that is not served`);
  return found;
}
