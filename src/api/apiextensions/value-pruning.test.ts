import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StructuralSchema } from './structural-schema.ts';
import { pruned } from './value-pruning.ts';

const a: StructuralSchema = { type: 'object', properties: { a: { type: 'string' } } };
const keeps = { 'x-kubernetes-preserve-unknown-fields': true } as const;

const cases: readonly [title: string, schema: StructuralSchema, value: unknown, expected: unknown][] = [
  ['a known field stays', a, { a: 1 }, { a: 1 }],
  ['an unknown field goes', a, { a: 1, b: 2 }, { a: 1 }],
  ['an unknown field of an item goes', { type: 'array', items: a }, [{ b: 2 }, 1, null], [{}, 1, null]],
  ['a field of a map stays', { type: 'object', additionalProperties: a }, { x: { a: 1, b: 2 } }, { x: { a: 1 } }],
  [
    'of a map of anything only the keys are known',
    { type: 'object', additionalProperties: true },
    { x: { b: 2 } },
    { x: {} },
  ],
  ['unknown fields stay where they may', { ...a, ...keeps }, { b: { c: 2 } }, { b: { c: 2 } }],
  ['known ones know their fields', { ...keeps, properties: { x: a } }, { x: { b: 2 }, y: 1 }, { x: {}, y: 1 }],
  ['items are as the list', { ...keeps, type: 'array', items: a }, [{ a: 1, b: 2 }], [{ a: 1, b: 2 }]],
  [
    'kind and metadata of an object stay',
    { ...a, 'x-kubernetes-embedded-resource': true },
    { kind: 'A', metadata: { x: 1 }, b: 2 },
    { kind: 'A', metadata: { x: 1 } },
  ],
  [
    'of no schema nothing is known',
    { type: 'object', properties: { x: { type: 'array' } } },
    { x: [{ a: 1 }] },
    { x: [{}] },
  ],
];

for (const [title, schema, value, expected] of cases) {
  test(`pruned: ${title}`, () => {
    const before = structuredClone(value);
    assert.deepEqual(pruned(value, schema), expected);
    assert.deepEqual(value, before);
  });
}
