// A small language that describes protobuf (proto3) messages as data, the TypeScript types that follow from such a
// description, and the codec that reads it. The messages of CRI are declared in the *-messages.ts files beside this one.

import {
  ProtobufError,
  ProtobufReader,
  ProtobufWriter,
  WIRE_BYTES,
  WIRE_FIXED64,
  WIRE_VARINT,
} from '../base/protobuf.ts';

/**
 * What scalars are in TypeScript. A 64-bit integer is a number: one read beyond 2^53 is rounded, for these are sizes,
 * limits and counters; one written must be exact. `timeMs` is nanoseconds since 1970 on the wire and milliseconds with a
 * fraction here (good to a quarter of a microsecond), 0 where unset. `int64Value` and `uint64Value` are CRI's wrapper
 * messages, a number that may be missing.
 */
interface ScalarValues {
  readonly string: string;
  readonly bool: boolean;
  readonly bytes: Uint8Array;
  readonly double: number;
  readonly int32: number;
  readonly uint32: number;
  readonly int64: number;
  readonly uint64: number;
  readonly timeMs: number;
  readonly int64Value: number;
  readonly uint64Value: number;
  readonly stringMap: Readonly<Record<string, string>>;
}

type Scalar = keyof ScalarValues;
type Single = Scalar | Enumeration | Message;
type FieldType = Single | List;

/** A field's name to its number and type. */
type Fields = Readonly<Record<string, readonly [number: number, type: FieldType]>>;

/** Values that are numbers from 0 up on the wire and these names here. */
export interface Enumeration<Name extends string = string> {
  readonly kind: 'enumeration';
  readonly names: readonly Name[];
}

export interface List<Item extends Single = Single> {
  readonly kind: 'list';
  readonly of: Item;
}

export interface Message<F extends Fields = Fields> {
  readonly kind: 'message';
  readonly fields: F;
  /** Derived from `fields`, in the order of the numbers. */
  readonly byNumber: ReadonlyMap<number, Field>;
}

interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: FieldType;
  /** What a reader gets when the field is not on the wire. */
  readonly unset: unknown;
}

/** A message to be sent: what is left out keeps the protocol's default (zero, empty, none). */
export type Sent<M> =
  M extends Message<infer F> ? { readonly [Name in keyof F]?: SentValue<F[Name][1]> | undefined } : never;

type SentValue<T> = T extends Message
  ? Sent<T>
  : T extends List<infer Item>
    ? readonly SentValue<Item>[]
    : PlainValue<T>;

/** A message received: every scalar, list and map is there; a nested message may be missing. */
export type Received<M> =
  M extends Message<infer F>
    ? Flat<
        { readonly [Name in keyof F as F[Name][1] extends MayBeMissing ? never : Name]: ReceivedValue<F[Name][1]> } & {
          readonly [Name in keyof F as F[Name][1] extends MayBeMissing ? Name : never]?:
            | ReceivedValue<F[Name][1]>
            | undefined;
        }
      >
    : never;

type ReceivedValue<T> = T extends Message
  ? Received<T>
  : T extends List<infer Item>
    ? readonly ReceivedValue<Item>[]
    : PlainValue<T>;

type MayBeMissing = Message | 'int64Value' | 'uint64Value';
type PlainValue<T> = T extends Scalar ? ScalarValues[T] : T extends Enumeration<infer Name> ? Name : never;
type Flat<T> = { readonly [Key in keyof T]: T[Key] };

export function message<const F extends Fields>(fields: F): Message<F> {
  const list = Object.entries(fields).map(([name, [number, type]]) => ({ name, number, type, unset: unsetOf(type) }));
  list.sort((a, b) => a.number - b.number);
  return { kind: 'message', fields, byNumber: new Map(list.map((field) => [field.number, field])) };
}

export function list<const Item extends Single>(of: Item): List<Item> {
  return { kind: 'list', of };
}

export function enumeration<const Name extends string>(...names: readonly Name[]): Enumeration<Name> {
  return { kind: 'enumeration', names };
}

