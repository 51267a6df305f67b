// The protobuf wire format's primitives: a writer and a reader over bytes. Which field has which number and type is the
// business of those who use it (src/api, src/cri). Rules: protobuf.dev/programming-guides/encoding.

/** The wire types in use; 3 and 4 (groups) are only ever skipped. */
export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_BYTES = 2;
export const WIRE_FIXED32 = 5;
const WIRE_GROUP_START = 3;
const WIRE_GROUP_END = 4;

const MAX_KEPT_BYTES = 1024 * 1024;
const MAX_FIELD_NUMBER = 0x1fffffff;
const MAX_GROUP_DEPTH = 32;
const TWO_32 = 4294967296;
/** Strings and bytes up to this length are copied one by one, which beats a call into the encoder for them. */
const SHORT_STRING = 48;
const SHORT_BYTES = 16;
/**
 * Short strings that were read before, by a hash of their bytes: most of what is read are names and words that come again
 * and again, and one string for all of them costs less time and memory than one each.
 */
const RECENT_STRINGS: string[] = new Array(4096).fill('');

const encoder = new TextEncoder();
// A byte order mark is part of the string. Bytes that are not UTF-8 become U+FFFD, since upstream does not refuse them either.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes are not what their reader was promised, or the value has no place in the wire format. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/**
 * Appends to a buffer that grows. A field is `tag()` and then its value; a nested message is `tag(n, WIRE_BYTES)`,
 * `begin()`, its fields, `end()`.
 */
export class ProtobufWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes = 512) {
    this.#bytes = new Uint8Array(Math.max(16, capacityBytes));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes were written so far. */
  get length(): number {
    return this.#length;
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length) as Uint8Array<ArrayBuffer>;
  }

  /** Forgets what was written and keeps the buffer, unless it has grown very large. */
  reset(): void {
    this.#length = 0;
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#resize(MAX_KEPT_BYTES);
  }

  tag(fieldNumber: number, wireType: number): void {
    this.#reserve(5);
    this.#unsigned(fieldNumber * 8 + wireType);
  }

  /** uint32 and uint64: a whole number from 0 to 2^53-1. */
  uint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new ProtobufError(`${value} is not an unsigned integer`);
    this.#reserve(10);
    this.#unsigned(value);
  }

  /** int32, int64 and enums: a whole number within +-(2^53-1). A negative one takes ten bytes. */
  int(value: number): void {
    if (!Number.isSafeInteger(value)) throw new ProtobufError(`${value} is not an integer that a number holds exactly`);
    this.#reserve(10);
    if (value >= 0) this.#unsigned(value);
    else this.#negative(value);
  }

  /** int64 and uint64 in full; more than 64 bits are cut off. */
  bigint(value: bigint): void {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  bool(value: boolean): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value ? 1 : 0;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Bytes behind their length. */
  bytes(value: Uint8Array): void {
    this.#reserve(value.length + 5);
    this.#unsigned(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Bytes as they are: a message or a piece of one that was encoded before. */
  raw(value: Uint8Array): void {
    const { length } = value;
    this.#reserve(length);
    if (length > SHORT_BYTES) this.#bytes.set(value, this.#length);
    else for (let i = 0; i < length; i++) this.#bytes[this.#length + i] = value[i]!;
    this.#length += length;
  }

  /** A string in UTF-8 behind its length; a lone surrogate becomes U+FFFD. */
  string(value: string): void {
    this.#reserve(value.length * 3 + 5);
    if (value.length <= SHORT_STRING && this.#ascii(value)) return;
    const mark = this.begin();
    this.#length += encoder.encodeInto(value, this.#bytes.subarray(this.#length)).written;
    this.end(mark);
  }

  /** Opens a length-delimited value; give what this returns to `end`. */
  begin(): number {
    this.#reserve(1);
    this.#length += 1; // Room for a one-byte length; `end` makes more where it is needed.
    return this.#length;
  }

  /** Closes what `begin` opened by writing its length in front of it. */
  end(mark: number): void {
    const size = this.#length - mark;
    if (size < 0x80) {
      this.#bytes[mark - 1] = size;
      return;
    }
    const extra = varintSize(size) - 1;
    this.#reserve(extra);
    this.#bytes.copyWithin(mark + extra, mark, this.#length);
    this.#length = mark - 1;
    this.#unsigned(size);
    this.#length += size;
  }

  #reserve(sizeBytes: number): void {
    const needed = this.#length + sizeBytes;
    if (needed <= this.#bytes.length) return;
    this.#resize(Math.max(needed, this.#bytes.length * 2));
  }

  #resize(capacityBytes: number): void {
    const grown = new Uint8Array(capacityBytes);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  #unsigned(value: number): void {
    const bytes = this.#bytes;
    let at = this.#length;
    let rest = value;
    while (rest > 0x7fffffff) {
      bytes[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#length = at;
  }

  /** Two's complement in 64 bits: 2^64 + value, which no number holds, so it goes out in two halves. */
  #negative(value: number): void {
    const high = Math.floor(value / TWO_32) >>> 0;
    const low = value - Math.floor(value / TWO_32) * TWO_32;
    const bytes = this.#bytes;
    let at = this.#length;
    for (let shift = 0; shift < 28; shift += 7) bytes[at++] = ((low >>> shift) & 0x7f) | 0x80;
    bytes[at++] = ((low >>> 28) & 0x0f) | ((high << 4) & 0x70) | 0x80;
    for (let shift = 3; shift < 31; shift += 7) bytes[at++] = ((high >>> shift) & 0x7f) | 0x80;
    bytes[at++] = high >>> 31;
    this.#length = at;
  }

  /** Writes the string if all of it is ASCII; otherwise leaves the length where it was and says false. */
  #ascii(value: string): boolean {
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = value.length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at++] = code;
    }
    this.#length = at;
    return true;
  }
}

