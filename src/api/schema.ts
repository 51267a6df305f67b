// The language that types are declared in: structs of numbered fields. A declaration is plain data at run time (codecs,
// defaulting, patches, apply and OpenAPI walk it) and a TypeScript type at compile time (Read, Write). What a kind
// adds to its struct is in kind.ts; the walks are in their own files.

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/**
 * What a leaf looks like in memory, which is what it looks like in JSON: bytes are base64, times RFC 3339, durations
 * Go's notation, quantities canonical strings.
 */
export interface LeafTypes {
  string: string;
  bool: boolean;
  int32: number;
  int64: number;
  double: number;
  bytes: string;
  time: string;
  microTime: string;
  duration: string;
  quantity: string;
  intOrString: number | string;
  /** Any object, carried as it is (runtime.RawExtension). */
  rawExtension: JsonObject;
  /** A field set of server-side apply (meta/v1.FieldsV1). */
  fieldsV1: JsonObject;
  /** Any JSON value (apiextensions JSON). */
  json: Json;
  /** A list of strings that protobuf wraps in a message (Verbs, ExtraValue). */
  stringList: readonly string[];
  /** Schema, or list of schemas; or boolean; or list of strings: the three shapes that only CRD schemas use. */
  schemaOrArray: Json;
  schemaOrBool: Json;
  schemaOrStringArray: Json;
}
export type Leaf = keyof LeafTypes;

/** `() => Struct` breaks a cycle between declarations; its TypeScript type is then plain JSON. */
export type Type = Leaf | Struct | (() => Struct);

/**
 * `one` value, `list` or `map` (keys are strings), or `inline`: a message of its own in protobuf whose fields stand
 * among their parent's in JSON.
 */
export type Shape = 'one' | 'list' | 'map' | 'inline';

/**
 * Whether a value is there: `required` by the API; `filled` in by decoding with its zero value, so always there when
 * read; `nullable`: always there when read too, but null where it is unset (a list or pointer that JSON never leaves
 * out, a time); `optional`.
 */
export type Presence = 'required' | 'filled' | 'nullable' | 'optional';

export type Omit = 'empty' | 'zero' | 'never';

export interface FieldOptions<T = unknown> {
  /** The API refuses objects without it. */
  readonly required?: true;
  /** A required string may be the empty one. */
  readonly mayBeEmpty?: true;
  /** That it is required or enumerated is for clients to know: the kind's own rules say what is wrong, in their way. */
  readonly ownRules?: true;
  /** Unset is distinguished from zero (a pointer upstream): kept exactly as given. */
  readonly optional?: true;
  /**
   * When JSON leaves the field out: for a zero value, for a zero struct, never. Absent: `never` for a required field,
   * else `empty`. Go's rules, so that output is the same byte for byte; `empty` does nothing for a struct.
   */
  readonly omit?: Omit;
  /** The value an unset field takes, published in OpenAPI. */
  readonly default?: T;
  /** The value an unset field takes by the server's own defaulting, which OpenAPI does not show. */
  readonly defaultsTo?: T;
  /** The closed set of values. */
  readonly enum?: readonly string[];
  /** How server-side apply merges a list. Absent: atomic. `keys` makes it a map by those fields. */
  readonly list?: 'atomic' | 'set' | { readonly keys: readonly string[] };
  /** The map or struct is replaced whole by server-side apply. */
  readonly atomic?: true;
  /** Server-side apply goes into it after all, where the struct itself is atomic. */
  readonly granular?: true;
  /** Strategic merge patch: merge instead of replace, by this key for lists of structs. */
  readonly merge?: true | string;
  /** Strategic merge patch: replace a struct, which otherwise is merged. */
  readonly replace?: true;
  /** Strategic merge patch: `$retainKeys` applies (unions). */
  readonly retainKeys?: true;
  readonly nullable?: true;
  readonly deprecated?: true;
  /** The feature gate, off in the version that is served, without which the field is ignored: see disabled-fields.ts. */
  readonly disabledBy?: string;
}

export interface Field<T extends Type = Type, S extends Shape = Shape, P extends Presence = Presence, E = unknown> {
  /** The protobuf field number. */
  readonly number: number;
  readonly type: T;
  readonly shape: S;
  readonly presence: P;
  readonly omit: Omit;
  readonly options: FieldOptions;
  /** Only for the type checker: the values of an enumerated string. */
  readonly values?: E;
}

export type Fields = Readonly<Record<string, Field>>;

