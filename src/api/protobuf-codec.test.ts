import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtobufError, ProtobufWriter, WIRE_BYTES } from '../base/protobuf.ts';
import { CustomResourceDefinition } from './apiextensions/custom-resource-definition.ts';
import { KINDS } from './catalog.ts';
import { ConfigMap } from './core/config-map.ts';
import { Pod } from './core/pod.ts';
import { decodeObject } from './decode-object.ts';
import { listType } from './list-type.ts';
import {
  decodeMessage,
  decodeProtobuf,
  decodeWatchEvent,
  encodeList,
  encodeMessage,
  encodeProtobuf,
  encodeWatchFrame,
  readEnvelope,
  wrapMessage,
} from './protobuf-codec.ts';
import {
  bool,
  bytes,
  double,
  duration,
  inline,
  int32,
  int64,
  intOrString,
  json,
  type Leaf,
  leafOf,
  list,
  map,
  message,
  microTime,
  quantity,
  rawExtension,
  type Struct,
  string,
  stringList,
  struct,
  structOf,
  time,
} from './schema.ts';

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}

function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

const Inner = struct('test/v1.Inner', { name: string(1) });

test('encodeMessage writes every declared type as upstream does, and decodeMessage reads it back', () => {
  const pointer = { optional: true } as const;
  const cases: readonly (readonly [string, Parameters<typeof struct>[1], object, string])[] = [
    ['plain zeros are written', { s: string(1), b: bool(2), i: int32(3) }, {}, '0a00 1000 1800'],
    ['unset pointers are not', { s: string(1, pointer), i: int32(2, pointer), m: message(3, Inner, pointer) }, {}, ''],
    [
      'set pointers are, even when zero',
      { i: int32(1, pointer), m: message(2, Inner, pointer) },
      { i: 0, m: {} },
      '0800 12020a00',
    ],
    ['fields go by number', { b: string(2), a: string(1) }, { b: 'y', a: 'x' }, '0a0178 120179'],
    [
      'negative numbers take ten bytes',
      { i: int32(1), l: int64(2) },
      { i: -1, l: -2 },
      '08ffffffffffffffffff01 10feffffffffffffffff01',
    ],
    ['doubles', { d: double(1, pointer) }, { d: 1.5 }, '09000000000000f83f'],
    ['bytes', { b: bytes(1) }, { b: 'aGk=' }, '0a026869'],
    ['lists are not packed', { l: list(1, 'int32') }, { l: [1, 2] }, '0801 0802'],
    ['maps are sorted', { m: map(1, 'string') }, { m: { b: '2', a: '1' } }, '0a060a0161120131 0a060a0162120132'],
    ['no bytes in a map', { m: map(1, 'bytes') }, { m: { a: null, b: '' } }, '0a030a0161 0a050a01621200'],
    ['a struct has its place', { m: message(1, Inner) }, { m: { name: 'n' } }, '0a030a016e'],
    ['times have seconds and nanos', { t: time(1) }, { t: '1970-01-01T00:00:05Z' }, '0a0408051000'],
    ['no time is an empty message', { t: time(1) }, { t: null }, '0a00'],
    ['micro times', { t: microTime(1) }, { t: '1970-01-01T00:00:01.000002Z' }, '0a05080110d00f'],
    ['durations', { d: duration(1, pointer) }, { d: '1ms' }, '0a0408c0843d'],
    ['quantities', { q: quantity(1) }, { q: '1Gi' }, '0a050a03314769'],
    ['an unset quantity is zero', { q: quantity(1) }, { q: '0' }, '0a030a0130'],
    ['numbers of IntOrString', { p: intOrString(1) }, { p: 80 }, '0a06080010501a00'],
    ['strings of IntOrString', { p: intOrString(1) }, { p: 'http' }, '0a0a080110001a0468747470'],
    ['raw JSON', { r: rawExtension(1) }, { r: { a: 1 } }, '0a090a077b2261223a317d'],
    ['unset raw JSON', { r: rawExtension(1) }, { r: null }, '0a00'],
    ['any JSON', { j: json(1, pointer) }, { j: [1] }, '0a050a035b315d'],
    ['lists of strings as a message', { v: stringList(1, { required: true }) }, { v: ['a', 'b'] }, '0a060a01610a0162'],
    ['maps of lists', { e: map(1, 'stringList') }, { e: { k: ['v'] } }, '0a080a016b12030a0176'],
    ['inline structs are nested', { i: inline(1, Inner), x: string(2) }, { name: 'n', x: 'y' }, '0a030a016e 120179'],
  ];
  for (const [name, fields, object, expected] of cases) {
    const declared = struct('test/v1.Case', fields);
    const encoded = encodeMessage(declared, object);
    assert.equal(hex(encoded), expected.replaceAll(' ', ''), name);
    assert.deepEqual(decodeMessage(declared, encoded), object, name);
  }
});