/**
 * Reads fields in the order they come: `while (reader.next())` look at `field` and `wireType`, then read the value or
 * `skip()` it. A nested message is read between `enter()` and `leave()`.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #end: number;
  #low = 0;
  #high = 0;
  /** The number of the field that `next` found. */
  field = 0;
  /** Its wire type. */
  wireType = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** Whether the message (the whole, or the one entered) is read to its end. */
  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** Goes to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const tag = this.uint();
    this.wireType = tag % 8;
    this.field = (tag - this.wireType) / 8;
    if (this.field < 1 || this.field > MAX_FIELD_NUMBER) throw new ProtobufError(`field number ${this.field}`);
    return true;
  }

  /** Throws unless the field is of this wire type. */
  expect(wireType: number): void {
    if (this.wireType === wireType) return;
    throw new ProtobufError(`field ${this.field} has wire type ${this.wireType} instead of ${wireType}`);
  }

  /** uint32 and uint64; throws above 2^53-1. */
  uint(): number {
    this.#varint();
    if (this.#high > 0x1fffff) throw new ProtobufError(`field ${this.field}: an integer above 2^53`);
    return this.#high * TWO_32 + this.#low;
  }

  /** uint64 where a rounded answer is good enough (sizes, counters): above 2^53 the nearest number. */
  roundedUint(): number {
    this.#varint();
    return this.#high * TWO_32 + this.#low;
  }

  /** int64; throws outside of +-(2^53-1). */
  int(): number {
    const value = this.roundedInt();
    if (!Number.isSafeInteger(value)) throw new ProtobufError(`field ${this.field}: an integer beyond 2^53`);
    return value;
  }

  /** int64 where a rounded answer is good enough: beyond 2^53 the nearest number. */
  roundedInt(): number {
    this.#varint();
    return (this.#high | 0) * TWO_32 + this.#low;
  }

  /** int32 and enums: the low 32 bits, as the wire format rules for longer ones. */
  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  /** int64 in full: for nanoseconds since 1970, which no number holds exactly. */
  bigint(): bigint {
    this.#varint();
    return (BigInt(this.#high | 0) << 32n) + BigInt(this.#low);
  }

  bool(): boolean {
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A view of the bytes, not a copy. */
  bytes(): Uint8Array {
    const size = this.uint();
    const start = this.#take(size);
    return this.#bytes.subarray(start, start + size);
  }

  string(): string {
    const size = this.uint();
    const start = this.#take(size);
    const end = start + size;
    if (size <= SHORT_STRING) {
      const bytes = this.#bytes;
      let hash = size;
      let bits = 0;
      for (let at = start; at < end; at++) {
        const byte = bytes[at]!;
        hash = (Math.imul(hash, 31) + byte) | 0;
        bits |= byte;
      }
      if (bits <= 0x7f) return this.#shortAscii(start, end, hash);
    }
    return decoder.decode(this.#bytes.subarray(start, end));
  }

  #shortAscii(start: number, end: number, hash: number): string {
    const bytes = this.#bytes;
    const slot = (hash ^ (hash >>> 12)) & (RECENT_STRINGS.length - 1);
    const recent = RECENT_STRINGS[slot]!;
    if (recent.length === end - start) {
      let at = start;
      while (at < end && recent.charCodeAt(at - start) === bytes[at]) at++;
      if (at === end) return recent;
    }
    const text = String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
    RECENT_STRINGS[slot] = text;
    return text;
  }

  /** Goes into a length-delimited value, which `next` then ends at; give what this returns to `leave`. */
  enter(): number {
    const size = this.uint();
    const start = this.#take(size);
    const outerEnd = this.#end;
    this.#at = start;
    this.#end = start + size;
    return outerEnd;
  }

  /** Goes back to the message around, past all of the inner one. */
  leave(outerEnd: number): void {
    this.#at = this.#end;
    this.#end = outerEnd;
  }

  /** Passes over the value of the field that `next` found. */
  skip(): void {
    this.#skip(0);
  }

  #skip(depth: number): void {
    switch (this.wireType) {
      case WIRE_VARINT:
        this.#varint();
        return;
      case WIRE_FIXED64:
        this.#take(8);
        return;
      case WIRE_BYTES:
        this.#take(this.uint());
        return;
      case WIRE_FIXED32:
        this.#take(4);
        return;
      case WIRE_GROUP_START:
        this.#skipGroup(depth);
        return;
      default:
        throw new ProtobufError(`field ${this.field} has wire type ${this.wireType}`);
    }
  }

  #skipGroup(depth: number): void {
    if (depth >= MAX_GROUP_DEPTH) throw new ProtobufError('groups nested too deep');
    const group = this.field;
    while (this.next()) {
      if (this.wireType !== WIRE_GROUP_END) this.#skip(depth + 1);
      else if (this.field === group) return;
      else throw new ProtobufError(`group ${group} ended by ${this.field}`);
    }
    throw new ProtobufError(`group ${group} has no end`);
  }

  /** Moves past so many bytes and returns where they start. */
  #take(sizeBytes: number): number {
    const start = this.#at;
    if (sizeBytes > this.#end - start) throw new ProtobufError(`field ${this.field} ends behind its message`);
    this.#at = start + sizeBytes;
    return start;
  }

  /** Reads a varint of up to ten bytes into #low and #high, each an unsigned half of 32 bits. */
  #varint(): void {
    const bytes = this.#bytes;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw new ProtobufError('a varint ends behind its message');
      const byte = bytes[this.#at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw new ProtobufError('a varint of more than ten bytes');
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
