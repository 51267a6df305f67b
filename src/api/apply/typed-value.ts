// What the walks over typed values have in common: telling shapes apart, strict equality, and the path elements of the
// items of lists.

import type { GranularList } from './merge-type.ts';
import { keyElement, type PathElement, valueElement } from './path-element.ts';

export type JsonMap = Readonly<Record<string, unknown>>;

/** One thing that is wrong with a value by its type. */
export interface TypeFault {
  /** `.spec.replicas` */
  readonly path: string;
  readonly message: string;
}

/** A value is not of its type, or its items cannot be told apart. Upstream: structured-merge-diff's ValidationErrors. */
export class MergeTypeError extends Error {
  override readonly name = 'MergeTypeError';
  readonly faults: readonly TypeFault[];

  constructor(faults: readonly TypeFault[]) {
    const lines = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    super(lines.length === 1 ? lines[0] : ['errors:', ...lines].join('\n  '));
    this.faults = faults;
  }
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The entries of a map, none where it is none. */
export function entriesOf(value: unknown): JsonMap {
  return isMap(value) ? value : NO_ENTRIES;
}
const NO_ENTRIES: JsonMap = Object.freeze({});

export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ITEMS;
}
const NO_ITEMS: readonly unknown[] = Object.freeze([]);

export function isEmptyMap(value: JsonMap): boolean {
  for (const name in value) if (value[name] !== undefined) return false;
  return true;
}

/** A key like `constructor`, which a map may have, is not to be found on the prototype. */
export function ownValue(map: JsonMap, name: string): unknown {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** Equality that tells null, absent and empty apart, unlike `deepEqual`: to apply they are different values. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!isSame(a[i], b[i])) return false;
    return true;
  }
  return !Array.isArray(b) && isSameMap(a as JsonMap, b as JsonMap);
}

function isSameMap(a: JsonMap, b: JsonMap): boolean {
  for (const name in a)
    if (a[name] !== undefined && !(Object.hasOwn(b, name) && isSame(a[name], b[name]))) return false;
  for (const name in b) if (b[name] !== undefined && !(Object.hasOwn(a, name) && a[name] !== undefined)) return false;
  return true;
}

/** The path element of an item. Throws `MergeTypeError`, without a path. */
export function elementOf(list: GranularList, item: unknown): PathElement {
  return list.keys ? elementByKeys(list, list.keys, item) : elementByValue(item);
}

function elementByKeys(list: GranularList, names: readonly string[], item: unknown): PathElement {
  if (item === null) throw fault('associative list with keys may not have a null element');
  if (!isMap(item)) throw fault('associative list with keys may not have non-map elements');
  const keys: [string, unknown][] = [];
  for (const name of names) {
    const value = item[name] ?? (item[name] === null ? null : keyDefault(list, name));
    // A missing key makes another item than one with whatever value.
    if (value !== undefined) keys.push([name, value]);
  }
  if (keys.length > 0) return keyElement(keys);
  const shown = `[${names.map((name) => JSON.stringify(name)).join(' ')}]`;
  throw fault(
    `associative list with keys has an element that omits all key fields ${shown} (and doesn't have default values for any key fields)`,
  );
}

function keyDefault({ item }: GranularList, name: string): unknown {
  return item.kind === 'struct' ? item.fields().get(name)?.default : undefined;
}

function elementByValue(item: unknown): PathElement {
  if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return valueElement(item);
  if (item === null) throw fault("associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) throw fault('not supported: associative list with lists as elements');
  throw fault("associative list without keys has an element that's a map type");
}

function fault(message: string): MergeTypeError {
  return new MergeTypeError([{ path: '', message }]);
}