test('decodeMessage passes over unknown fields, takes packed lists and ends in normal form', () => {
  const declared = struct('test/v1.Case', { z: list(1, 'int32'), name: string(2), inner: message(3, Inner) });
  assert.deepEqual(decodeMessage(declared, unhex('0a020102 3a0178 12 0178 4005')), { z: [1, 2], name: 'x', inner: {} });
  assert.deepEqual(decodeMessage(declared, new Uint8Array()), { inner: {} });
});

test('decodeMessage refuses bytes that are no such message', () => {
  const declared = struct('test/v1.Case', {
    name: string(1),
    small: int32(2),
    large: int64(3),
    raw: rawExtension(4),
    cpu: quantity(5),
  });
  const cases = ['0805', '0a05', '0aff', '18ffffffffffffffff7f', '22030a017b', '07', '2a030a0178'];
  for (const bad of cases) assert.throws(() => decodeMessage(declared, unhex(bad)), ProtobufError, bad);
});

test('encodeProtobuf puts objects in an envelope and decodeProtobuf opens it', () => {
  const configMap = decodeObject(ConfigMap, { metadata: { name: 'a' }, data: { k: 'v' } });
  const encoded = encodeProtobuf(ConfigMap, configMap);
  assert.ok(hex(encoded).startsWith('6b387300' + '0a0f' + '0a027631' + '1209436f6e6669674d6170'));
  assert.ok(hex(encoded).endsWith('1a002200'));
  assert.deepEqual(decodeProtobuf(ConfigMap, encoded), configMap);
  const { raw, ...envelope } = readEnvelope(encoded);
  assert.deepEqual(envelope, { apiVersion: 'v1', kind: 'ConfigMap', contentEncoding: '', contentType: '' });
  assert.deepEqual(wrapMessage(ConfigMap, raw), encoded);
  assert.throws(() => readEnvelope(unhex('6b3873')), ProtobufError);
});

test('decodeProtobuf gives what decoding JSON gives, for an empty object of every kind', () => {
  for (const kind of KINDS) {
    const object = decodeObject(kind, {});
    const decoded = decodeProtobuf(kind, encodeProtobuf(kind, object));
    assert.equal(JSON.stringify(decoded), JSON.stringify(object), kind.kind);
  }
});

test('decodeProtobuf gives what decoding JSON gives, for an object of every kind with all its fields', () => {
  for (const kind of KINDS) {
    const object = decodeObject(kind, fullObject(kind.schema, 0));
    const decoded = decodeProtobuf(kind, encodeProtobuf(kind, object));
    assert.equal(JSON.stringify(decoded), JSON.stringify(object), kind.kind);
  }
});

const EXAMPLES: Readonly<Record<Leaf, unknown>> = {
  string: 'text',
  bool: true,
  int32: -7,
  int64: 2 ** 40,
  double: 0.5,
  bytes: 'AAECAw==',
  time: '2024-05-06T07:08:09Z',
  microTime: '2024-05-06T07:08:09.000001Z',
  duration: '1m30s',
  quantity: '250m',
  intOrString: '25%',
  rawExtension: { kind: 'Any', list: [1, null] },
  fieldsV1: { 'f:spec': {} },
  json: ['any'],
  stringList: ['a', 'b'],
  schemaOrArray: [{ type: 'string' }],
  schemaOrBool: { type: 'integer' },
  schemaOrStringArray: ['a'],
};

