// From any JSON value to an object in its normal form: one walk over the declared schema that checks types, copies,
// leaves out and fills in just as a round trip through Go's types would, and builds every object in declared order.
// Unknown fields are dropped and only noticed here; strict-fields.ts names them. Defaults are in defaults.ts.

import { JSONSchemaProps } from './apiextensions/json-schema-props.ts';
import { DecodeError, typeMismatch } from './decode-error.ts';
import { DECODE_LEAF, jsonTypeOf, LEAF_GO_TYPE, setKey } from './decode-leaf.ts';
import { MAX_JSON_DEPTH } from './json-decode.ts';
import type { AnyDraft } from './kind.ts';
import { type FieldForm, fieldForms, isZero, sortedKeys, zeroOf } from './normal-form.ts';
import { type Field, leafOf, type Struct, structOf } from './schema.ts';
import { badRequest } from './status-error.ts';

/** What an object that says its kind is decoded as: a `Kind`, or the struct of an action or of options with its names. */
export interface ObjectType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly schema: Struct;
}

/** What decoding noticed besides the object. */
export interface DecodeNotes {
  /** There were fields that are not declared; they were dropped. */
  unknownFields: boolean;
}

/**
 * Decodes an object with its kind and apiVersion, which come out as those of `type` whatever came in. The result
 * shares nothing with `value`. Throws BadRequest in upstream's words.
 */
