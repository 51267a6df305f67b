// What is served under one group, version and plural, and where its objects are.

import type { FieldScopes } from '../../api/apply/kind-scope.ts';
import type { AnyObject, Kind } from '../../api/kind.ts';
import type { ResourceName } from '../../api/status-error.ts';
import type { ObjectRef } from '../../client/client.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import { REGISTRY } from '../watch/store-feed.ts';
import type { ObjectStorage } from './object-storage.ts';

export interface Resource {
  readonly kind: Kind;
  /** As messages call it. */
  readonly name: ResourceName;
  /** Absent for virtual kinds. Its kind differs from this one's where two resources share their objects. */
  readonly storage: ObjectStorage | undefined;
  /** Whether the kind that is served is the kind that is stored. */
  readonly servesStored: boolean;
  /** Of this kind and those that share its objects. */
  readonly fieldScopes: FieldScopes;
  /** A version of the stored kind as one of this kind. */
  serve(version: ObjectVersion): ObjectVersion;
}

/** The prefix of a kind's keys in the store. */
export function storePrefix(kind: Kind): string {
  return `${REGISTRY}${kind.group === '' ? 'core' : kind.group}/${kind.plural}/`;
}

/** An object's key within its resource: `namespace/name`, or the name of a cluster-scoped object. */
export function keyOf(kind: Kind, ref: ObjectRef): string {
  return kind.namespaced ? `${ref.namespace ?? ''}/${ref.name}` : ref.name;
}

export function keyOfObject(kind: Kind, { metadata }: AnyObject): string {
  return keyOf(kind, { name: metadata.name, namespace: metadata.namespace });
}

/** Everything that is served. */
export class ResourceTable {
  readonly all: readonly Resource[];
  readonly #byName = new Map<string, Resource>();
  readonly #byKind = new Map<Kind, Resource>();

  constructor(resources: readonly Resource[]) {
    this.all = resources;
    for (const resource of resources) {
      const { group, version, plural } = resource.kind;
      this.#byName.set(`${group}/${version}/${plural}`, resource);
      this.#byKind.set(resource.kind, resource);
    }
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byName.get(`${group}/${version}/${plural}`);
  }

  ofKind(kind: Kind): Resource | undefined {
    return this.#byKind.get(kind) ?? this.find(kind.group, kind.version, kind.plural);
  }
}
