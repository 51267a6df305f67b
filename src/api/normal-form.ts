// The normal form of objects: what stands where a field is unset, and which values count as unset. It is what a round
// trip through Go's types and its JSON encoder leaves, so that objects are the same byte for byte. All decoders follow it.

import { type Field, type Leaf, leafOf, type Struct, structOf } from './schema.ts';

/** What an unset leaf reads as where JSON does not leave it out. */
const ZERO_LEAF: Readonly<Record<Leaf, string | number | boolean | null>> = {
  string: '',
  bool: false,
  int32: 0,
  int64: 0,
  double: 0,
  bytes: null,
  time: null,
  microTime: null,
  duration: '0s',
  quantity: '0',
  intOrString: 0,
  rawExtension: null,
  fieldsV1: null,
  json: null,
  stringList: null,
  schemaOrArray: null,
  schemaOrBool: null,
  schemaOrStringArray: null,
};

/** How one field appears in the normal form. */
export interface FieldForm {
  readonly name: string;
  readonly field: Field;
  /** What stands for the field where it is not set; undefined: it is left out. */
  readonly unset: (() => unknown) | undefined;
  /** A zero value (`''`, 0, false, empty list or map) counts as not set. */
  readonly dropsZero: boolean;
}

/** The fields of a struct's JSON in declared order. */
export function fieldForms(struct: Struct): readonly FieldForm[] {
  return [...struct.jsonFields].map(([name, field]) => fieldForm(name, field));
}

export function fieldForm(name: string, field: Field): FieldForm {
  const dropsZero = field.omit === 'empty' && !field.options.optional && isOmittable(field);
  return { name, field, unset: unsetOf(field), dropsZero };
}

/** An element that is null, or a field that JSON always has: the zero value of the field's type, without its shape. */
export function zeroOf(field: Field): () => unknown {
  const leaf = leafOf(field);
  if (leaf !== undefined) return () => ZERO_LEAF[leaf];
  return () => emptyStruct(structOf(field));
}

/** A struct none of whose fields is set. */
export function emptyStruct(struct: Struct): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const { name, unset } of fillers(struct)) result[name] = unset();
  return result;
}

export function isZero(value: unknown): boolean {
  if (typeof value !== 'object') return value === '' || value === 0 || value === false;
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
}

/** The keys of a map in the order of Go's encoders, which sort strings by their bytes. */
export function sortedKeys(map: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(map);
  for (let i = 1; i < keys.length; i++) if (byUtf8(keys[i - 1]!, keys[i]!) > 0) return keys.sort(byUtf8);
  return keys;
}

/** The order of strings by their bytes in UTF-8. */
export function byUtf8(a: string, b: string): number {
  if (a === b) return 0;
  for (let i = 0; i < a.length && i < b.length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    // Surrogates stand for characters beyond all others, though their codes do not.
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

interface Filler {
  readonly name: string;
  readonly unset: () => unknown;
}

const FILLERS = new WeakMap<Struct, readonly Filler[]>();

function fillers(struct: Struct): readonly Filler[] {
  let known = FILLERS.get(struct);
  if (!known) {
    known = fieldForms(struct).flatMap(({ name, unset }) => (unset ? [{ name, unset }] : []));
    FILLERS.set(struct, known);
  }
  return known;
}

function unsetOf(field: Field): (() => unknown) | undefined {
  if (field.omit === 'zero') return undefined;
  const isPointer = field.options.optional === true;
  const isNullable = isPointer || field.shape === 'list' || field.shape === 'map';
  if (field.omit === 'never') return isNullable ? () => null : zeroOf(field);
  return isNullable || isOmittable(field) ? undefined : zeroOf(field);
}

/** Go's `omitempty` works for these; what is a struct upstream is always written. */
function isOmittable(field: Field): boolean {
  if (field.shape === 'list' || field.shape === 'map') return true;
  switch (leafOf(field)) {
    case undefined:
    case 'time':
    case 'microTime':
    case 'duration':
    case 'quantity':
    case 'intOrString':
    case 'rawExtension':
      return false;
    default:
      return true;
  }
}

function rank(code: number): number {
  return code >= 0xd800 && code <= 0xdfff ? code + 0x10000 : code;
}
