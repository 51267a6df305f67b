// Server-side apply and the tracking of all other writes, as the request path uses them: who manages which fields of an
// object once it has been written, and what an applied configuration makes of the object. Upstream: apimachinery's
// util/managedfields, whose chain of managers this is.

import { deepEqual } from '../deep-equal.ts';
import type { ManagedFieldsEntry } from '../meta/object-meta.ts';
import { badRequest, StatusError } from '../status-error.ts';
import { applyConflict } from './apply-conflict.ts';
import { capUpdaters } from './cap-updaters.ts';
import { checkApplied } from './check-applied.ts';
import type { FieldScope } from './field-scope.ts';
import { difference, type FieldSet, filtered, isEmpty, NO_FIELDS, setOfNames } from './field-set.ts';
import { fieldsOf } from './fields-of.ts';
import { conflictsBesidesLastApplied, KUBECTL, withLastApplied } from './last-applied.ts';
import {
  identifierOf,
  type Manager,
  type Managers,
  managedFieldsOf,
  managerEntry,
  NO_MANAGERS,
  sentManagers,
  storedManagers,
} from './managers.ts';
import { mergeObjects } from './merge-objects.ts';
import { pruneFields } from './prune-fields.ts';
import { Change, type Conflict, conflictsOf, fittingManagers, joined, managersAfter } from './track-changes.ts';
import { entriesOf, isSame, type JsonMap, MergeTypeError } from './typed-value.ts';

const BEFORE_FIRST_APPLY = 'before-first-apply';

/** What is never anybody's: the identity of an object, and what the server keeps in its metadata. */
const NEVER_OWNED = setOfNames([
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'selfLink'],
  ['metadata', 'uid'],
  ['metadata', 'clusterName'],
  ['metadata', 'generation'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
]);

type ManagedFields = readonly ManagedFieldsEntry[] | undefined;

interface Write {
  /** The object as it is, or the scope's empty one where there is none. */
  readonly live: JsonMap;
  /** Who writes; may be `''`. */
  readonly manager: string;
  /** Now, in whole seconds. */
  readonly time: string;
}

export interface UpdateWrite extends Write {
  /** What the live object is to become, with the `managedFields` that the client sent along, which count if sound. */
  readonly next: JsonMap;
}

export interface ApplyWrite extends Write {
  /** What is applied, as it was sent. */
  readonly applied: JsonMap;
  /** Takes from others what they own. */
  readonly force: boolean;
}

export interface AppliedObject {
  /** Merged: not decoded, and with the `managedFields` that the live object had. */
  readonly object: JsonMap;
  readonly managedFields: ManagedFields;
}

/** `managedFields` after a write that is no apply; undefined where nobody manages anything. */
export function managedFieldsAfterUpdate(scope: FieldScope, write: UpdateWrite): ManagedFields {
  const { live, next } = write;
  const { managers, source } = managersBefore(scope, managedFieldsIn(live), managedFieldsIn(next));
  const isNew = entriesOf(live['metadata'])['uid'] === undefined;
  // Objects that nobody has applied, and from before there was tracking, stay untracked.
  if (managers.size === 0 && !isNew) return undefined;
  try {
    const after = managersAfterUpdate(scope, managers, write);
    return isUnchanged(managers, after) ? source : managedFieldsOf(capUpdaters(after));
  } catch (error) {
    if (!(error instanceof MergeTypeError)) throw error;
    return undefined; // Nobody can say then who manages what, and the write is not to fail for that.
  }
}

/**
 * What a configuration makes of the live object. Throws StatusError: `Conflict` with the fields that others own,
 * `BadRequest` for another kind of object, an internal error for what is not of the declared type.
 */
export function applyConfiguration(scope: FieldScope, write: ApplyWrite): AppliedObject {
  refuseMisfit(scope, write.applied);
  try {
    return applyFitting(scope, write);
  } catch (error) {
    // What is applied has been checked, so it is the live object whose items cannot be told apart.
    if (error instanceof MergeTypeError) throw typeFailure('live', write.applied, error);
    throw error;
  }
}

function applyFitting(scope: FieldScope, write: ApplyWrite): AppliedObject {
  const { live, applied, manager, force } = write;
  const managers = managersBeforeApply(scope, write);
  let outcome = attempt(scope, managers, write, force);
  if ('conflicts' in outcome) {
    const { conflicts } = outcome;
    const left = manager === KUBECTL ? conflictsBesidesLastApplied(scope, live, conflicts) : conflicts;
    if (left.length > 0) throw applyConflict(left);
    outcome = attempt(scope, managers, write, true);
  }
  if ('conflicts' in outcome) throw applyConflict(outcome.conflicts);
  const object = manager === KUBECTL ? withLastApplied(outcome.object, applied) : outcome.object;
  return { object, managedFields: managedFieldsOf(outcome.managers) };
}

function managersBefore(
  { subresource }: FieldScope,
  stored: ManagedFields,
  sent: ManagedFields,
): { readonly managers: Managers; readonly source: ManagedFields } {
  const own = { managers: storedManagers(stored), source: stored };
  // Through a subresource nobody can change who manages what.
  if (!sent || subresource !== '' || sent === stored) return own;
  if (isReset(sent)) return { managers: NO_MANAGERS, source: undefined };
  if (deepEqual(sent, stored)) return own;
  const managers = sentManagers(sent);
  // Clients that know nothing of managers are not to delete them by accident.
  return managers && managers.size > 0 ? { managers, source: managedFieldsOf(managers) } : own;
}