export interface Struct<F extends Fields = Fields> {
  /** `group/version.Type`, as in `core/v1.PodSpec`. */
  readonly name: string;
  /** In the order of JSON output; an inline field under its protobuf name. */
  readonly fields: F;
  /** Replaced whole by server-side apply wherever it stands. */
  readonly atomic: boolean;
  /** Fields of which only one is to be set, as OpenAPI tells clients. */
  readonly unions: readonly Union[];
  /** Every JSON field with those of inline structs in their place. */
  readonly jsonFields: ReadonlyMap<string, Field>;
}

/** Members by their JSON names, each with the value of the discriminator, if there is such a field, that goes with it. */
export interface Union {
  readonly discriminator?: string;
  readonly members: Readonly<Record<string, string>>;
}

export function struct<const F extends Fields>(
  name: string,
  fields: F,
  options: { readonly atomic?: true; readonly unions?: readonly Union[] } = {},
): Struct<F> {
  const jsonFields = new Map<string, Field>();
  for (const [key, field] of Object.entries(fields)) {
    if (field.shape !== 'inline') jsonFields.set(key, field);
    else for (const [inner, innerField] of structOf(field).jsonFields) jsonFields.set(inner, innerField);
  }
  return { name, fields, atomic: options.atomic === true, unions: options.unions ?? [], jsonFields };
}

/** The struct of a field that has one; throws for a leaf. */
export function structOf(field: Field): Struct {
  const struct = typeof field.type === 'function' ? field.type() : field.type;
  if (typeof struct === 'string') throw new TypeError(`a field of type ${struct} has no struct`);
  return struct;
}

/** The leaf name of a field that has no struct. */
export function leafOf(field: Field): Leaf | undefined {
  return typeof field.type === 'string' ? field.type : undefined;
}

// The field builders. `string(3, { enum: [...] })` reads: field number 3, a string of that set.

type Builder<L extends Leaf> = <const O extends FieldOptions = Record<never, never>>(
  number: number,
  options?: O,
) => Field<L, 'one', PresenceOf<L, O>, EnumOf<O>>;

export const string: Builder<'string'> = leaf('string');
export const bool: Builder<'bool'> = leaf('bool');
export const int32: Builder<'int32'> = leaf('int32');
export const int64: Builder<'int64'> = leaf('int64');
export const double: Builder<'double'> = leaf('double');
export const bytes: Builder<'bytes'> = leaf('bytes');
export const time: Builder<'time'> = leaf('time');
export const microTime: Builder<'microTime'> = leaf('microTime');
export const duration: Builder<'duration'> = leaf('duration');
export const quantity: Builder<'quantity'> = leaf('quantity');
export const intOrString: Builder<'intOrString'> = leaf('intOrString');
export const rawExtension: Builder<'rawExtension'> = leaf('rawExtension');
export const fieldsV1: Builder<'fieldsV1'> = leaf('fieldsV1');
export const json: Builder<'json'> = leaf('json');
export const stringList: Builder<'stringList'> = leaf('stringList');
export const schemaOrArray: Builder<'schemaOrArray'> = leaf('schemaOrArray');
export const schemaOrBool: Builder<'schemaOrBool'> = leaf('schemaOrBool');
export const schemaOrStringArray: Builder<'schemaOrStringArray'> = leaf('schemaOrStringArray');

/** A struct in its own right; without `optional` it is always there, if empty. */
export function message<T extends Struct | (() => Struct), const O extends FieldOptions = Record<never, never>>(
  number: number,
  type: T,
  options?: O,
): Field<T, 'one', PresenceOf<T, O>> {
  return field(number, type, 'one', options) as Field<T, 'one', PresenceOf<T, O>>;
}

/** A struct that protobuf nests and JSON flattens into its parent. */
export function inline<T extends Struct, const O extends FieldOptions = Record<never, never>>(
  number: number,
  type: T,
  options?: O,
): Field<T, 'inline', 'filled'> {
  return field(number, type, 'inline', options) as Field<T, 'inline', 'filled'>;
}

export function list<T extends Type, const O extends FieldOptions = Record<never, never>>(
  number: number,
  type: T,
  options?: O,
): Field<T, 'list', PresenceOf<'list', O>, EnumOf<O>> {
  return field(number, type, 'list', options) as Field<T, 'list', PresenceOf<'list', O>, EnumOf<O>>;
}

/** A map from strings. */
export function map<T extends Type, const O extends FieldOptions = Record<never, never>>(
  number: number,
  type: T,
  options?: O,
): Field<T, 'map', PresenceOf<'list', O>> {
  return field(number, type, 'map', options) as Field<T, 'map', PresenceOf<'list', O>>;
}

function leaf<L extends Leaf>(type: L): Builder<L> {
  return ((number: number, options?: FieldOptions) => field(number, type, 'one', options)) as Builder<L>;
}

