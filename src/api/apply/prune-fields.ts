// What goes with an apply: the fields, items and keys that the manager applied the last time and not any more, unless
// somebody else owns them. Upstream: prune of structured-merge-diff's merge.Updater.

import type { FieldScope } from './field-scope.ts';
import { difference, type FieldSet, intersection, isEmpty, NO_FIELDS, union } from './field-set.ts';
import { fieldsOf } from './fields-of.ts';
import type { Manager, Managers } from './managers.ts';
import { removeFields, withNamedFields } from './remove-fields.ts';
import type { JsonMap } from './typed-value.ts';

/** `managers` have what is applied now, `last` is what the manager had before. Throws `MergeTypeError`. */
export function pruneFields(scope: FieldScope, merged: JsonMap, managers: Managers, last: Manager): JsonMap {
  const then = scope.at(last.apiVersion);
  if (!then || isEmpty(last.fieldsV1)) return merged;
  const mergedThen = converted(scope, merged, then);
  const everything = new Version(then, mergedThen);
  const bare = new Version(then, everything.without(withNamedFields(then.type, last.fieldsV1)));
  const owned = addBackOwned(everything, bare, managers);
  // What nobody owned, or only an updater, is not the manager's to take away.
  const gone = difference(everything.fields, owned.in(then).fields);
  const pruned = everything.without(intersection(gone, withNamedFields(then.type, last.fieldsV1)));
  return converted(then, pruned, scope);
}

/** An object in one version, with the fields that it has. */
class Version {
  readonly scope: FieldScope;
  readonly object: JsonMap;

  constructor(scope: FieldScope, object: JsonMap) {
    this.scope = scope;
    this.object = object;
  }

  get fields(): FieldSet {
    return withNamedFields(this.scope.type, fieldsOf(this.scope.type, this.object));
  }

  without(fields: FieldSet): JsonMap {
    return removeFields(this.scope.type, this.object, fields);
  }

  in(scope: FieldScope): Version {
    return scope.apiVersion === this.scope.apiVersion
      ? this
      : new Version(scope, converted(this.scope, this.object, scope));
  }
}

/**
 * Puts back what any manager owns, version by version: first in that of the objects, because what is missing could keep
 * them from being converted.
 */
function addBackOwned(everything: Version, bare: Version, managers: Managers): Version {
  const ownedIn = new Map<string, FieldSet>([[bare.scope.apiVersion, NO_FIELDS]]);
  for (const { apiVersion, fieldsV1 } of managers.values()) {
    ownedIn.set(apiVersion, union(ownedIn.get(apiVersion) ?? NO_FIELDS, fieldsV1));
  }
  let current = bare;
  for (const [apiVersion, owned] of ownedIn) {
    const scope = everything.scope.at(apiVersion);
    if (!scope || isEmpty(owned)) continue;
    const all = everything.in(scope);
    const kept = union(current.in(scope).fields, withNamedFields(scope.type, owned));
    current = new Version(scope, all.without(difference(all.fields, kept)));
  }
  return current;
}

function converted(from: FieldScope, object: JsonMap, to: FieldScope): JsonMap {
  return from.apiVersion === to.apiVersion ? object : from.convert(object, to);
}
