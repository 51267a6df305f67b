import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProtobufReader } from '../../base/protobuf.ts';
import type { DocumentWriter } from './document-writer.ts';
import { JsonWriter } from './document-writer.ts';
import { GnosticWriter } from './gnostic-forms.ts';
import { GNOSTIC_V2 } from './gnostic-v2.ts';
import { GNOSTIC_V3 } from './gnostic-v3.ts';

/** Field numbers and strings, with messages as lists: enough to see what was written where. */
function shapeOf(bytes: Uint8Array, path: readonly number[]): unknown {
  const reader = new ProtobufReader(bytes);
  const [next, ...rest] = path;
  while (reader.next()) {
    if (reader.field !== next) {
      reader.skip();
      continue;
    }
    const inner = reader.bytes();
    return rest.length > 0 ? shapeOf(inner, rest) : new TextDecoder().decode(inner);
  }
  return undefined;
}

function written(writer: DocumentWriter, name: string, section: string, value: unknown): Uint8Array {
  for (const part of section.split('.')) writer.begin(part);
  writer.value(name, value);
  for (const _ of section.split('.')) writer.end();
  return writer.finish();
}

describe('GnosticWriter', () => {
  test('writes a definition of version 2 where gnostic has it', () => {
    const schema = { type: 'object', properties: { a: { $ref: '#/b', 'x-c': ['d'] } } };
    const bytes = written(new GnosticWriter(GNOSTIC_V2), 'Thing', 'definitions', schema);
    // definitions > entry > name; > schema > type > value; > properties > entry > schema > $ref; > extension > any > yaml.
    assert.equal(shapeOf(bytes, [9, 1, 1]), 'Thing');
    assert.equal(shapeOf(bytes, [9, 1, 2, 22, 1]), 'object');
    assert.equal(shapeOf(bytes, [9, 1, 2, 25, 1, 2, 1]), '#/b');
    assert.equal(shapeOf(bytes, [9, 1, 2, 25, 1, 2, 31, 2, 2]), '["d"]\n');
  });

  test('writes a schema of version 3 where gnostic has it', () => {
    const schema = {
      properties: { a: { allOf: [{ $ref: '#/b' }], default: {} }, c: { type: 'string', default: 'd' } },
    };
    const bytes = written(new GnosticWriter(GNOSTIC_V3), 'Thing', 'components.schemas', schema);
    // components > schemas > entry > schema or reference > schema > properties > entry > …
    const properties = [5, 1, 1, 2, 1, 31, 1];
    assert.equal(shapeOf(bytes, [...properties, 2, 1, 26, 2, 1]), '#/b');
    assert.equal(shapeOf(bytes, [...properties, 2, 1, 33]), '', 'an object has no form as a default');
  });

  test('refuses what has no place', () => {
    for (const [section, value] of [
      ['definitions', { example: 1 }],
      ['definitions', { properties: { a: { nonsense: 1 } } }],
      ['paths', { trace: {} }],
    ] as const) {
      assert.throws(() => written(new GnosticWriter(GNOSTIC_V2), 'Thing', section, value), TypeError);
    }
    assert.throws(() => new GnosticWriter(GNOSTIC_V2).value('nonsense', ''), TypeError);
    assert.throws(() => new GnosticWriter(GNOSTIC_V3).begin('definitions'), TypeError);
  });
});

test('JsonWriter writes what stringify would', () => {
  const writer = new JsonWriter();
  const long = 'ä'.repeat(100_000);
  writer.value('a', 1);
  writer.begin('b');
  writer.begin('c');
  writer.end();
  writer.value('d', { long });
  writer.value('e', []);
  writer.end();
  writer.value('f', null);
  const expected = { a: 1, b: { c: {}, d: { long }, e: [] }, f: null };
  assert.equal(new TextDecoder().decode(writer.finish()), JSON.stringify(expected));
});
