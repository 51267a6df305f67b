import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProtobufError } from '../base/protobuf.ts';
import { decode, encode, enumeration, list, message, type Received, type Sent } from './message.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fromHex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

const sample = message({
  map: [9, 'stringMap'],
  text: [1, 'string'],
  flag: [2, 'bool'],
  colour: [3, enumeration('RED', 'GREEN', 'BLUE')],
  numbers: [4, list('int64')],
  inner: [5, message({ deep: [1, 'uint64'] })],
  inners: [6, list(message({ deep: [1, 'uint64'] }))],
  user: [7, 'int64Value'],
  createdAt: [8, 'timeMs'],
  ratio: [10, 'double'],
  data: [11, 'bytes'],
  small: [12, 'int32'],
  words: [13, list('string')],
  colours: [14, list(enumeration('RED', 'GREEN'))],
  limit: [15, 'uint64Value'],
  count: [16, 'uint32'],
});

const UNSET: Received<typeof sample> = {
  text: '',
  flag: false,
  colour: 'RED',
  numbers: [],
  inners: [],
  createdAt: 0,
  map: {},
  ratio: 0,
  data: new Uint8Array(),
  small: 0,
  words: [],
  colours: [],
  count: 0,
};

describe('encode and decode', () => {
  const cases: readonly [what: string, value: Sent<typeof sample>, bytes: string][] = [
    ['nothing', {}, ''],
    ['defaults, which stay off the wire', { text: '', flag: false, colour: 'RED', numbers: [], map: {}, small: 0 }, ''],
    ['a string', { text: 'hi' }, '0a026869'],
    ['a boolean', { flag: true }, '1001'],
    ['an enumeration', { colour: 'BLUE' }, '1802'],
    ['packed integers', { numbers: [1, -1] }, '220b01ffffffffffffffffff01'],
    ['a nested message', { inner: { deep: 300 } }, '2a0308ac02'],
    ['an empty nested message, which is there', { inner: {} }, '2a00'],
    ['repeated messages', { inners: [{ deep: 1 }, {}] }, '32020801' + '3200'],
    ['a wrapped zero, which is there', { user: 0 }, '3a00'],
    ['a wrapped number', { user: 1000 }, '3a0308e807'],
    ['a moment', { createdAt: 1.5 }, '40e0c65b'],
    ['a map', { map: { a: 'b' } }, '4a060a016112' + '0162'],
    ['a double', { ratio: 1 }, '51000000000000f03f'],
    ['bytes', { data: fromHex('00ff') }, '5a0200ff'],
    ['a negative int32', { small: -5 }, '60fbffffffffffffffff01'],
    ['repeated strings', { words: ['a', ''] }, '6a01616a00'],
    ['packed enumerations', { colours: ['GREEN', 'RED'] }, '72020100'],
    ['an unsigned number of 32 bits', { count: 4294967295 }, '800' + '1ffffffff0f'],
  ];
  for (const [what, value, bytes] of cases) {
    test(`hold ${what}`, () => {
      assert.equal(hex(encode(sample, value)), bytes);
      const inners = value.inners?.map((inner) => ({ deep: inner.deep ?? 0 }));
      const inner = value.inner && { deep: value.inner.deep ?? 0 };
      const expected = { ...UNSET, ...value, ...(inners && { inners }), ...(inner && { inner }) };
      assert.deepEqual(decode(sample, fromHex(bytes)), expected);
    });
  }

  test('write fields in the order of their numbers', () => {
    assert.equal(hex(encode(sample, { map: { a: 'b' }, text: 'hi' })), '0a0268694a060a0161120162');
  });

  test('read fields in any order, unknown ones passed over, and unpacked lists too', () => {
    const value = decode(sample, fromHex(`${'4a060a0161120162'}${'0a026869'}${'2001'}${'2002'}${'a20603ffffff'}`));
    assert.deepEqual(value, { ...UNSET, map: { a: 'b' }, text: 'hi', numbers: [1, 2] });
  });

  test('keep every key of a map, __proto__ too', () => {
    const map = Object.fromEntries([
      ['__proto__', 'x'],
      ['b', ''],
    ]);
    assert.deepEqual(Object.entries(decode(sample, encode(sample, { map })).map), Object.entries(map));
  });

  test('round what is beyond a number on the way in', () => {
    assert.equal(decode(sample, fromHex('7a0a08ffffffffffffffff7f')).limit, 2 ** 63);
  });

  test('give the moment in milliseconds, exact to a microsecond', () => {
    const nowMs = Date.UTC(2026, 5, 1, 12, 30) + 0.125;
    assert.equal(decode(sample, encode(sample, { createdAt: nowMs })).createdAt, nowMs);
  });

  const broken: readonly [what: string, bytes: string][] = [
    ['a wrong wire type', '0801'],
    ['an unknown value of an enumeration', '1807'],
    ['a string cut short', '0a05'],
    ['a message cut short', '2a0308ac'],
  ];
  for (const [what, bytes] of broken) {
    test(`refuse ${what}`, () => {
      assert.throws(() => decode(sample, fromHex(bytes)), ProtobufError);
    });
  }

  test('refuse to send what is no value of the enumeration or no integer', () => {
    assert.throws(() => encode(sample, { colour: 'PINK' as 'RED' }), ProtobufError);
    assert.throws(() => encode(sample, { numbers: [0.5] }), ProtobufError);
    assert.throws(() => encode(sample, { count: -1 }), ProtobufError);
  });
});
