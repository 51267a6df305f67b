import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bool,
  bytes,
  int32,
  intOrString,
  list,
  map,
  message,
  quantity,
  string,
  struct,
  time,
} from '../../api/schema.ts';
import { Definitions } from './definitions.ts';
import { type Dialect, OPENAPI_V2, OPENAPI_V3, type Schema } from './dialect.ts';

const Part = struct('test/v1.Part', { size: int32(1) });
const Whole = struct('test/v1.Whole', {
  // In the order of their names.
  atomicMap: map(1, 'string', { atomic: true }),
  color: string(2, { enum: ['red', 'blue'] }),
  count: int32(3, { required: true }),
  data: map(4, 'bytes'),
  flag: bool(5, { optional: true }),
  limit: quantity(6, { optional: true }),
  names: list(7, 'string', { list: 'set', merge: true }),
  part: message(8, Part),
  partPointer: message(9, Part, { optional: true, replace: true }),
  parts: list(10, Part, { list: { keys: ['size'] }, merge: 'size', retainKeys: true }),
  port: intOrString(11),
  protocol: string(12, { default: 'TCP' }),
  raw: bytes(13),
  since: time(14),
  title: string(15, { omit: 'never' }),
  typePointer: string(16, { required: true, optional: true }),
});

const V2_PART = { $ref: '#/definitions/io.k8s.api.test.v1.Part' };
const V3_PART = { $ref: '#/components/schemas/io.k8s.api.test.v1.Part' };
const V3_TIME = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time' };
const PARTS = {
  'x-kubernetes-list-map-keys': ['size'],
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-patch-merge-key': 'size',
  'x-kubernetes-patch-strategy': 'merge,retainKeys',
};

/** A field, in version 2 (which has no defaults) and in version 3. */
const FIELDS: readonly [field: string, v2: Schema, v3: Schema][] = [
  [
    'atomicMap',
    { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
    { type: 'object', additionalProperties: { type: 'string', default: '' }, 'x-kubernetes-map-type': 'atomic' },
  ],
  ['color', { type: 'string', enum: ['blue', 'red'] }, { type: 'string', enum: ['blue', 'red'] }],
  ['count', { type: 'integer', format: 'int32' }, { type: 'integer', format: 'int32', default: 0 }],
  [
    'data',
    { type: 'object', additionalProperties: { type: 'string', format: 'byte' } },
    { type: 'object', additionalProperties: { type: 'string', format: 'byte' } },
  ],
  ['flag', { type: 'boolean' }, { type: 'boolean' }],
  [
    'limit',
    { $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity' },
    { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' },
  ],
  [
    'names',
    {
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-patch-strategy': 'merge',
    },
    {
      type: 'array',
      items: { type: 'string', default: '' },
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-patch-strategy': 'merge',
    },
  ],
  ['part', V2_PART, { allOf: [V3_PART], default: {} }],
  [
    'partPointer',
    { ...V2_PART, 'x-kubernetes-patch-strategy': 'replace' },
    { allOf: [V3_PART], 'x-kubernetes-patch-strategy': 'replace' },
  ],
  [
    'parts',
    { type: 'array', items: V2_PART, ...PARTS },
    { type: 'array', items: { allOf: [V3_PART], default: {} }, ...PARTS },
  ],
  [
    'port',
    { $ref: '#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString' },
    { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString' },
  ],
  ['protocol', { type: 'string' }, { type: 'string', default: 'TCP' }],
  ['raw', { type: 'string', format: 'byte' }, { type: 'string', format: 'byte' }],
  ['since', { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Time' }, V3_TIME],
  ['title', { type: 'string' }, { type: 'string', default: '' }],
  ['typePointer', { type: 'string' }, { type: 'string' }],
];

function schemaIn(dialect: Dialect) {
  const definitions = new Definitions(dialect);
  definitions.struct(Whole);
  return definitions.schemaOf(Whole.name);
}

for (const [version, dialect, column] of [
  ['v2', OPENAPI_V2, 1],
  ['v3', OPENAPI_V3, 2],
] as const) {
  test(`Definitions: fields in ${version}`, () => {
    const { properties, required } = schemaIn(dialect) as { properties: object; required: unknown };
    assert.deepEqual(properties, Object.fromEntries(FIELDS.map((row) => [row[0], row[column]])));
    assert.deepEqual(required, ['count', 'typePointer']);
  });
}

test('Definitions has everything that is referred to, in order, with what may be two types in version 3', () => {
  const definitions = new Definitions(OPENAPI_V3);
  definitions.struct(Whole);
  assert.deepEqual(definitions.typeNames, [
    'test/v1.Part',
    'test/v1.Whole',
    'resource.Quantity',
    'meta/v1.Time',
    'intstr.IntOrString',
  ]);
  assert.deepEqual(definitions.schemaOf('resource.Quantity'), { oneOf: [{ type: 'string' }, { type: 'number' }] });
  assert.throws(() => definitions.schemaOf('test/v1.Other'), TypeError);
});

test('Definitions: an object says what it is, whoever has referred to it before', () => {
  const definitions = new Definitions(OPENAPI_V3);
  definitions.struct(Part);
  definitions.object(Part, [{ group: 'test', version: 'v1', kind: 'Part' }]);
  definitions.struct(Part);
  const text = { text: 'A part.', fields: { kind: 'What it is.', size: 'How large it is.' } };
  assert.deepEqual(definitions.schemaOf(Part.name, text), {
    description: 'A part.',
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { description: 'What it is.', type: 'string' },
      size: { description: 'How large it is.', type: 'integer', format: 'int32' },
    },
    'x-kubernetes-group-version-kind': [{ group: 'test', kind: 'Part', version: 'v1' }],
  });
});

test('Definitions: descriptions stand beside references, and unions are told', () => {
  const Either = struct(
    'test/v1.Either',
    { part: message(1, Part, { optional: true }), type: string(2, { required: true }) },
    { unions: [{ discriminator: 'type', members: { part: 'Part' } }] },
  );
  const definitions = new Definitions(OPENAPI_V3);
  definitions.struct(Either);
  const schema = definitions.schemaOf(Either.name, { text: '', fields: { part: 'If it is one.' } });
  assert.deepEqual((schema['properties'] as Record<string, unknown>)['part'], {
    allOf: [V3_PART],
    description: 'If it is one.',
  });
  assert.deepEqual(schema['x-kubernetes-unions'], [
    { discriminator: 'type', 'fields-to-discriminateBy': { part: 'Part' } },
  ]);
});