/** An object with a value in every field; schemas inside schemas go two levels deep. */
function fullObject(declared: Struct, schemas: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, field] of declared.jsonFields) {
    if (field.number === 0) continue; // What protobuf leaves out.
    const leaf = leafOf(field);
    const inner = leaf === undefined ? structOf(field) : undefined;
    if (inner === declared && schemas === 2) continue;
    const value =
      leaf === undefined ? fullObject(structOf(field), schemas + (inner === declared ? 1 : 0)) : EXAMPLES[leaf];
    object[name] = field.shape === 'list' ? [value] : field.shape === 'map' ? { key: value } : value;
  }
  return object;
}

test('encodeProtobuf keeps the schemas of a CustomResourceDefinition in all their shapes', () => {
  const openAPIV3Schema = {
    type: 'object',
    properties: {
      list: { type: 'array', items: { type: 'string' } },
      tuple: { items: [{ type: 'string' }, { type: 'integer', maximum: 5.5 }] },
      open: { additionalProperties: true, default: { a: [1, null] } },
      closed: { additionalProperties: false, enum: ['a', 1, null] },
      typed: { additionalProperties: { type: 'string', 'x-kubernetes-int-or-string': true } },
      dependent: { dependencies: { a: ['b'], c: { required: ['d'] } } },
    },
  };
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }];
  const crd = decodeObject(CustomResourceDefinition, { metadata: { name: 'a.b' }, spec: { versions } });
  const decoded = decodeProtobuf(CustomResourceDefinition, encodeProtobuf(CustomResourceDefinition, crd));
  assert.deepEqual(decoded, crd);
});

test('encodeProtobuf sorts map keys by their bytes', () => {
  const keys = ['\u{1f600}', '\uffee', 'a', 'B', 'é'];
  const data = Object.fromEntries(keys.map((key) => [key, '']));
  const text = Buffer.from(encodeMessage(ConfigMap.schema, { data })).toString('utf8');
  const found = keys.toSorted((a, b) => text.indexOf(a) - text.indexOf(b));
  assert.deepEqual(
    found,
    keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
});

test('encodeList makes of encoded items the same bytes as encoding the list whole', () => {
  const pods = ['a', 'b'].map((name) => decodeObject(Pod, { metadata: { name }, spec: { containers: [] } }));
  const metadata = { resourceVersion: '7' };
  const items = pods.map((pod) => encodeMessage(Pod.schema, pod));
  const pieces = encodeList(Pod, metadata, items);
  const type = listType(Pod);
  assert.equal(hex(Buffer.concat(pieces)), hex(encodeProtobuf(type, { metadata, items: pods })));
  const none = Buffer.concat(encodeList(Pod, metadata, []));
  assert.deepEqual(decodeProtobuf(type, none), { kind: 'PodList', apiVersion: 'v1', metadata, items: null });
});

test('encodeWatchFrame frames an event, and decodeWatchEvent reads it', () => {
  const object = encodeProtobuf(ConfigMap, { metadata: { name: 'a' } });
  const frame = encodeWatchFrame('ADDED', object);
  assert.equal(new DataView(frame.buffer).getUint32(0), frame.length - 4);
  const event = decodeWatchEvent(frame.subarray(4));
  assert.equal(event.type, 'ADDED');
  assert.deepEqual(new Uint8Array(event.object), object);
});

test('decodeMessage refuses schemas nested without end', () => {
  let nested: Uint8Array = new Uint8Array();
  for (let depth = 0; depth < 2000; depth++) {
    const writer = new ProtobufWriter();
    writer.tag(28, WIRE_BYTES);
    writer.bytes(nested);
    nested = writer.finish();
  }
  const field = CustomResourceDefinition.schema.fields.spec.type.fields.versions.type.fields.schema.type;
  const writer = new ProtobufWriter();
  writer.tag(1, WIRE_BYTES);
  writer.bytes(nested);
  assert.throws(() => decodeMessage(field, writer.finish()), /nested too deep/);
});
