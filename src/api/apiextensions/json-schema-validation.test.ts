import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFieldError, Path } from '../field-error.ts';
import type { JsonSchema } from './json-schema.ts';
import { validateJsonSchema } from './json-schema-validation.ts';

const cases: readonly [title: string, schema: JsonSchema, expected: readonly string[]][] = [
  [
    'what is supported',
    { type: 'object', properties: { b: { type: 'string', default: 'c' } }, externalDocs: { url: 'd' }, example: {} },
    [],
  ],
  [
    'an unknown type',
    { type: 'text' },
    [
      'a.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
  ],
  [
    'null as a type',
    { type: 'null' },
    [
      'a.type: Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"',
      'a.type: Forbidden: type cannot be set to null, use nullable as an alternative',
    ],
  ],
  [
    'what is not supported',
    {
      type: 'object',
      id: 'b',
      $ref: '#/c',
      patternProperties: { d: { type: 'string' } },
      definitions: { e: { type: 'string' } },
      dependencies: { f: ['g'] },
      additionalItems: true,
    },
    [
      'a.id: Forbidden: id is not supported',
      'a.additionalItems: Forbidden: additionalItems is not supported',
      'a.patternProperties: Forbidden: patternProperties is not supported',
      'a.definitions: Forbidden: definitions is not supported',
      'a.dependencies: Forbidden: dependencies is not supported',
      'a.$ref: Forbidden: $ref is not supported',
    ],
  ],
  [
    'items of several schemas',
    { type: 'array', items: [{ type: 'text' }] },
    [
      'a.items: Forbidden: items must be a schema object and not an array',
      'a.items[0].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
  ],
  [
    'a set by comparing all',
    { type: 'array', items: { type: 'string' }, uniqueItems: true },
    ['a.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic'],
  ],
  [
    'fields and further ones',
    { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: { type: 'string' } },
    ['a.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive'],
  ],
  [
    'fields and no others',
    { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: false },
    ['a.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive'],
  ],
  ['fields and any others', { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: true }, []],
  [
    'no unknown fields',
    { type: 'object', 'x-kubernetes-preserve-unknown-fields': false },
    ['a.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined'],
  ],
  [
    'an object in metadata',
    {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: {
        metadata: {
          type: 'object',
          properties: {
            b: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      },
    },
    [
      'a.properties[metadata].properties[b].x-kubernetes-embedded-resource: Forbidden: must not be used inside of resource meta',
    ],
  ],
  [
    'defaults of labels',
    {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: {
        metadata: {
          type: 'object',
          properties: { labels: { type: 'object', additionalProperties: { type: 'string', default: 'b' } } },
        },
      },
    },
    [
      'a.properties[metadata].properties[labels].additionalProperties.default: Forbidden: must not be set inside additionalProperties applying to object metadata',
    ],
  ],
  [
    'unknown types in everything',
    {
      type: 'object',
      not: { type: 'b' },
      allOf: [{ type: 'c' }],
      oneOf: [{ type: 'd' }],
      anyOf: [{ type: 'e' }],
      additionalProperties: { type: 'f' },
      dependencies: { g: { type: 'h' } },
      definitions: { i: { type: 'j' } },
    },
    [
      'a.definitions: Forbidden: definitions is not supported',
      'a.dependencies: Forbidden: dependencies is not supported',
      'a.additionalProperties.type: Unsupported value: "f": supported values: "array", "boolean", "integer", "number", "object", "string"',
      'a.not.type: Unsupported value: "b": supported values: "array", "boolean", "integer", "number", "object", "string"',
      'a.allOf[0].type: Unsupported value: "c": supported values: "array", "boolean", "integer", "number", "object", "string"',
      'a.oneOf[0].type: Unsupported value: "d": supported values: "array", "boolean", "integer", "number", "object", "string"',
      'a.anyOf[0].type: Unsupported value: "e": supported values: "array", "boolean", "integer", "number", "object", "string"',
      'a.definitions[i].type: Unsupported value: "j": supported values: "array", "boolean", "integer", "number", "object", "string"',
      'a.dependencies[g].type: Unsupported value: "h": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
  ],
];

for (const [title, schema, expected] of cases) {
  test(`validateJsonSchema: a field with ${title}`, () => {
    const faults = validateJsonSchema({ type: 'object', properties: { a: schema } }, Path.of('root')).map(
      formatFieldError,
    );
    assert.deepEqual(
      faults.map((fault) => fault.replaceAll('root.properties[a]', 'a')),
      expected,
    );
  });
}

test('validateJsonSchema refuses defaults of what every object has', () => {
  const schema = {
    type: 'object',
    properties: {
      kind: { type: 'string', default: 'A' },
      metadata: { type: 'object', properties: { name: { type: 'string', default: 'a' } } },
    },
  } as const;
  assert.deepEqual(validateJsonSchema(schema, Path.of('root')).map(formatFieldError), [
    'root.properties[kind].default: Forbidden: must not be set in top-level kind',
    'root.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata',
  ]);
});
