// Objects in protobuf, for every declared kind: the envelope that names the kind, messages by their declared numbers,
// lists and watch frames. Upstream: runtime.Unknown, apimachinery's protobuf serializer; proto2 with gogo's rules.

import { ProtobufError, ProtobufReader, ProtobufWriter, WIRE_BYTES } from '../base/protobuf.ts';
import { apiVersionOf, type ObjectType } from './decode-object.ts';
import type { AnyDraft } from './kind.ts';
import { ListMeta } from './meta/list-meta.ts';
import { messageCodec } from './protobuf-message.ts';
import type { Struct } from './schema.ts';

export const PROTOBUF_CONTENT_TYPE = 'application/vnd.kubernetes.protobuf';

/** What every enveloped object starts with: `k8s` and a zero byte. */
const MAGIC = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);

/** Where messages are written before they are copied in their size. */
const SCRATCH = new ProtobufWriter(16 * 1024);

/** An object of the type in its envelope. Takes objects in normal form, and such that lack what decoding fills in. */
export function encodeProtobuf(type: ObjectType, object: object): Uint8Array<ArrayBuffer> {
  return wrapMessage(type, encodeMessage(type.schema, object));
}

/** The object in an envelope, in normal form. Its kind and apiVersion are those of `type`. Throws `ProtobufError`. */
export function decodeProtobuf(type: ObjectType, bytes: Uint8Array): AnyDraft {
  const { raw } = readEnvelope(bytes);
  const root = { kind: type.kind, apiVersion: apiVersionOf(type) };
  return messageCodec(type.schema).decode(new ProtobufReader(raw), root) as unknown as AnyDraft;
}

/** A struct as a message without an envelope. */
export function encodeMessage(struct: Struct, object: object): Uint8Array<ArrayBuffer> {
  SCRATCH.reset();
  messageCodec(struct).encode(SCRATCH, object as Record<string, unknown>);
  return SCRATCH.finish();
}

/** A message without an envelope, in normal form. Throws `ProtobufError`. */
export function decodeMessage(struct: Struct, bytes: Uint8Array): Record<string, unknown> {
  return messageCodec(struct).decode(new ProtobufReader(bytes));
}

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
  readonly contentEncoding: string;
  readonly contentType: string;
}

/** Opens the envelope of an object. Throws `ProtobufError` where there is none. */
export function readEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length < MAGIC.length || MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  const reader = new ProtobufReader(bytes.subarray(MAGIC.length));
  const envelope = { apiVersion: '', kind: '', raw: new Uint8Array(), contentEncoding: '', contentType: '' } as {
    -readonly [K in keyof Envelope]: Envelope[K];
  };
  while (reader.next()) {
    reader.expect(WIRE_BYTES);
    if (reader.field === 1) readTypeMeta(reader, envelope);
    else if (reader.field === 2) envelope.raw = reader.bytes();
    else if (reader.field === 3) envelope.contentEncoding = reader.string();
    else if (reader.field === 4) envelope.contentType = reader.string();
    else reader.skip();
  }
  return envelope;
}

/** Puts a message of the type, which was encoded before, in its envelope. */
export function wrapMessage(
  type: { readonly group: string; readonly version: string; readonly kind: string },
  message: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter(message.length + 128);
  writer.raw(MAGIC);
  writer.tag(1, WIRE_BYTES);
  const typeMeta = writer.begin();
  writer.tag(1, WIRE_BYTES);
  writer.string(apiVersionOf(type));
  writer.tag(2, WIRE_BYTES);
  writer.string(type.kind);
  writer.end(typeMeta);
  writer.tag(2, WIRE_BYTES);
  writer.bytes(message);
  writer.tag(3, WIRE_BYTES);
  writer.string('');
  writer.tag(4, WIRE_BYTES);
  writer.string('');
  return writer.finish();
}

/**
 * An enveloped list out of messages of its items that were encoded before, as pieces to be sent one after the other, so
 * that the bytes of items are never copied.
 */
export function encodeList(
  type: { readonly group: string; readonly version: string; readonly listKind: string },
  metadata: object,
  items: readonly Uint8Array[],
): Uint8Array[] {
  const heads = itemHeads(items);
  const meta = new ProtobufWriter(64);
  meta.tag(1, WIRE_BYTES);
  meta.bytes(encodeMessage(ListMeta, metadata));
  const sizeBytes = items.reduce((sum, item, index) => sum + item.length + heads[index]!.length, meta.length);
  const { head, tail } = wrapping({ ...type, kind: type.listKind }, sizeBytes);
  return [head, meta.finish(), ...items.flatMap((item, index) => [heads[index]!, item]), tail];
}

/** One event of a watch stream: its length in four bytes, and a WatchEvent around an enveloped object. */
export function encodeWatchFrame(eventType: string, object: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter(object.length + 64);
  writer.raw(new Uint8Array(4));
  writer.tag(1, WIRE_BYTES);
  writer.string(eventType);
  writer.tag(2, WIRE_BYTES);
  const extension = writer.begin();
  writer.tag(1, WIRE_BYTES);
  writer.bytes(object);
  writer.end(extension);
  const frame = writer.finish();
  new DataView(frame.buffer).setUint32(0, frame.length - 4);
  return frame;
}

/** An event out of a frame without its length: its type, and the enveloped object. Throws `ProtobufError`. */
export function decodeWatchEvent(frame: Uint8Array): { type: string; object: Uint8Array } {
  const reader = new ProtobufReader(frame);
  let type = '';
  let object: Uint8Array = new Uint8Array();
  while (reader.next()) {
    if (reader.field === 1) type = reader.string();
    else if (reader.field === 2) object = readExtension(reader);
    else reader.skip();
  }
  return { type, object };
}

function readExtension(reader: ProtobufReader): Uint8Array {
  let raw: Uint8Array = new Uint8Array();
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) raw = reader.bytes();
    else reader.skip();
  }
  reader.leave(outer);
  return raw;
}

function readTypeMeta(reader: ProtobufReader, envelope: { apiVersion: string; kind: string }): void {
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) envelope.apiVersion = reader.string();
    else if (reader.field === 2) envelope.kind = reader.string();
    else reader.skip();
  }
  reader.leave(outer);
}

/** The envelope around a message of a known size, without the message. */
function wrapping(
  type: { readonly group: string; readonly version: string; readonly kind: string },
  sizeBytes: number,
): { head: Uint8Array; tail: Uint8Array } {
  const empty = wrapMessage(type, new Uint8Array());
  const tail = empty.subarray(empty.length - 4); // The two empty strings behind the message.
  const length = new ProtobufWriter(16);
  length.uint(sizeBytes);
  const beforeLength = empty.subarray(0, empty.length - tail.length - 1);
  const head = new Uint8Array(beforeLength.length + length.length);
  head.set(beforeLength);
  head.set(length.finish(), beforeLength.length);
  return { head, tail };
}

/** What goes before each item: its tag and its length. */
function itemHeads(items: readonly Uint8Array[]): Uint8Array[] {
  const writer = new ProtobufWriter(16);
  return items.map(({ length }) => {
    writer.reset();
    writer.tag(2, WIRE_BYTES);
    writer.uint(length);
    return writer.finish();
  });
}
