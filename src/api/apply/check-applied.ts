// Whether what a client applies is of its declared type: it is merged as it was sent, before anything decodes it. The
// messages show values as Go prints them, because clients show the messages. Upstream: structured-merge-diff's
// typed/validate.go.

import { byUtf8 } from '../normal-form.ts';
import { type GranularList, type MergeType, type StructType, typeOfEntry } from './merge-type.ts';
import { fieldElement, formatPath, type PathElement } from './path-element.ts';
import { elementOf, isMap, type JsonMap, MergeTypeError, type TypeFault } from './typed-value.ts';

/** Throws `MergeTypeError` with everything that is wrong. */
export function checkApplied(type: StructType, object: JsonMap): void {
  const faults: TypeFault[] = [];
  checkEntries(type, object, [], faults);
  if (faults.length > 0) throw new MergeTypeError(faults);
}

type At = readonly PathElement[];

function check(expected: MergeType, value: unknown, at: At, faults: TypeFault[]): void {
  if (value === null) return;
  switch (expected.kind) {
    case 'scalar': {
      const message = scalarFault(expected.accepts, value);
      if (message) faults.push(faultAt(at, message));
      return;
    }
    case 'untyped':
    case 'deduced':
      return;
    case 'list':
      if (!Array.isArray(value)) faults.push(faultAt(at, `expected list, got &{${shown(value)}}`));
      else if (expected.isAtomic)
        for (const [i, item] of value.entries()) check(expected.item, item, [...at, `i:${i}`], faults);
      else checkItems(expected, value, at, faults);
      return;
    case 'struct':
    case 'map':
      if (isMap(value)) checkEntries(expected, value, at, faults);
      else faults.push(faultAt(at, `expected map, got &{${shown(value)}}`));
      return;
    default:
      expected satisfies never;
  }
}

/** Stops at a field that is not declared. */
function checkEntries(type: MergeType, map: JsonMap, at: At, faults: TypeFault[]): void {
  for (const [name, value] of Object.entries(map)) {
    const entryType = typeOfEntry(type, name);
    const path = [...at, fieldElement(name)];
    if (!entryType) {
      faults.push(faultAt(path, 'field not declared in schema'));
      return;
    }
    check(entryType, value, path, faults);
  }
}

/** Stops at an item that has no element, because then nothing below it has a path. */
function checkItems(list: GranularList, items: readonly unknown[], at: At, faults: TypeFault[]): void {
  const seen = new Set<PathElement>();
  for (const [index, item] of items.entries()) {
    const element = attempt(() => elementOf(list, item));
    if (element instanceof MergeTypeError) {
      faults.push(faultAt(at, `element ${index}: ${element.message}`));
      return;
    }
    if (seen.has(element)) faults.push(faultAt(at, `duplicate entries for key ${formatPath([element])}`));
    seen.add(element);
    check(list.item, item, [...at, element], faults);
  }
}

function attempt(make: () => PathElement): PathElement | MergeTypeError {
  try {
    return make();
  } catch (error) {
    if (error instanceof MergeTypeError) return error;
    throw error;
  }
}

function scalarFault(accepts: 'numeric' | 'string' | 'boolean' | 'any', value: unknown): string | undefined {
  switch (accepts) {
    case 'numeric':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`;
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${literal(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${shown(value)}}`;
    case 'any':
      return typeof value === 'object' ? `expected any scalar, got &{${shown(value)}}` : undefined;
    default:
      return accepts satisfies never;
  }
}

function faultAt(at: At, message: string): TypeFault {
  return { path: formatPath(at), message };
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** Go's `%v`. */
function shown(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(shown).join(' ')}]`;
  return isMap(value)
    ? `map[${sortedEntries(value, (name, inner) => `${name}:${shown(inner)}`).join(' ')}]`
    : String(value);
}

/** Go's `%#v`. */
function literal(value: unknown): string {
  if (value === null) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(literal).join(', ')}}`;
  if (!isMap(value)) return JSON.stringify(value);
  const entries = sortedEntries(value, (name, inner) => `${JSON.stringify(name)}:${literal(inner)}`);
  return `map[string]interface {}{${entries.join(', ')}}`;
}

function sortedEntries(map: JsonMap, show: (name: string, value: unknown) => string): string[] {
  return Object.entries(map)
    .sort(([a], [b]) => byUtf8(a, b))
    .map(([name, value]) => show(name, value));
}
