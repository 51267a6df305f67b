// What a change of an object means for those who manage its fields: all but the one who makes it lose what it changes or
// takes away. Managers are compared in the version that each of them has used. Upstream: structured-merge-diff's
// merge.Updater.

import { compareObjects, type FieldChanges } from './compare-objects.ts';
import type { FieldScope } from './field-scope.ts';
import { difference, type FieldSet, filtered, intersection, isEmpty, NO_FIELDS, union } from './field-set.ts';
import { fitFields } from './fit-fields.ts';
import type { Manager, Managers } from './managers.ts';
import type { JsonMap } from './typed-value.ts';

/** The change from one object to another, in whatever version it is asked for. */
export class Change {
  readonly #scope: FieldScope;
  readonly #before: JsonMap;
  readonly #after: JsonMap;
  readonly #byVersion = new Map<string, FieldChanges | undefined>();

  constructor(scope: FieldScope, before: JsonMap, after: JsonMap) {
    this.#scope = scope;
    this.#before = before;
    this.#after = after;
  }

  /** Without what may not be owned; undefined for a version that is not served. Throws `MergeTypeError`. */
  in(apiVersion: string): FieldChanges | undefined {
    if (!this.#byVersion.has(apiVersion)) this.#byVersion.set(apiVersion, this.#compare(apiVersion));
    return this.#byVersion.get(apiVersion);
  }

  #compare(apiVersion: string): FieldChanges | undefined {
    const scope = this.#scope;
    const target = apiVersion === scope.apiVersion ? scope : scope.at(apiVersion);
    if (!target) return undefined;
    const { type, filter } = target;
    const inVersion = (object: JsonMap) => (target === scope ? object : scope.convert(object, target));
    const skipped = filter.type === 'except' ? filter.fields : NO_FIELDS;
    const { changed, removed } = compareObjects(type, inVersion(this.#before), inVersion(this.#after), skipped);
    return { changed: filtered(changed, filter), removed: filtered(removed, filter) };
  }
}

export interface Conflict {
  readonly manager: Manager;
  /** What the manager would lose. */
  readonly fields: FieldSet;
}

/** Which managers own something that a change would change. */
export function conflictsOf(change: Change, managers: Managers, except: string): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const identifier of [...managers.keys()].sort()) {
    const manager = managers.get(identifier) as Manager;
    const changes = identifier === except ? undefined : change.in(manager.apiVersion);
    const fields = changes ? intersection(manager.fieldsV1, changes.changed) : NO_FIELDS;
    if (!isEmpty(fields)) conflicts.push({ manager, fields });
  }
  return conflicts;
}

/** The managers with what a change leaves them, without those that it leaves nothing or whose version is gone. */
export function managersAfter(change: Change, managers: Managers, except?: string): Map<string, Manager> {
  const left = new Map<string, Manager>();
  for (const [identifier, manager] of managers) {
    const changes = change.in(manager.apiVersion);
    if (identifier === except) {
      if (!isEmpty(manager.fieldsV1)) left.set(identifier, manager);
    } else if (changes) {
      const fields = difference(difference(manager.fieldsV1, changes.changed), changes.removed);
      if (!isEmpty(fields)) left.set(identifier, withFields(manager, fields));
    }
  }
  return left;
}

/** The managers with their fields as the types are now. */
export function fittingManagers(scope: FieldScope, managers: Managers): Managers {
  const fitting = new Map<string, Manager>();
  for (const [identifier, manager] of managers) {
    const type = scope.at(manager.apiVersion)?.type;
    if (type) fitting.set(identifier, withFields(manager, fitFields(type, manager.fieldsV1)));
  }
  return fitting;
}

export function withFields(manager: Manager, fields: FieldSet): Manager {
  return fields === manager.fieldsV1 ? manager : { ...manager, fieldsV1: fields };
}

export function joined(manager: Manager | undefined, fields: FieldSet): FieldSet {
  return manager ? union(fields, manager.fieldsV1) : fields;
}
