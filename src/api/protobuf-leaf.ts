// Leaves in protobuf: how each declared type is written and read, from and to the form it has in memory, which is that of
// JSON. Types that upstream encodes by hand (Time, Quantity, IntOrString, RawExtension …) are messages of their own.

import { decodeBase64, encodeBase64 } from '../base/base64.ts';
import {
  ProtobufError,
  type ProtobufReader,
  type ProtobufWriter,
  WIRE_BYTES,
  WIRE_FIXED64,
  WIRE_VARINT,
} from '../base/protobuf.ts';
import { canonicalQuantity, QuantityError } from './quantity.ts';
import type { Leaf } from './schema.ts';
import { formatDuration, formatMicroTime, formatTime, parseDuration, parseTime } from './time.ts';

/** How values of a type are written behind their tag, and read. */
export interface WireForm {
  readonly wireType: number;
  /** `undefined` and null are written as the zero value. */
  write(writer: ProtobufWriter, value: unknown): void;
  read(reader: ProtobufReader): unknown;
}

export type PlainLeaf = Exclude<Leaf, 'schemaOrArray' | 'schemaOrBool' | 'schemaOrStringArray'>;

export const WIRE_FORMS: Readonly<Record<PlainLeaf, WireForm>> = {
  string: {
    wireType: WIRE_BYTES,
    write: (writer, value) => writer.string((value as string | undefined) ?? ''),
    read: (reader) => reader.string(),
  },
  bool: {
    wireType: WIRE_VARINT,
    write: (writer, value) => writer.bool(value === true),
    read: (reader) => reader.bool(),
  },
  int32: {
    wireType: WIRE_VARINT,
    write: (writer, value) => writer.int((value as number | undefined) ?? 0),
    read: (reader) => reader.int32(),
  },
  int64: {
    wireType: WIRE_VARINT,
    write: (writer, value) => writer.int((value as number | undefined) ?? 0),
    read: (reader) => reader.int(),
  },
  double: {
    wireType: WIRE_FIXED64,
    write: (writer, value) => writer.double((value as number | undefined) ?? 0),
    read: (reader) => reader.double(),
  },
  bytes: {
    wireType: WIRE_BYTES,
    write: (writer, value) => writer.bytes(decodeBase64((value as string | undefined) ?? '')),
    read: (reader) => encodeBase64(reader.bytes()),
  },
  time: messageForm(
    (writer, value) => writeInstant(writer, value as string, false),
    (reader) => readInstant(reader, (seconds) => formatTime(seconds * 1000)),
  ),
  microTime: messageForm(
    (writer, value) => writeInstant(writer, value as string, true),
    (reader) => readInstant(reader, (seconds, nanos) => formatMicroTime(seconds * 1000, Math.trunc(nanos / 1000))),
  ),
  duration: messageForm(
    (writer, value) => {
      writer.tag(1, WIRE_VARINT);
      writer.bigint(parseDuration(value as string));
    },
    (reader) => formatDuration(readOnly(reader, 1, () => reader.bigint()) ?? 0n),
  ),
  quantity: messageForm(
    (writer, value) => {
      writer.tag(1, WIRE_BYTES);
      writer.string(value as string);
    },
    (reader) => checkedQuantity(readOnly(reader, 1, () => reader.string()) || '0'),
    '0',
  ),
  intOrString: messageForm(writeIntOrString, readIntOrString, 0),
  rawExtension: rawForm(),
  fieldsV1: rawForm(),
  json: rawForm(),
  stringList: messageForm(
    (writer, value) => {
      for (const item of value as readonly string[]) {
        writer.tag(1, WIRE_BYTES);
        writer.string(item);
      }
    },
    (reader) => {
      const items: string[] = [];
      while (reader.next()) {
        if (reader.field === 1) items.push(reader.string());
        else reader.skip();
      }
      return items;
    },
  ),
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function checkedQuantity(text: string): string {
  try {
    return canonicalQuantity(text);
  } catch (error) {
    if (error instanceof QuantityError) throw new ProtobufError(error.message);
    throw error;
  }
}

/** A JSON value as the bytes of a field. */
export function writeJsonBytes(writer: ProtobufWriter, fieldNumber: number, value: unknown): void {
  writer.tag(fieldNumber, WIRE_BYTES);
  writer.bytes(encoder.encode(JSON.stringify(value)));
}

/** The JSON value that a field's bytes hold. */
export function readJsonBytes(reader: ProtobufReader): unknown {
  const text = decoder.decode(reader.bytes());
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtobufError('an embedded object that is not JSON');
  }
}

/** A message of its own; of an unset value nothing but the empty message is written, or what `zero` stands for. */
export function messageForm(
  write: (writer: ProtobufWriter, value: unknown) => void,
  read: (reader: ProtobufReader) => unknown,
  zero?: unknown,
): WireForm {
  return {
    wireType: WIRE_BYTES,
    write(writer, given) {
      const value = given ?? zero;
      const mark = writer.begin();
      if (value !== undefined && value !== null) write(writer, value);
      writer.end(mark);
    },
    read(reader) {
      const outer = reader.enter();
      const value = read(reader);
      reader.leave(outer);
      return value;
    },
  };
}

/** JSON in the first field. */
function rawForm(): WireForm {
  return messageForm(
    (writer, value) => writeJsonBytes(writer, 1, value),
    (reader) => readOnly(reader, 1, () => readJsonBytes(reader)) ?? null,
  );
}

/** Reads a message of which only one field matters. */
function readOnly<T>(reader: ProtobufReader, fieldNumber: number, read: () => T): T | undefined {
  let value: T | undefined;
  while (reader.next()) {
    if (reader.field === fieldNumber) value = read();
    else reader.skip();
  }
  return value;
}

function writeInstant(writer: ProtobufWriter, value: string, withMicros: boolean): void {
  const { ms, nanos } = parseTime(value);
  writer.tag(1, WIRE_VARINT);
  writer.int(ms / 1000);
  writer.tag(2, WIRE_VARINT);
  writer.int(withMicros ? Math.trunc(nanos / 1000) * 1000 : 0);
}

/** Upstream reads the first instant of 1970 as no time at all, and so does this. */
function readInstant(reader: ProtobufReader, format: (seconds: number, nanos: number) => string): string | null {
  let seconds = 0;
  let nanos = 0;
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.int();
    else if (reader.field === 2) nanos = reader.int32();
    else reader.skip();
  }
  if (seconds === 0 && nanos === 0) return null;
  if (Math.abs(seconds) > MAX_SECONDS) throw new ProtobufError('a time beyond what a date can be');
  return format(seconds, nanos);
}

/** From the year 1 to 9999 every time has a form in JSON; a date object reaches a little further. */
const MAX_SECONDS = 8.64e12;

function writeIntOrString(writer: ProtobufWriter, value: unknown): void {
  const isString = typeof value === 'string';
  writer.tag(1, WIRE_VARINT);
  writer.uint(isString ? 1 : 0);
  writer.tag(2, WIRE_VARINT);
  writer.int(isString ? 0 : (value as number));
  writer.tag(3, WIRE_BYTES);
  writer.string(isString ? value : '');
}

function readIntOrString(reader: ProtobufReader): number | string {
  let isString = false;
  let number = 0;
  let text = '';
  while (reader.next()) {
    if (reader.field === 1) isString = reader.int() === 1;
    else if (reader.field === 2) number = reader.int32();
    else if (reader.field === 3) text = reader.string();
    else reader.skip();
  }
  return isString ? text : number;
}
