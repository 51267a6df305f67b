// Structs as protobuf messages: what was worked out once from a declaration, and the two walks over it. Fields go out in
// the order of their numbers, map keys sorted; a field that is no pointer is written even when zero (proto2, gogo).

import {
  ProtobufError,
  type ProtobufReader,
  ProtobufWriter,
  WIRE_BYTES,
  WIRE_FIXED64,
  WIRE_VARINT,
} from '../base/protobuf.ts';
import { JSONSchemaProps } from './apiextensions/json-schema-props.ts';
import { setKey } from './decode-leaf.ts';
import { MAX_JSON_DEPTH } from './json-decode.ts';
import { type FieldForm, fieldForm, isZero, sortedKeys, zeroOf } from './normal-form.ts';
import { messageForm, type PlainLeaf, WIRE_FORMS, type WireForm } from './protobuf-leaf.ts';
import { type Field, type Leaf, leafOf, type Struct, structOf } from './schema.ts';

type Values = Record<string, unknown>;

export interface MessageCodec {
  encode(writer: ProtobufWriter, object: Values): void;
  /** In normal form; fields are added to `root`. Throws `ProtobufError`. */
  decode(reader: ProtobufReader, root?: Values): Values;
}

/** The codec of a struct, made on first use. */
export function messageCodec(struct: Struct): MessageCodec {
  return codecOf(struct);
}

const CODECS = new WeakMap<Struct, StructCodec>();

function codecOf(struct: Struct): StructCodec {
  let codec = CODECS.get(struct);
  if (!codec) {
    codec = new StructCodec(struct);
    CODECS.set(struct, codec);
  }
  return codec;
}

/** A field in protobuf. */
interface FieldCodec extends FieldForm {
  readonly number: number;
  /** Where its value stands while a message is read. */
  readonly slot: number;
  readonly inner: StructCodec | undefined;
  /** Whether nothing is written where there is no value. */
  readonly isNilable: boolean;
  write(writer: ProtobufWriter, value: unknown): void;
  /** The value with what was read of it so far: repeated fields grow. */
  read(reader: ProtobufReader, before: unknown, depth: number): unknown;
}

class StructCodec implements MessageCodec {
  readonly #struct: Struct;
  #ordered: readonly FieldCodec[] | undefined;
  #byNumber: readonly (FieldCodec | undefined)[] = [];
  #declared: readonly FieldCodec[] = [];
  readonly #unset: Uint8Array[] = [];

  constructor(struct: Struct) {
    this.#struct = struct;
  }