/** The message's bytes, fields in the order of their numbers. Throws ProtobufError for a value that does not fit its type. */
export function encode<M extends Message>(of: M, value: Sent<M>): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter();
  writeMessage(writer, of, value as Values);
  return writer.finish();
}

/** The message in the bytes, unknown fields passed over. Throws ProtobufError where they are not such a message. */
export function decode<M extends Message>(of: M, bytes: Uint8Array): Received<M> {
  return readMessage(new ProtobufReader(bytes), of) as Received<M>;
}

type Values = Readonly<Record<string, unknown>>;

const EMPTY_LIST: readonly never[] = Object.freeze([]);
const EMPTY_MAP: Readonly<Record<string, never>> = Object.freeze({});
const EMPTY_BYTES = new Uint8Array();

function unsetOf(type: FieldType): unknown {
  switch (type) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'bytes':
      return EMPTY_BYTES;
    case 'stringMap':
      return EMPTY_MAP;
    case 'int64Value':
    case 'uint64Value':
      return undefined;
    case 'double':
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'uint64':
    case 'timeMs':
      return 0;
    default:
      if (type.kind === 'list') return EMPTY_LIST;
      return type.kind === 'enumeration' ? type.names[0] : undefined;
  }
}

function writeMessage(writer: ProtobufWriter, of: Message, values: Values): void {
  for (const { name, number, type, unset } of of.byNumber.values()) {
    const value = values[name];
    if (value === undefined || value === unset) continue;
    if (typeof type === 'object' && type.kind === 'list') {
      writeList(writer, number, type.of, value as readonly unknown[]);
    } else if (type === 'stringMap') {
      writeMap(writer, number, value as Readonly<Record<string, string>>);
    } else {
      writeValue(writer, number, type, value);
    }
  }
}

function writeList(writer: ProtobufWriter, number: number, type: Single, items: readonly unknown[]): void {
  if (items.length === 0) return;
  if (!isPackable(type)) {
    for (const item of items) writeValue(writer, number, type, item);
    return;
  }
  writer.tag(number, WIRE_BYTES);
  const mark = writer.begin();
  for (const item of items) writeNumber(writer, type, item);
  writer.end(mark);
}

function writeMap(writer: ProtobufWriter, number: number, map: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(map)) {
    writer.tag(number, WIRE_BYTES);
    const mark = writer.begin();
    writer.tag(1, WIRE_BYTES);
    writer.string(key);
    writer.tag(2, WIRE_BYTES);
    writer.string(value);
    writer.end(mark);
  }
}

function writeValue(writer: ProtobufWriter, number: number, type: Single, value: unknown): void {
  writer.tag(number, wireTypeOf(type));
  if (type === 'string') writer.string(value as string);
  else if (type === 'bytes') writer.bytes(value as Uint8Array);
  else if (type === 'int64Value' || type === 'uint64Value') writeWrapper(writer, value as number);
  else if (typeof type === 'object' && type.kind === 'message') {
    const mark = writer.begin();
    writeMessage(writer, type, value as Values);
    writer.end(mark);
  } else writeNumber(writer, type, value);
}

function writeWrapper(writer: ProtobufWriter, value: number): void {
  const mark = writer.begin();
  if (value !== 0) {
    writer.tag(1, WIRE_VARINT);
    writer.int(value);
  }
  writer.end(mark);
}

function writeNumber(writer: ProtobufWriter, type: Single, value: unknown): void {
  if (typeof type === 'object') {
    const index = type.kind === 'enumeration' ? type.names.indexOf(value as string) : -1;
    if (index < 0) throw new ProtobufError(`${String(value)} is not a value of the enumeration`);
    writer.uint(index);
  } else if (type === 'bool') writer.bool(value as boolean);
  else if (type === 'double') writer.double(value as number);
  else if (type === 'timeMs') writer.bigint(BigInt(Math.round((value as number) * 1e6)));
  else if (type === 'uint32' || type === 'uint64') writer.uint(value as number);
  else writer.int(value as number);
}

