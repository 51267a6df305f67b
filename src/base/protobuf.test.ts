import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ProtobufError,
  ProtobufReader,
  ProtobufWriter,
  WIRE_BYTES,
  WIRE_FIXED32,
  WIRE_FIXED64,
  WIRE_VARINT,
} from './protobuf.ts';
import { seededRandom } from './random.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fromHex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

function written(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter(16);
  write(writer);
  return writer.finish();
}

describe('ProtobufWriter and ProtobufReader', () => {
  // The bytes are those of the encoding guide and of the rule that a negative integer is its 64-bit two's complement.
  const integers: readonly [value: number, bytes: string][] = [
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '8001'],
    [150, '9601'],
    [300, 'ac02'],
    [2 ** 31 - 1, 'ffffffff07'],
    [2 ** 31, '8080808008'],
    [2 ** 32 - 1, 'ffffffff0f'],
    [2 ** 32, '8080808010'],
    [2 ** 35, '808080808001'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff0f'],
    [-1, 'ffffffffffffffffff01'],
    [-2, 'feffffffffffffffff01'],
    [-(2 ** 31), '80808080f8ffffffff01'],
    [-(2 ** 32), '80808080f0ffffffff01'],
    [Number.MIN_SAFE_INTEGER, '81808080808080f0ff01'],
  ];
  for (const [value, bytes] of integers) {
    test(`int ${value} is ${bytes} in both directions`, () => {
      assert.equal(hex(written((writer) => writer.int(value))), bytes);
      assert.equal(hex(written((writer) => writer.bigint(BigInt(value)))), bytes);
      assert.equal(new ProtobufReader(fromHex(bytes)).int(), value);
      assert.equal(new ProtobufReader(fromHex(bytes)).bigint(), BigInt(value));
      if (value < 0) return;
      assert.equal(hex(written((writer) => writer.uint(value))), bytes);
      assert.equal(new ProtobufReader(fromHex(bytes)).uint(), value);
    });
  }

  test('int holds its value for ten thousand random integers of all sizes', () => {
    const random = seededRandom(7);
    for (let i = 0; i < 10_000; i++) {
      const value = Math.floor((random.next() - 0.5) * 2 ** Math.floor(random.next() * 54));
      assert.equal(new ProtobufReader(written((writer) => writer.int(value))).int(), value);
    }
  });

  test('int32 keeps the low 32 bits', () => {
    assert.equal(new ProtobufReader(fromHex('ffffffffffffffffff01')).int32(), -1);
    assert.equal(new ProtobufReader(fromHex('ffffffff0f')).int32(), -1);
    assert.equal(new ProtobufReader(fromHex('ffffffff07')).int32(), 2147483647);
  });

  test('rounded reads give the nearest number beyond 2^53, exact reads refuse', () => {
    const int64Max = fromHex('ffffffffffffffff7f');
    assert.equal(new ProtobufReader(int64Max).roundedInt(), 2 ** 63);
    assert.equal(new ProtobufReader(fromHex('ffffffffffffffffff01')).roundedUint(), 2 ** 64);
    assert.equal(new ProtobufReader(int64Max).bigint(), 2n ** 63n - 1n);
    assert.throws(() => new ProtobufReader(int64Max).int(), ProtobufError);
    assert.throws(() => new ProtobufReader(int64Max).uint(), ProtobufError);
  });

  test('a writer refuses what is no integer', () => {
    for (const value of [1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      assert.throws(() => new ProtobufWriter().int(value), ProtobufError);
      assert.throws(() => new ProtobufWriter().uint(value), ProtobufError);
    }
    assert.throws(() => new ProtobufWriter().uint(-1), ProtobufError);
  });

  const strings: readonly string[] = [
    '',
    'a',
    'testing',
    'grüß',
    '\u{1f980}',
    '\ufeffmark',
    'x'.repeat(48),
    'x'.repeat(49),
    'x'.repeat(127),
    'x'.repeat(128),
    'ü'.repeat(48),
    'ü'.repeat(20_000),
    `${'x'.repeat(47)}ü`,
  ];
  for (const value of strings) {
    test(`string of ${value.length} units is its UTF-8 behind the length`, () => {
      const utf8 = Buffer.from(value, 'utf8');
      const length = written((writer) => writer.uint(utf8.length));
      const bytes = written((writer) => writer.string(value));
      assert.equal(hex(bytes), hex(length) + utf8.toString('hex'));
      assert.equal(new ProtobufReader(bytes).string(), value);
    });
  }

  test('string replaces what is not UTF-8', () => {
    assert.equal(new ProtobufReader(fromHex('0261ff')).string(), 'a\ufffd');
    assert.equal(hex(written((writer) => writer.string('\ud800'))), '03efbfbd');
  });

  test('double is eight bytes, little end first', () => {
    const bytes = written((writer) => writer.double(-1.5));
    assert.equal(hex(bytes), '000000000000f8bf');
    assert.equal(new ProtobufReader(bytes).double(), -1.5);
  });

  test('begin and end frame nested messages of any size', () => {
    for (const size of [0, 1, 127, 128, 16_383, 16_384, 100_000]) {
      const filling = new Uint8Array(size).fill(7);
      const bytes = written((writer) => {
        writer.tag(1, WIRE_BYTES);
        const outer = writer.begin();
        writer.tag(2, WIRE_BYTES);
        const inner = writer.begin();
        writer.raw(filling);
        writer.end(inner);
        writer.tag(3, WIRE_VARINT);
        writer.bool(true);
        writer.end(outer);
        writer.tag(4, WIRE_BYTES);
        writer.bytes(filling);
      });
      const reader = new ProtobufReader(bytes);
      assert.ok(reader.next());
      assert.equal(reader.field, 1);
      const outerEnd = reader.enter();
      assert.ok(reader.next());
      assert.deepEqual(reader.bytes(), filling);
      assert.ok(reader.next());
      assert.equal(reader.field, 3);
      assert.equal(reader.bool(), true);
      assert.equal(reader.next(), false);
      reader.leave(outerEnd);
      assert.ok(reader.next());
      assert.equal(reader.field, 4);
      assert.deepEqual(reader.bytes(), filling);
      assert.ok(reader.done);
    }
  });

  test('leave passes over what of the inner message was not read', () => {
    const reader = new ProtobufReader(fromHex('0a0408011002' + '1805'));
    reader.next();
    const outerEnd = reader.enter();
    reader.leave(outerEnd);
    reader.next();
    assert.equal(reader.field, 3);
    assert.equal(reader.uint(), 5);
  });

  test('skip passes over every wire type, groups included', () => {
    const bytes = written((writer) => {
      writer.tag(1, WIRE_VARINT);
      writer.int(-1);
      writer.tag(2, WIRE_FIXED64);
      writer.double(1);
      writer.tag(3, WIRE_BYTES);
      writer.string('skipped');
      writer.tag(4, WIRE_FIXED32);
      writer.raw(new Uint8Array(4));
      writer.tag(5, 3);
      writer.tag(6, 3);
      writer.tag(6, 4);
      writer.tag(1, WIRE_VARINT);
      writer.uint(1);
      writer.tag(5, 4);
      writer.tag(536870911, WIRE_VARINT);
      writer.uint(9);
    });
    const reader = new ProtobufReader(bytes);
    const seen: number[] = [];
    while (reader.next()) {
      seen.push(reader.field);
      if (reader.field === 536870911) assert.equal(reader.uint(), 9);
      else reader.skip();
    }
    assert.deepEqual(seen, [1, 2, 3, 4, 5, 536870911]);
  });

  const broken: readonly [what: string, bytes: string][] = [
    ['a varint cut short', '0880'],
    ['a varint of eleven bytes', '08ffffffffffffffffffff01'],
    ['a length behind the end', '1205aa'],
    ['a huge length', '12ffffffff0f'],
    ['fixed64 cut short', '1900'],
    ['fixed32 cut short', '2500'],
    ['a group without end', '2b'],
    ['a group ended by another', '2b34'],
    ['groups nested without bound', '2b'.repeat(100)],
    ['an end without a group', '2c'],
    ['wire type 6', '0e'],
    ['field number 0', '0000'],
  ];
  for (const [what, bytes] of broken) {
    test(`reader throws ProtobufError for ${what}`, () => {
      const reader = new ProtobufReader(fromHex(bytes));
      assert.throws(() => {
        while (reader.next()) reader.skip();
      }, ProtobufError);
    });
  }

  test('reader never reads past the message it entered', () => {
    const reader = new ProtobufReader(fromHex('0a02080008ff01'));
    reader.next();
    reader.enter();
    reader.next();
    reader.skip();
    assert.equal(reader.next(), false);
    const cut = new ProtobufReader(fromHex('0a011205aabbccddee'));
    cut.next();
    cut.enter();
    cut.next();
    assert.throws(() => cut.string(), ProtobufError);
  });

  test('expect names the field and both wire types', () => {
    const reader = new ProtobufReader(fromHex('0801'));
    reader.next();
    reader.expect(WIRE_VARINT);
    assert.throws(() => reader.expect(WIRE_BYTES), /field 1 has wire type 0 instead of 2/);
  });

  test('reset keeps the buffer and finish hands out copies', () => {
    const writer = new ProtobufWriter();
    writer.string('first');
    const first = writer.finish();
    writer.reset();
    writer.string('other');
    assert.equal(new ProtobufReader(first).string(), 'first');
    assert.equal(new ProtobufReader(writer.finish()).string(), 'other');
    assert.equal(writer.length, 6);
  });
});

test('ProtobufReader gives strings that were read before as they are, whatever their bytes have in common', () => {
  const words = Array.from({ length: 20_000 }, (_, i) => `name-${(i * 7919) % 9973}`);
  const writer = new ProtobufWriter();
  for (const word of words) {
    writer.tag(1, WIRE_BYTES);
    writer.string(word);
  }
  const reader = new ProtobufReader(writer.finish());
  const read: string[] = [];
  while (reader.next()) read.push(reader.string());
  assert.deepEqual(read, words);
});
