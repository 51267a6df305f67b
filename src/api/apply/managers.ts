// Who manages which fields of an object: `metadata.managedFields`, by an identifier of each manager. An applier has one
// entry whatever version it applies in; an updater has one for each version. Entries are never changed in place, and
// what is left alone is handed on as it is. Upstream: apimachinery's util/managedfields/internal/managedfields.go.

import { deepEqual } from '../deep-equal.ts';
import type { ManagedFieldsEntry } from '../meta/object-meta.ts';
import { byUtf8 } from '../normal-form.ts';
import { type FieldSet, NO_FIELDS, readFieldSet } from './field-set.ts';
import { PathElementError } from './path-element.ts';

/** An entry that is sound; its keys are in the order of the declaration. */
export interface Manager extends ManagedFieldsEntry {
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly fieldsV1: FieldSet;
}

/** By identifier. */
export type Managers = ReadonlyMap<string, Manager>;

export const NO_MANAGERS: Managers = new Map();
const UNKNOWN = 'unknown';

/** Entries of an object that this server has stored; none where they are not sound. */
export function storedManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers {
  return soundManagers(entries ?? [], (fields) => fields as FieldSet) ?? NO_MANAGERS;
}

/** Entries that a client has sent; undefined where they are not sound. */
export function sentManagers(entries: readonly ManagedFieldsEntry[]): Managers | undefined {
  return soundManagers(entries, sentFields);
}

function sentFields(value: unknown): FieldSet | undefined {
  try {
    return readFieldSet(value);
  } catch (error) {
    if (error instanceof PathElementError) return undefined;
    throw error;
  }
}

function soundManagers(
  entries: readonly ManagedFieldsEntry[],
  read: (fields: unknown) => FieldSet | undefined,
): Managers | undefined {
  const managers = new Map<string, Manager>();
  for (const entry of entries) {
    const { operation, apiVersion, fieldsType, fieldsV1 } = entry;
    const isSound = (operation === 'Apply' || operation === 'Update') && apiVersion && fieldsType === 'FieldsV1';
    const fields = isSound ? read(fieldsV1 ?? NO_FIELDS) : undefined;
    if (!fields) return undefined;
    const manager = fields === fieldsV1 ? (entry as Manager) : ({ ...entry, fieldsV1: fields } as Manager);
    managers.set(identifierOf(manager), manager);
  }
  return managers;
}

/** What tells managers apart, as upstream spells it: it is what orders them. */
export function identifierOf({ manager, operation, apiVersion, subresource }: Omit<Manager, 'fieldsV1'>): string {
  return JSON.stringify({
    ...(manager ? { manager } : {}),
    operation,
    ...(operation === 'Update' ? { apiVersion } : {}),
    ...(subresource ? { subresource } : {}),
  });
}

export function managerEntry(
  { manager, operation, apiVersion, subresource, time }: Omit<Manager, 'fieldsV1'>,
  fields: FieldSet,
): Manager {
  return {
    manager: manager || UNKNOWN,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(subresource ? { subresource } : {}),
  };
}

/** The entries as they stand in the object: appliers first, then by time. Undefined where there are none. */
export function managedFieldsOf(managers: Managers): Manager[] | undefined {
  return managers.size === 0 ? undefined : [...managers.values()].sort(compareManagers);
}

function compareManagers(a: Manager, b: Manager): number {
  return (
    byUtf8(a.operation, b.operation) ||
    secondsOf(a) - secondsOf(b) ||
    byUtf8(a.manager ?? '', b.manager ?? '') ||
    byUtf8(a.apiVersion, b.apiVersion) ||
    byUtf8(a.subresource ?? '', b.subresource ?? '')
  );
}

/** 0 for an entry that has no time. */
export function secondsOf({ time }: Pick<Manager, 'time'>): number {
  return time ? Math.floor(Date.parse(time) / 1000) : 0;
}

/**
 * Whether two lists of entries differ, but only in times: a write that changes nothing else is none. Upstream:
 * IgnoreManagedFieldsTimestampsTransformer.
 */
export function differOnlyInTimes(
  a: readonly ManagedFieldsEntry[] | undefined,
  b: readonly ManagedFieldsEntry[] | undefined,
): boolean {
  if (!a || !b || a.length === 0 || a.length !== b.length) return false;
  let isLater = false;
  for (const [index, entry] of a.entries()) {
    const other = b[index] as ManagedFieldsEntry;
    if (entry === other) continue;
    if (entry.time !== other.time) isLater = true;
    if (!deepEqual({ ...entry, time: undefined }, { ...other, time: undefined })) return false;
  }
  return isLater;
}
