import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSONSchemaProps } from './apiextensions/json-schema-props.ts';
import { decodeStruct } from './decode-object.ts';
import { applyDefaults } from './defaults.ts';
import { bool, int32, list, map, message, type Struct, string, struct } from './schema.ts';

const Inner = struct('test/v1.Inner', { kind: string(1, { default: 'A' }), plain: string(2) });
const Thing = struct('test/v1.Thing', {
  replicas: int32(1, { optional: true, default: 1 }),
  flag: bool(2, { optional: true, default: false }),
  name: string(3, { omit: 'never', defaultsTo: 'n' }),
  inner: message(4, Inner),
  maybe: message(5, Inner, { optional: true }),
  inners: list(6, Inner),
  byName: map(7, Inner),
  nullable: string(8, { optional: true, omit: 'never', default: '' }),
  keys: list(9, 'string', { defaultsTo: ['a'] }),
});

test('applyDefaults sets what is unset, wherever its struct is', () => {
  const draft = decodeStruct(Thing, { inners: [{}, { kind: 'B' }], byName: { x: { plain: 'p' } } });
  applyDefaults(Thing, draft);
  assert.deepEqual(draft, {
    replicas: 1,
    flag: false,
    name: 'n',
    inner: { kind: 'A' },
    inners: [{ kind: 'A' }, { kind: 'B' }],
    byName: { x: { kind: 'A', plain: 'p' } },
    nullable: '',
    keys: ['a'],
  });
});

test('applyDefaults leaves what is set, zero pointers too', () => {
  const given = { replicas: 0, flag: true, name: 'x', maybe: { kind: 'C' }, nullable: 'y', keys: ['b'] };
  const draft = decodeStruct(Thing, given);
  applyDefaults(Thing, draft);
  assert.deepEqual(draft, { ...given, inner: { kind: 'A' } });
});

test('applyDefaults gives every object a default of its own', () => {
  const [first, second] = [decodeStruct(Thing, {}), decodeStruct(Thing, {})];
  applyDefaults(Thing, first);
  applyDefaults(Thing, second);
  assert.notEqual(first['keys'], second['keys']);
});

test('applyDefaults comes to an end in declarations that refer to themselves', () => {
  const Tree: Struct = struct('test/v1.Tree', {
    color: string(1, { default: 'red' }),
    child: message(2, (): Struct => Tree, { optional: true }),
    children: list(3, (): Struct => Tree),
  });
  const draft = decodeStruct(Tree, { child: { child: {} }, children: [{}] });
  applyDefaults(Tree, draft);
  const red = { color: 'red' };
  assert.deepEqual(draft, { ...red, child: { ...red, child: red }, children: [red] });
  const schema = { not: { properties: { a: {} } } };
  applyDefaults(JSONSchemaProps, schema);
  assert.deepEqual(schema, { not: { properties: { a: {} } } });
});
