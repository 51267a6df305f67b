import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFieldError, Path } from '../field-error.ts';
import type { JsonSchema } from './json-schema.ts';
import { structuralSchema } from './structural-schema.ts';
import { validateStructuralSchema } from './structural-validation.ts';

/** What is wrong with a schema, whose errors are told below `root`. */
function faultsOf(schema: JsonSchema): readonly string[] {
  return validateStructuralSchema(structuralSchema(schema), Path.of('root')).map(formatFieldError);
}

const fields: readonly [title: string, schema: JsonSchema, expected: readonly string[]][] = [
  ['a value of a type', { type: 'string' }, []],
  ['a value of no type', {}, ['a.type: Required value: must not be empty for specified object fields']],
  ['a list of nothing', { type: 'array' }, ['a.items: Required value: must be specified']],
  [
    'a list of values of no type',
    { type: 'array', items: {} },
    ['a.items.type: Required value: must not be empty for specified array items'],
  ],
  [
    'a map of values of no type',
    { type: 'object', additionalProperties: {} },
    ['a.additionalProperties.type: Required value: must not be empty for specified object fields'],
  ],
  ['a map of anything', { type: 'object', additionalProperties: true }, []],
  [
    'a struct with a field of no type',
    { type: 'object', properties: { b: {} } },
    ['a.properties[b].type: Required value: must not be empty for specified object fields'],
  ],
  ['a pattern', { type: 'string', pattern: '^[a-z]+$' }, []],
  [
    'a pattern that is none',
    { type: 'string', pattern: 'a(' },
    [
      'a.pattern: Invalid value: "a(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `a(`',
    ],
  ],
  [
    'an integer or a string',
    { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
    [],
  ],
  [
    'an integer or a string, and more',
    {
      'x-kubernetes-int-or-string': true,
      allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: 'a' }],
    },
    [],
  ],
  [
    'a string or an integer',
    { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'string' }, { type: 'integer' }] },
    [
      'a.anyOf[0].type: Forbidden: must be empty to be structural',
      'a.anyOf[1].type: Forbidden: must be empty to be structural',
    ],
  ],
  [
    'an integer or a string, and anything else',
    {
      'x-kubernetes-int-or-string': true,
      'x-kubernetes-preserve-unknown-fields': true,
      'x-kubernetes-embedded-resource': true,
      type: 'object',
    },
    [
      'a.x-kubernetes-embedded-resource: Invalid value: true: must be false if x-kubernetes-int-or-string is true',
      'a.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true',
    ],
  ],
  ['anything', { 'x-kubernetes-preserve-unknown-fields': true }, []],
  [
    'an object',
    { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    [],
  ],
  [
    'an object of no type',
    { 'x-kubernetes-embedded-resource': true, properties: { b: { type: 'string' } } },
    ['a.type: Required value: must be object if x-kubernetes-embedded-resource is true'],
  ],
  [
    'an object that is a string',
    { type: 'string', 'x-kubernetes-embedded-resource': true, properties: { b: { type: 'string' } } },
    ['a.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true'],
  ],
  [
    'an object of nothing',
    { type: 'object', 'x-kubernetes-embedded-resource': true },
    [
      'a.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ],
  ],
  [
    'an object that is a map',
    {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      additionalProperties: { type: 'string' },
      'x-kubernetes-preserve-unknown-fields': true,
    },
    ['a.additionalProperties: Forbidden: must not be used if x-kubernetes-embedded-resource is set'],
  ],
  [
    'an object whose kind is none',
    {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: {
        kind: { type: 'integer' },
        apiVersion: { type: 'boolean' },
        metadata: { type: 'array', items: { type: 'string' } },
      },
    },
    [
      'a.properties[apiVersion].type: Invalid value: "boolean": must be string',
      'a.properties[kind].type: Invalid value: "integer": must be string',
      'a.properties[metadata].type: Invalid value: "array": must be object',
    ],
  ],
  [
    'an object whose metadata are restricted',
    {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: {
        metadata: {
          type: 'object',
          properties: { labels: { type: 'object', additionalProperties: { type: 'string' } } },
        },
      },
    },
    [],
  ],
  [
    'rules for what is there',
    {
      type: 'object',
      properties: { b: { type: 'array', items: { type: 'string' } } },
      allOf: [{ properties: { b: { items: { pattern: 'x' } } } }],
      anyOf: [{ required: ['b'] }],
      not: { maxProperties: 2 },
    },
    [],
  ],
  [
    'rules for what is not there',
    {
      type: 'object',
      properties: { b: { type: 'string' } },
      allOf: [{ properties: { c: { minimum: 1 } } }],
      anyOf: [{ properties: { b: { items: { maximum: 1 } } } }],
      oneOf: [{ not: { properties: { d: { minLength: 1 } } } }],
    },
    [],
  ],
  [
    'structure in rules',
    {
      type: 'string',
      allOf: [
        { type: 'string', description: 'b', title: 'c', default: 'd', nullable: true, additionalProperties: true },
      ],
    },
    [
      'a.allOf[0].additionalProperties: Forbidden: must be undefined to be structural',
      'a.allOf[0].default: Forbidden: must be undefined to be structural',
      'a.allOf[0].description: Forbidden: must be empty to be structural',
      'a.allOf[0].nullable: Forbidden: must be false to be structural',
      'a.allOf[0].title: Forbidden: must be empty to be structural',
      'a.allOf[0].type: Forbidden: must be empty to be structural',
    ],
  ],
  [
    'extensions in rules',
    {
      type: 'string',
      oneOf: [
        {
          'x-kubernetes-preserve-unknown-fields': true,
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-int-or-string': true,
          'x-kubernetes-list-map-keys': ['b'],
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-map-type': 'atomic',
          'x-kubernetes-validations': [{ rule: 'true' }],
        },
      ],
    },
    [
      'a.oneOf[0].x-kubernetes-embedded-resource: Forbidden: must be false to be structural',
      'a.oneOf[0].x-kubernetes-int-or-string: Forbidden: must be false to be structural',
      'a.oneOf[0].x-kubernetes-list-map-keys: Forbidden: must be empty to be structural',
      'a.oneOf[0].x-kubernetes-list-type: Forbidden: must be undefined to be structural',
      'a.oneOf[0].x-kubernetes-map-type: Forbidden: must be undefined to be structural',
      'a.oneOf[0].x-kubernetes-preserve-unknown-fields: Forbidden: must be false to be structural',
      'a.oneOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural',
    ],
  ],
  [
    'rules about metadata',
    { type: 'object', properties: { metadata: { type: 'object' } }, anyOf: [{ properties: { metadata: {} } }] },
    ['a.anyOf[0].properties[metadata]: Forbidden: must not be specified in a nested context'],
  ],
  [
    'patterns in rules that are none',
    { type: 'string', not: { anyOf: [{ pattern: '[' }] } },
    [
      'a.not.anyOf[0].pattern: Invalid value: "[": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ]: `[`',
    ],
  ],
];

for (const [title, schema, expected] of fields) {
  test(`validateStructuralSchema: a field with ${title}`, () => {
    const faults = faultsOf({ type: 'object', properties: { a: schema } });
    assert.deepEqual(
      faults.map((fault) => fault.replaceAll('root.properties[a]', 'a')),
      expected,
    );
  });
}

const roots: readonly [title: string, schema: JsonSchema, expected: readonly string[]][] = [
  [
    'a schema',
    {
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        spec: { type: 'object' },
      },
    },
    [],
  ],
  [
    'a schema of no type',
    { properties: { spec: { type: 'object' } } },
    ['root.type: Required value: must not be empty at the root'],
  ],
  ['a schema of a string', { type: 'string' }, ['root.type: Invalid value: "string": must be object at the root']],
  [
    'a map',
    { type: 'object', additionalProperties: { type: 'string' } },
    ['root.additionalProperties: Forbidden: must not be used at the root'],
  ],
  [
    'a schema of kinds that are none',
    {
      type: 'object',
      properties: { kind: { type: 'integer' }, apiVersion: { type: 'integer' }, metadata: { type: 'string' } },
    },
    [
      'root.properties[apiVersion].type: Invalid value: "integer": must be string',
      'root.properties[kind].type: Invalid value: "integer": must be string',
      'root.properties[metadata].type: Invalid value: "string": must be object',
    ],
  ],
  [
    'a schema of names',
    {
      type: 'object',
      properties: {
        metadata: {
          type: 'object',
          properties: { name: { type: 'string', maxLength: 8 }, generateName: { type: 'string' } },
        },
      },
    },
    [],
  ],
  [
    'a schema of labels',
    {
      type: 'object',
      properties: {
        metadata: { type: 'object', properties: { name: { type: 'string' }, labels: { type: 'object' } } },
      },
    },
    [
      'root.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  ],
  [
    'a schema of described metadata',
    { type: 'object', properties: { metadata: { type: 'object', description: 'a' } } },
    [
      'root.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  ],
];

for (const [title, schema, expected] of roots) {
  test(`validateStructuralSchema: ${title}`, () => assert.deepEqual(faultsOf(schema), expected));
}