export function decodeObject(type: ObjectType, value: unknown, notes?: DecodeNotes): AnyDraft {
  try {
    return decodeRoot(type, value, notes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(cannotBeHandled(type, error.message), error);
  }
}

/** The same for a caller that answers a wrong object in its own way. Throws `DecodeError`. */
export function decodeRoot(type: ObjectType, value: unknown, notes?: DecodeNotes): AnyDraft {
  const root = { kind: type.kind, apiVersion: apiVersionOf(type) };
  const { schema } = type;
  return decoderOf(schema).decode(value, notes ?? { unknownFields: false }, 0, root) as unknown as AnyDraft;
}

/** The message of a BadRequest for an object that cannot be decoded, or is of another kind than it should be. */
export function cannotBeHandled(type: ObjectType, why: string, foundKind = type.kind): string {
  return `${foundKind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ${why}`;
}

/** Decodes a struct that says no kind. Throws `DecodeError`. */
export function decodeStruct(struct: Struct, value: unknown, notes?: DecodeNotes): Record<string, unknown> {
  return decoderOf(struct).decode(value, notes ?? { unknownFields: false }, 0);
}

/** `apps/v1`, `v1`. */
export function apiVersionOf(type: { readonly group: string; readonly version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

type Decode = (value: unknown, notes: DecodeNotes, depth: number) => unknown;

interface FieldDecoder extends FieldForm {
  readonly decode: Decode;
}

/** What was worked out from a struct, once. */
class StructDecoder {
  readonly #struct: Struct;
  readonly #goType: string;
  #fields: readonly FieldDecoder[] | undefined;

  constructor(struct: Struct) {
    this.#struct = struct;
    this.#goType = goTypeOf(struct);
  }

  decode(value: unknown, notes: DecodeNotes, depth: number, root?: Record<string, unknown>): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw typeMismatch(value === null ? 'null' : jsonTypeOf(value), this.#goType);
    }
    if (depth > MAX_JSON_DEPTH) throw new DecodeError('exceeded max depth');
    // Compiled on first use, not in the constructor: declarations may refer to themselves.
    this.#fields ??= compile(this.#struct);
    const input = value as Record<string, unknown>;
    const result: Record<string, unknown> = root ?? {};
    let known = 0;
    let name = '';
    try {
      for (const field of this.#fields) {
        name = field.name;
        const given = input[name];
        if (given !== undefined) {
          known++;
          if (given !== null) {
            const decoded = field.decode(given, notes, depth + 1);
            if (decoded !== undefined && !(field.dropsZero && isZero(decoded))) {
              result[name] = decoded;
              continue;
            }
          }
        }
        if (field.unset) result[name] = field.unset();
      }
    } catch (error) {
      if (error instanceof DecodeError) error.inField(shortName(this.#struct), name);
      throw error;
    }
    if (!notes.unknownFields && hasUnknown(input, known, root !== undefined)) notes.unknownFields = true;
    return result;
  }
}

const DECODERS = new WeakMap<Struct, StructDecoder>();

function decoderOf(struct: Struct): StructDecoder {
  let decoder = DECODERS.get(struct);
  if (!decoder) {
    decoder = new StructDecoder(struct);
    DECODERS.set(struct, decoder);
  }
  return decoder;
}

function compile(struct: Struct): readonly FieldDecoder[] {
  return fieldForms(struct).map((form) => ({ ...form, decode: fieldDecode(form.field) }));
}

function fieldDecode(field: Field): Decode {
  const one = valueDecode(field);
  if (field.shape === 'one' || field.shape === 'inline') return one;
  const goType = field.shape === 'list' ? `[]${goTypeOf(field.type)}` : goMapType(field);
  const zero = zeroOf(field);
  return field.shape === 'list' ? listDecode(one, zero, goType) : mapDecode(one, zero, goType);
}

function valueDecode(field: Field): Decode {
  const leaf = leafOf(field);
  if (leaf === 'schemaOrArray' || leaf === 'schemaOrBool' || leaf === 'schemaOrStringArray') return schemaOr(leaf);
  if (leaf !== undefined) return DECODE_LEAF[leaf];
  const decoder = decoderOf(structOf(field));
  return (value, notes, depth) => decoder.decode(value, notes, depth);
}

/**
 * Schemas inside schemas, which upstream decodes by hand and not strictly: where there may be a list, what is neither counts
 * as unset.
 */
function schemaOr(leaf: 'schemaOrArray' | 'schemaOrBool' | 'schemaOrStringArray'): Decode {
  return (value, _notes, depth) => {
    const schema = (item: unknown) => decoderOf(JSONSchemaProps).decode(item, { unknownFields: false }, depth);
    if (Array.isArray(value) && leaf === 'schemaOrArray') return value.map((item) => schema(item ?? {}));
    if (Array.isArray(value) && leaf === 'schemaOrStringArray') return DECODE_LEAF.stringList(value);
    if (typeof value === 'object' && !Array.isArray(value)) return schema(value);
    if (leaf !== 'schemaOrBool') return undefined;
    if (typeof value === 'boolean') return value;
    throw new DecodeError('boolean or JSON schema expected');
  };
}

function listDecode(one: Decode, zero: () => unknown, goType: string): Decode {
  return (value, notes, depth) => {
    if (!Array.isArray(value)) throw typeMismatch(jsonTypeOf(value), goType);
    const result: unknown[] = [];
    for (const item of value) {
      const decoded = item === null ? undefined : one(item, notes, depth);
      result.push(decoded === undefined ? zero() : decoded);
    }
    return result;
  };
}

function mapDecode(one: Decode, zero: () => unknown, goType: string): Decode {
  return (value, notes, depth) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw typeMismatch(jsonTypeOf(value), goType);
    }
    const result: Record<string, unknown> = {};
    const input = value as Record<string, unknown>;
    for (const key of sortedKeys(input)) {
      const item = input[key];
      const decoded = item === null ? undefined : one(item, notes, depth);
      setKey(result, key, decoded === undefined ? zero() : decoded);
    }
    return result;
  };
}

function hasUnknown(input: Record<string, unknown>, known: number, isRoot: boolean): boolean {
  let rest = -known;
  for (const key in input) {
    if (input[key] !== undefined && !(isRoot && (key === 'kind' || key === 'apiVersion'))) rest++;
  }
  return rest > 0;
}

function goTypeOf(type: Field['type']): string {
  if (typeof type === 'string') return LEAF_GO_TYPE[type] ?? type;
  return goStructName(typeof type === 'function' ? type() : type);
}

function goMapType(field: Field): string {
  return field.type === 'quantity' ? 'v1.ResourceList' : `map[string]${goTypeOf(field.type)}`;
}

/** `core/v1.PodSpec` is `v1.PodSpec` to Go. */
function goStructName(struct: Struct): string {
  return struct.name.slice(struct.name.lastIndexOf('/') + 1);
}

function shortName(struct: Struct): string {
  return struct.name.slice(struct.name.lastIndexOf('.') + 1);
}