/** `[]` or `[{}]`: the ways to have them forgotten. */
function isReset(sent: readonly ManagedFieldsEntry[]): boolean {
  const [first, ...others] = sent;
  return others.length === 0 && (first === undefined || Object.keys(first).length === 0);
}

/** Objects that nobody has managed so far belong to everybody's predecessor. */
function managersBeforeApply(scope: FieldScope, { live, time }: ApplyWrite): Managers {
  const managers = storedManagers(managedFieldsIn(live));
  if (managers.size > 0 || live === scope.empty) return managers;
  const write = { live: scope.empty, next: live, manager: BEFORE_FIRST_APPLY, time };
  return managersAfterUpdate(scope, managers, write);
}

function managersAfterUpdate(
  scope: FieldScope,
  managers: Managers,
  { live, next, manager, time }: UpdateWrite,
): Managers {
  const change = new Change(scope, live, withManagedFields(next, managedFieldsIn(live)));
  const left = managersAfter(change, fittingManagers(scope, managers));
  const gained = difference(change.in(scope.apiVersion)?.changed ?? NO_FIELDS, NEVER_OWNED);
  if (isEmpty(gained)) return left;
  const { apiVersion, subresource } = scope;
  const who = { manager: manager || 'unknown', operation: 'Update', apiVersion, subresource, time } as const;
  const identifier = identifierOf(who);
  left.set(identifier, managerEntry(who, joined(left.get(identifier), gained)));
  return left;
}

function refuseMisfit({ group, version, kind, type }: FieldScope, applied: JsonMap): void {
  const given = groupVersionKindOf(applied);
  if (given !== `${group}/${version}, Kind=${kind}`) throw badRequest(`invalid object type: ${given}`);
  if (Array.isArray(managedFieldsIn(applied))) throw badRequest('metadata.managedFields must be nil');
  try {
    checkApplied(type, applied);
  } catch (error) {
    if (error instanceof MergeTypeError) throw typeFailure('patch', applied, error);
    throw error;
  }
}

/** As Go shows it; nothing of it where the version cannot be read. */
function groupVersionKindOf(object: JsonMap): string {
  const parts = textOf(object['apiVersion']).split('/');
  if (parts.length > 2) return '/, Kind=';
  const [group, version] = parts.length === 2 ? parts : ['', parts[0]];
  return `${group}/${version}, Kind=${textOf(object['kind'])}`;
}

/** What has not been checked may be anything. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

type Outcome = { readonly object: JsonMap; readonly managers: Managers } | { readonly conflicts: readonly Conflict[] };

function attempt(scope: FieldScope, managers: Managers, write: ApplyWrite, force: boolean): Outcome {
  const { live, applied, manager, time } = write;
  const { apiVersion, subresource, type } = scope;
  const fields = filtered(fieldsOf(type, applied), scope.filter);
  const who = { manager: manager || 'unknown', operation: 'Apply', apiVersion, subresource } as const;
  const identifier = identifierOf(who);
  const claimed = new Map(fittingManagers(scope, managers));
  const last = claimed.get(identifier);
  claimed.set(identifier, managerEntry(who, fields));
  const merged = mergeObjects(type, live, applied);
  const object = last && dropsSomething(last, apiVersion, fields) ? pruneFields(scope, merged, claimed, last) : merged;

  const change = new Change(scope, live, object);
  const conflicts = force ? [] : conflictsOf(change, claimed, identifier);
  if (conflicts.length > 0) return { conflicts };
  const left = managersAfter(change, claimed, identifier);
  const isChanged = !isSame(live, object);
  const owned = difference(fields, NEVER_OWNED);
  if (isEmpty(owned)) left.delete(identifier);
  else left.set(identifier, managerEntry({ ...who, ...timeOf(isChanged ? time : last?.time) }, owned));
  return { object: isChanged ? object : live, managers: left };
}

function timeOf(time: string | null | undefined): { readonly time?: string } {
  return time ? { time } : {};
}

/** Only then has anything to be taken away. */
function dropsSomething(last: Manager, apiVersion: string, fields: FieldSet): boolean {
  return last.apiVersion !== apiVersion || !isEmpty(difference(last.fieldsV1, fields));
}

function typeFailure(which: 'patch' | 'live', object: JsonMap, { message }: MergeTypeError): StatusError {
  const { namespace, name } = entriesOf(object['metadata']);
  const what = `${textOf(namespace)}/${textOf(name)}; ${groupVersionKindOf(object)}`;
  return new StatusError('', `failed to create typed ${which} object (${what}): ${message}`, { code: 500 });
}

function managedFieldsIn(object: JsonMap): ManagedFields {
  return (entriesOf(object['metadata'])['managedFields'] ?? undefined) as ManagedFields;
}

function withManagedFields(object: JsonMap, managedFields: ManagedFields): JsonMap {
  return { ...object, metadata: { ...entriesOf(object['metadata']), managedFields } };
}

function isUnchanged(before: Managers, after: Managers): boolean {
  if (before.size !== after.size) return false;
  for (const [identifier, manager] of before) if (after.get(identifier) !== manager) return false;
  return true;
}
