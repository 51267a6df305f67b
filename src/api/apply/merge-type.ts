// How server-side apply treats the values of a declared type: which are leaves, how lists and maps merge, and by which
// keys the items of lists are told apart. Worked out of the declaration once, and walked by everything in this folder.
// Upstream: kube-openapi's schemaconv, which makes structured-merge-diff's schema out of OpenAPI.

import { byUtf8 } from '../normal-form.ts';
import { type Field, type Leaf, leafOf, type Struct, structOf } from '../schema.ts';
import { fieldElement, type PathElement } from './path-element.ts';

export type MergeType =
  /** A leaf. `any`: a scalar of any type, as quantities and times are to apply. */
  | { readonly kind: 'scalar'; readonly accepts: 'numeric' | 'string' | 'boolean' | 'any' }
  /** Any JSON, replaced whole. */
  | { readonly kind: 'untyped' }
  /** Any JSON, whose objects merge by their keys and whose lists are replaced whole. */
  | { readonly kind: 'deduced' }
  | StructType
  | { readonly kind: 'map'; readonly isAtomic: boolean; readonly item: MergeType }
  | { readonly kind: 'list'; readonly isAtomic: true; readonly item: MergeType }
  | GranularList;

export interface StructType {
  readonly kind: 'struct';
  readonly isAtomic: boolean;
  /** In the order of path elements; worked out when first asked for, because declarations may refer to themselves. */
  readonly fields: () => ReadonlyMap<string, MergeField>;
}

export interface MergeField {
  readonly name: string;
  readonly element: PathElement;
  readonly type: MergeType;
  /** What a missing key of a list item counts as. */
  readonly default: unknown;
}

export interface GranularList {
  readonly kind: 'list';
  readonly isAtomic: false;
  /** The names of the fields that are an item's key, in order; undefined for a set, whose items are their own key. */
  readonly keys: readonly string[] | undefined;
  readonly item: MergeType;
}

const SCALARS: Readonly<Partial<Record<Leaf, MergeType>>> = {
  string: { kind: 'scalar', accepts: 'string' },
  bytes: { kind: 'scalar', accepts: 'string' },
  duration: { kind: 'scalar', accepts: 'string' },
  bool: { kind: 'scalar', accepts: 'boolean' },
  int32: { kind: 'scalar', accepts: 'numeric' },
  int64: { kind: 'scalar', accepts: 'numeric' },
  double: { kind: 'scalar', accepts: 'numeric' },
};
const STRING: MergeType = { kind: 'scalar', accepts: 'string' };
const ANY_SCALAR: MergeType = { kind: 'scalar', accepts: 'any' };
const UNTYPED: MergeType = { kind: 'untyped' };
const DEDUCED: MergeType = { kind: 'deduced' };
const STRING_LIST: MergeType = { kind: 'list', isAtomic: true, item: STRING };

const ROOTS = new WeakMap<Struct, StructType>();
const STRUCTS = new WeakMap<Struct, StructType>();

/** The type of whole objects of a declared struct, which have a kind and an apiVersion besides its fields. */
export function objectType(schema: Struct): StructType {
  return cached(ROOTS, schema, () => ({
    kind: 'struct',
    isAtomic: false,
    fields: once(() =>
      inOrder([...identityFields(), ...schema.jsonFields].map(([name, type]) => mergeField(name, type))),
    ),
  }));
}

/** The type of what stands under a name; undefined for what is not declared. */
export function typeOfEntry(type: MergeType, name: string): MergeType | undefined {
  if (type.kind === 'struct') return type.fields().get(name)?.type;
  return type.kind === 'map' ? type.item : type;
}

/** The type that a path element leads to. */
export function typeAt(type: MergeType | undefined, element: PathElement): MergeType | undefined {
  if (!type || type.kind === 'scalar') return undefined;
  if (element[0] !== 'f') return type.kind === 'list' ? type.item : undefined;
  return type.kind === 'list' ? undefined : typeOfEntry(type, element.slice(2));
}

function structType(struct: Struct): StructType {
  return cached(STRUCTS, struct, () => ({
    kind: 'struct',
    isAtomic: struct.atomic,
    fields: once(() => inOrder([...struct.jsonFields].map(([name, field]) => mergeField(name, field)))),
  }));
}

function identityFields(): [string, undefined][] {
  return [
    ['apiVersion', undefined],
    ['kind', undefined],
  ];
}

function mergeField(name: string, field: Field | undefined): MergeField {
  const type = field ? fieldType(field) : STRING;
  return { name, element: fieldElement(name), type, default: field?.options.default };
}

function fieldType(field: Field): MergeType {
  const { shape, options } = field;
  const item = itemType(field);
  switch (shape) {
    case 'map':
      return { kind: 'map', isAtomic: options.atomic === true, item };
    case 'list':
      return listType(item, options.list ?? 'atomic');
    case 'one':
    case 'inline':
      return options.atomic && item.kind === 'struct' ? { ...item, isAtomic: true } : item;
    default:
      return shape satisfies never;
  }
}

function listType(item: MergeType, list: NonNullable<Field['options']['list']>): MergeType {
  if (list === 'atomic') return { kind: 'list', isAtomic: true, item };
  return { kind: 'list', isAtomic: false, keys: list === 'set' ? undefined : [...list.keys].sort(byUtf8), item };
}

function itemType(field: Field): MergeType {
  const leaf = leafOf(field);
  switch (leaf) {
    case undefined:
      return structType(structOf(field));
    case 'time':
    case 'microTime':
    case 'quantity':
    case 'intOrString':
      return ANY_SCALAR;
    case 'rawExtension':
      return UNTYPED;
    case 'stringList':
      return STRING_LIST;
    case 'fieldsV1':
    case 'json':
    case 'schemaOrArray':
    case 'schemaOrBool':
    case 'schemaOrStringArray':
      return DEDUCED;
    default:
      return SCALARS[leaf] ?? ANY_SCALAR;
  }
}

function inOrder(fields: readonly MergeField[]): ReadonlyMap<string, MergeField> {
  return new Map([...fields].sort((a, b) => byUtf8(a.name, b.name)).map((field) => [field.name, field]));
}

function cached(known: WeakMap<Struct, StructType>, struct: Struct, make: () => StructType): StructType {
  let type = known.get(struct);
  if (!type) {
    type = make();
    known.set(struct, type);
  }
  return type;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