  encode(writer: ProtobufWriter, object: Values): void {
    for (const field of this.#fields()) {
      if (field.inner) {
        field.write(writer, object);
        continue;
      }
      const value = object[field.name];
      if (value !== undefined && value !== null) field.write(writer, value);
      else if (!field.isNilable) writer.raw(this.#bytesOfUnset(field));
    }
  }

  decode(reader: ProtobufReader, root: Values = {}, depth = 0): Values {
    this.assemble(root, this.collect(reader, depth));
    return root;
  }

  /** Reads a message to its end; values by the slots of their fields. */
  collect(reader: ProtobufReader, depth: number): unknown[] {
    if (depth > MAX_JSON_DEPTH) throw new ProtobufError('messages nested too deep');
    this.#fields();
    const values: unknown[] = new Array(this.#declared.length);
    while (reader.next()) {
      const field = this.#byNumber[reader.field];
      if (field) values[field.slot] = field.read(reader, values[field.slot], depth + 1);
      else reader.skip();
    }
    return values;
  }

  /** Brings collected values into normal form. */
  assemble(result: Values, values: readonly unknown[]): void {
    for (const field of this.#declared) {
      const value = values[field.slot];
      if (field.inner) field.inner.assemble(result, (value as readonly unknown[] | undefined) ?? []);
      else if (value !== undefined && value !== null && !(field.dropsZero && isZero(value))) result[field.name] = value;
      else if (field.unset) result[field.name] = field.unset();
    }
  }

  /** What stands for a field without a value that is written all the same: worked out once. */
  #bytesOfUnset(field: FieldCodec): Uint8Array {
    let bytes = this.#unset[field.slot];
    if (!bytes) {
      const writer = new ProtobufWriter();
      field.write(writer, undefined);
      bytes = writer.finish();
      this.#unset[field.slot] = bytes;
    }
    return bytes;
  }

  /** In the order of their numbers. Compiled on first use, for declarations may refer to themselves. */
  #fields(): readonly FieldCodec[] {
    if (this.#ordered) return this.#ordered;
    this.#declared = Object.entries(this.#struct.fields).map(([name, field], slot) => compile(name, field, slot));
    this.#ordered = this.#declared.filter(({ number }) => number > 0).sort((a, b) => a.number - b.number);
    const byNumber: (FieldCodec | undefined)[] = [];
    for (const field of this.#ordered) byNumber[field.number] = field;
    this.#byNumber = byNumber;
    return this.#ordered;
  }
}

function compile(name: string, field: Field, slot: number): FieldCodec {
  const form = fieldForm(name, field);
  const base = { ...form, number: field.number, slot, inner: undefined, isNilable: isNilable(field) };
  if (field.shape === 'inline') return { ...base, ...inlineCodec(field) };
  const value = wireForm(field);
  if (field.shape === 'list') return { ...base, ...listCodec(field, value) };
  if (field.shape === 'map') return { ...base, ...mapCodec(field, value) };
  return { ...base, ...oneCodec(field, value) };
}

/** Pointers are written where they are set; so are bytes and lists of strings, which can be nil, lists and maps. */
function isNilable({ shape, type, options }: Field): boolean {
  if (shape === 'list' || shape === 'map') return true;
  return options.optional === true || type === 'bytes' || type === 'stringList';
}

type Codec = Pick<FieldCodec, 'write' | 'read'>;

/** A type's wire form with the depth that structs need. */
interface ValueForm extends Omit<WireForm, 'read'> {
  read(reader: ProtobufReader, depth: number): unknown;
}

function wireForm(field: Field): ValueForm {
  const leaf = leafOf(field);
  return leaf === undefined ? structForm(() => codecOf(structOf(field))) : leafForm(leaf);
}

function structForm(codec: () => StructCodec): ValueForm {
  return {
    wireType: WIRE_BYTES,
    write(writer, value) {
      const mark = writer.begin();
      codec().encode(writer, (value as Values | undefined) ?? {});
      writer.end(mark);
    },
    read(reader, depth) {
      const outer = reader.enter();
      const value = codec().decode(reader, {}, depth);
      reader.leave(outer);
      return value;
    },
  };
}

function oneCodec(field: Field, form: ValueForm): Codec {
  return {
    write(writer, value) {
      writer.tag(field.number, form.wireType);
      form.write(writer, value);
    },
    read(reader, _before, depth) {
      reader.expect(form.wireType);
      return form.read(reader, depth);
    },
  };
}

/** A message in protobuf whose fields JSON has in the parent: it is written from the parent's values. */
function inlineCodec(field: Field): Codec & { inner: StructCodec } {
  const inner = codecOf(structOf(field));
  return {
    inner,
    write(writer, parent) {
      writer.tag(field.number, WIRE_BYTES);
      const mark = writer.begin();
      inner.encode(writer, parent as Values);
      writer.end(mark);
    },
    read(reader, _before, depth) {
      reader.expect(WIRE_BYTES);
      const outer = reader.enter();
      const values = inner.collect(reader, depth);
      reader.leave(outer);
      return values;
    },
  };
}

function listCodec(field: Field, form: ValueForm): Codec {
  const isPackable = form.wireType === WIRE_VARINT || form.wireType === WIRE_FIXED64;
  const zero = zeroOf(field);
  return {
    write(writer, list) {
      for (const item of list as readonly unknown[]) {
        writer.tag(field.number, form.wireType);
        form.write(writer, item);
      }
    },
    read(reader, before, depth) {
      const list = (before as unknown[] | undefined) ?? [];
      if (isPackable && reader.wireType === WIRE_BYTES) {
        const outer = reader.enter();
        while (!reader.done) list.push(form.read(reader, depth));
        reader.leave(outer);
        return list;
      }
      reader.expect(form.wireType);
      list.push(form.read(reader, depth) ?? zero());
      return list;
    },
  };
}

function mapCodec(field: Field, form: ValueForm): Codec {
  const zero = zeroOf(field);
  const hasBytes = leafOf(field) === 'bytes';
  return {
    write(writer, map) {
      const values = map as Values;
      for (const key of sortedKeys(values)) {
        writer.tag(field.number, WIRE_BYTES);
        const mark = writer.begin();
        writer.tag(1, WIRE_BYTES);
        writer.string(key);
        const value = values[key];
        if (value !== null || !hasBytes) {
          writer.tag(2, form.wireType);
          form.write(writer, value);
        }
        writer.end(mark);
      }
    },
    read(reader, before, depth) {
      reader.expect(WIRE_BYTES);
      const map = (before as Values | undefined) ?? {};
      const outer = reader.enter();
      let key = '';
      let value: unknown;
      while (reader.next()) {
        if (reader.field === 1) key = reader.string();
        else if (reader.field === 2) value = form.read(reader, depth);
        else reader.skip();
      }
      reader.leave(outer);
      setKey(map, key, value ?? zero());
      return map;
    },
  };
}

function leafForm(leaf: Leaf): ValueForm {
  switch (leaf) {
    case 'schemaOrArray':
      return schemaOr((writer, value) => {
        for (const schema of value as readonly unknown[]) {
          writer.tag(2, WIRE_BYTES);
          SCHEMA.write(writer, schema);
        }
      }, 'schemas');
    case 'schemaOrStringArray':
      return schemaOr((writer, value) => {
        for (const name of value as readonly string[]) {
          writer.tag(2, WIRE_BYTES);
          writer.string(name);
        }
      }, 'names');
    case 'schemaOrBool':
      return schemaOrBool();
    default:
      return WIRE_FORMS[leaf satisfies PlainLeaf];
  }
}

const SCHEMA = structForm(() => codecOf(JSONSchemaProps));

/** `{1: schema}`, or a list in field 2. */
function schemaOr(writeList: (writer: ProtobufWriter, value: unknown) => void, list: 'schemas' | 'names'): ValueForm {
  return depthForm(
    (writer, value) => {
      if (Array.isArray(value)) return writeList(writer, value);
      writer.tag(1, WIRE_BYTES);
      SCHEMA.write(writer, value);
    },
    (reader, depth) => {
      let schema: unknown;
      const items: unknown[] = [];
      while (reader.next()) {
        if (reader.field === 1) schema = SCHEMA.read(reader, depth);
        else if (reader.field === 2) items.push(list === 'names' ? reader.string() : SCHEMA.read(reader, depth));
        else reader.skip();
      }
      return items.length > 0 ? items : (schema ?? null);
    },
  );
}

/** `{1: allows, 2: schema}`, where a schema allows. */
function schemaOrBool(): ValueForm {
  return depthForm(
    (writer, value) => {
      const hasSchema = typeof value === 'object';
      writer.tag(1, WIRE_VARINT);
      writer.bool(hasSchema || value === true);
      if (!hasSchema) return;
      writer.tag(2, WIRE_BYTES);
      SCHEMA.write(writer, value);
    },
    (reader, depth) => {
      let allows = false;
      let schema: unknown;
      while (reader.next()) {
        if (reader.field === 1) allows = reader.bool();
        else if (reader.field === 2) schema = SCHEMA.read(reader, depth);
        else reader.skip();
      }
      return schema ?? allows;
    },
  );
}

function depthForm(
  write: (writer: ProtobufWriter, value: unknown) => void,
  read: (reader: ProtobufReader, depth: number) => unknown,
): ValueForm {
  const { wireType, write: writeMessage } = messageForm(write, () => undefined);
  return {
    wireType,
    write: writeMessage,
    read(reader, depth) {
      const outer = reader.enter();
      const value = read(reader, depth);
      reader.leave(outer);
      return value;
    },
  };
}