function field(number: number, type: Type, shape: Shape, options: FieldOptions = {}): Field {
  const omit = options.omit ?? (options.required ? 'never' : 'empty');
  return { number, type, shape, presence: presenceOf(type, shape, options), omit, options };
}

function presenceOf(type: Type, shape: Shape, options: FieldOptions): Presence {
  if (options.required) return 'required';
  if (options.omit === 'zero') return 'optional';
  if (options.omit === 'never') {
    return options.optional || shape === 'list' || shape === 'map' || isNullWhenUnset(type) ? 'nullable' : 'filled';
  }
  if (options.optional || shape === 'list' || shape === 'map') return 'optional';
  if (isNullWhenUnset(type)) return 'nullable';
  return isOmittedWhenZero(type) ? 'optional' : 'filled';
}

/** Go's JSON encoder has no zero value to leave out for structs, which these leaves are upstream. */
function isOmittedWhenZero(type: Type): boolean {
  return typeof type === 'string' && type !== 'intOrString' && type !== 'quantity' && type !== 'duration';
}

/** Structs upstream whose unset value is written as null. */
function isNullWhenUnset(type: Type): boolean {
  return type === 'time' || type === 'microTime' || type === 'rawExtension';
}

// Types from declarations.

type PresenceOf<T, O> = O extends { readonly required: true }
  ? 'required'
  : O extends { readonly omit: 'zero' }
    ? 'optional'
    : O extends { readonly omit: 'never' }
      ? O extends { readonly optional: true }
        ? 'nullable'
        : T extends NullLeaf | 'list'
          ? 'nullable'
          : 'filled'
      : O extends { readonly optional: true }
        ? 'optional'
        : T extends NullLeaf
          ? 'nullable'
          : T extends Exclude<Leaf, StructLeaf> | 'list'
            ? 'optional'
            : 'filled';
type StructLeaf = 'intOrString' | 'quantity' | 'duration';
type NullLeaf = 'time' | 'microTime' | 'rawExtension';
type EnumOf<O> = O extends { readonly enum: readonly (infer E)[] } ? E : unknown;

type Mode = 'read' | 'write';
type FieldsOf<T> = T extends Struct<infer F> ? F : never;

/** The value of a declared struct as the server gives it: everything that decoding fills in is there. */
export type Read<S extends Struct> = ValueOf<FieldsOf<S>, 'read'>;
/** The value of a declared struct as a client may send it: only what the API requires must be there. */
export type Write<S extends Struct> = ValueOf<FieldsOf<S>, 'write'>;

type ValueOf<F extends Fields, M extends Mode> = Flatten<
  { readonly [K in keyof F as IsPresent<F[K], M> extends true ? K : never]: FieldValue<F[K], M> } & {
    readonly [K in keyof F as IsPresent<F[K], M> extends false ? K : never]?: FieldValue<F[K], M>;
  } & InlineValue<F, M>
>;

type IsPresent<F extends Field, M extends Mode> =
  F extends Field<Type, 'inline', Presence, unknown>
    ? 'inline'
    : F['presence'] extends 'required'
      ? true
      : F['presence'] extends 'filled' | 'nullable'
        ? M extends 'read'
          ? true
          : false
        : false;

type FieldValue<F extends Field, M extends Mode> =
  F extends Field<infer T, infer S, infer P, infer E>
    ? S extends 'list'
      ? OrNull<readonly TypeValue<T, E, M>[], P>
      : S extends 'map'
        ? OrNull<{ readonly [key: string]: TypeValue<T, E, M> }, P>
        : OrNull<TypeValue<T, E, M>, P>
    : never;
type OrNull<V, P> = P extends 'nullable' ? V | null : V;

type TypeValue<T, E, M extends Mode> = T extends Leaf
  ? T extends 'string'
    ? E extends string
      ? E
      : string
    : LeafTypes[T]
  : T extends Struct<infer F>
    ? ValueOf<F, M>
    : JsonObject;

type InlineValue<F extends Fields, M extends Mode> = [InlineKeys<F>] extends [never]
  ? unknown
  : Intersect<{ [K in InlineKeys<F>]: ValueOf<FieldsOf<F[K]['type']>, M> }[InlineKeys<F>]>;
type InlineKeys<F extends Fields> = { [K in keyof F]: F[K]['shape'] extends 'inline' ? K : never }[keyof F];
type Intersect<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;
type Flatten<T> = { [K in keyof T]: T[K] };

/** A deep copy of the type that may be written to: for drafts that a request owns alone. */
export type Draft<T> = T extends readonly (infer E)[]
  ? Draft<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T;
