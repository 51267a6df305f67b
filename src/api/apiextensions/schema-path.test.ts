import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findInSchema } from './schema-path.ts';
import type { StructuralSchema } from './structural-schema.ts';

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    a: { type: 'string' },
    "b'.c": { type: 'integer' },
    map: { type: 'object', additionalProperties: { type: 'boolean' } },
    any: { type: 'object', additionalProperties: true },
  },
};

const found: readonly [path: string, place: string, root: string, type: string | undefined][] = [
  ['', '', '', 'object'],
  ['.a', 'a', 'a', 'string'],
  ["['a']", 'a', 'a', 'string'],
  ["['b\\'.c']", "b'.c", "b'.c", 'integer'],
  ['.map.x', 'map[x]', 'map', 'boolean'],
  [".map['x']", 'map[x]', 'map', 'boolean'],
  ['.any.x', 'any[x]', 'any', undefined],
];

for (const [path, place, root, type] of found) {
  test(`findInSchema finds ${JSON.stringify(path)}`, () => {
    const result = findInSchema(path, schema, { allowsBrackets: true });
    assert.deepEqual([String(result.path), result.root, result.schema?.type], [place, root, type]);
  });
}

const refused: readonly [path: string, message: string][] = [
  ['a', 'expected [ or . but got: a'],
  ['.', 'unexpected end of JSON path'],
  ['.b', 'does not refer to a valid field'],
  ['.a.b', 'does not refer to a valid field'],
  ['.constructor', 'does not refer to a valid field'],
  ['[a]', 'expected single quoted string but got a'],
  ["['a'", 'unexpected end of JSON path'],
  ["['a'.", 'expected ] but got .'],
  ["['\\q']", 'invalid string literal: invalid escape char \\q'],
];

for (const [path, message] of refused) {
  test(`findInSchema refuses ${JSON.stringify(path)}`, () => {
    assert.throws(() => findInSchema(path, schema, { allowsBrackets: true }), { name: 'SchemaPathError', message });
  });
}

test('findInSchema refuses brackets where there may be none', () => {
  const options = { allowsBrackets: false };
  assert.throws(() => findInSchema("['a']", schema, options), { message: 'array notation is not allowed' });
});