function readMessage(reader: ProtobufReader, of: Message): Values {
  const values: Record<string, unknown> = {};
  for (const { name, unset } of of.byNumber.values()) {
    if (unset !== undefined) values[name] = unset;
  }
  while (reader.next()) {
    const field = of.byNumber.get(reader.field);
    if (!field) reader.skip();
    else if (typeof field.type === 'object' && field.type.kind === 'list')
      readItem(reader, field, field.type.of, values);
    else if (field.type === 'stringMap') readEntry(reader, field, values);
    else values[field.name] = readValue(reader, field.type);
  }
  return values;
}

/** Adds one item, or all items of a packed list, to the field's list. */
function readItem(reader: ProtobufReader, field: Field, type: Single, values: Record<string, unknown>): void {
  if (values[field.name] === EMPTY_LIST) values[field.name] = [];
  const items = values[field.name] as unknown[];
  if (!isPackable(type) || reader.wireType !== WIRE_BYTES) {
    items.push(readValue(reader, type));
    return;
  }
  const outerEnd = reader.enter();
  while (!reader.done) items.push(readNumber(reader, type));
  reader.leave(outerEnd);
}

function readEntry(reader: ProtobufReader, field: Field, values: Record<string, unknown>): void {
  if (values[field.name] === EMPTY_MAP) values[field.name] = {};
  let key = '';
  let value = '';
  reader.expect(WIRE_BYTES);
  const outerEnd = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) key = readValue(reader, 'string') as string;
    else if (reader.field === 2) value = readValue(reader, 'string') as string;
    else reader.skip();
  }
  reader.leave(outerEnd);
  // Defined, not assigned: a label may be called __proto__.
  Object.defineProperty(values[field.name], key, { value, enumerable: true, configurable: true, writable: true });
}

function readValue(reader: ProtobufReader, type: Single): unknown {
  reader.expect(wireTypeOf(type));
  if (type === 'string') return reader.string();
  if (type === 'bytes') return reader.bytes().slice();
  if (type === 'int64Value' || type === 'uint64Value') return readWrapper(reader, type);
  if (typeof type === 'string' || type.kind === 'enumeration') return readNumber(reader, type);
  const outerEnd = reader.enter();
  const values = readMessage(reader, type);
  reader.leave(outerEnd);
  return values;
}

function readWrapper(reader: ProtobufReader, type: 'int64Value' | 'uint64Value'): number {
  let value = 0;
  const outerEnd = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) value = readValue(reader, type === 'int64Value' ? 'int64' : 'uint64') as number;
    else reader.skip();
  }
  reader.leave(outerEnd);
  return value;
}

function readNumber(reader: ProtobufReader, type: Single): unknown {
  switch (type) {
    case 'bool':
      return reader.bool();
    case 'double':
      return reader.double();
    case 'int32':
      return reader.int32();
    case 'int64':
      return reader.roundedInt();
    case 'timeMs':
      return reader.roundedInt() / 1e6;
    case 'uint32':
      return reader.int32() >>> 0;
    case 'uint64':
      return reader.roundedUint();
    default:
      return readName(reader, type as Enumeration);
  }
}

function readName(reader: ProtobufReader, type: Enumeration): string {
  const index = reader.int32();
  const name = type.names[index];
  if (name === undefined) throw new ProtobufError(`field ${reader.field}: the enumeration has no value ${index}`);
  return name;
}

function isPackable(type: Single): boolean {
  return wireTypeOf(type) !== WIRE_BYTES;
}

function wireTypeOf(type: Single): number {
  if (typeof type === 'object') return type.kind === 'enumeration' ? WIRE_VARINT : WIRE_BYTES;
  switch (type) {
    case 'string':
    case 'bytes':
    case 'stringMap':
    case 'int64Value':
    case 'uint64Value':
      return WIRE_BYTES;
    case 'double':
      return WIRE_FIXED64;
    default:
      return WIRE_VARINT;
  }
}
