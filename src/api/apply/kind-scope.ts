// Where the objects of a kind are written, for the tracking of their fields: made out of the declaration alone.

import { convertObject } from '../convert.ts';
import { decodeObject } from '../decode-object.ts';
import type { Kind } from '../kind.ts';
import type { FieldScope } from './field-scope.ts';
import { type FieldFilter, setOfNames } from './field-set.ts';
import { objectType } from './merge-type.ts';
import type { JsonMap } from './typed-value.ts';

/** The scopes of kinds that are versions of one another, by kind and subresource: each is made when first asked for. */
export class FieldScopes {
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #scopes = new Map<string, FieldScope>();

  constructor(kinds: readonly Kind[]) {
    this.#kinds = new Map(kinds.map((kind) => [kind.apiVersion, kind]));
  }

  /** Undefined for a version that is not one of them. */
  find(apiVersion: string, subresource: string): FieldScope | undefined {
    const kind = this.#kinds.get(apiVersion);
    return kind && this.of(kind, subresource);
  }

  of(kind: Kind, subresource: string): FieldScope {
    const key = `${kind.apiVersion} ${subresource}`;
    let scope = this.#scopes.get(key);
    if (!scope) {
      scope = this.#make(kind, subresource);
      this.#scopes.set(key, scope);
    }
    return scope;
  }

  #make(kind: Kind, subresource: string): FieldScope {
    return {
      group: kind.group,
      version: kind.version,
      kind: kind.kind,
      apiVersion: kind.apiVersion,
      subresource,
      type: objectType(kind.schema),
      filter: fieldFilter(kind, subresource),
      empty: decodeObject(kind, {}) as unknown as JsonMap,
      at: (apiVersion) => this.find(apiVersion, subresource),
      convert: (object, to) => {
        const target = this.#kinds.get(to.apiVersion);
        if (!target) throw new TypeError(`${to.apiVersion} is no version of ${kind.kind}`);
        return convertObject(target, decodeObject(kind, object)) as unknown as JsonMap;
      },
    };
  }
}

/** What writers by this way can own: see `resets` of kinds and subresources. */
export function fieldFilter(kind: Kind, subresource: string): FieldFilter {
  const declared = kind.subresources[subresource];
  const except = (paths: readonly (readonly string[])[]): FieldFilter => ({
    type: 'except',
    fields: setOfNames(paths),
  });
  switch (declared?.type) {
    case undefined:
      return except([...(kind.subresources['status'] ? [['status']] : []), ...(kind.resets ?? [])]);
    case 'status': {
      const others = [...kind.schema.jsonFields.keys()].filter((name) => name !== 'metadata' && name !== 'status');
      return except([...others.map((name) => [name]), ...(declared.resets ?? [])]);
    }
    case 'view':
      if (declared.writes) return { type: 'only', fields: setOfNames(declared.writes) };
      return except(declared.resets ?? []);
    default:
      return except([]);
  }
}
