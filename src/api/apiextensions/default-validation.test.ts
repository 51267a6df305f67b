import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFieldError, Path } from '../field-error.ts';
import type { Json } from '../schema.ts';
import { validateDefaults } from './default-validation.ts';
import type { StructuralSchema } from './structural-schema.ts';

const LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL_KEY =
  "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
function faultsOf(a: StructuralSchema): readonly string[] {
  return validateDefaults({ type: 'object', properties: { a } }, Path.of('root')).map(formatFieldError);
}

const cases: readonly [title: string, schema: StructuralSchema, value: Json, expected: readonly string[]][] = [
  ['a string', { type: 'string' }, 'b', []],
  [
    'a number for a string',
    { type: 'string' },
    1,
    ['a.default: Invalid value: "integer":  in body must be of type string: "integer"'],
  ],
  [
    'a fraction for an integer',
    { type: 'integer' },
    1.5,
    [
      'a.default: Invalid value: "number":  in body must be of type integer: "number"',
      'a.default: Invalid value: "": Checked value must be of type integer (default format) in ',
    ],
  ],
  ['an integer for a number', { type: 'number' }, 1, []],
  [
    'a string for a bool',
    { type: 'boolean' },
    'true',
    ['a.default: Invalid value: "string":  in body must be of type boolean: "string"'],
  ],
  ['an integer or a string', { 'x-kubernetes-int-or-string': true }, '80', []],
  [
    'an unknown field',
    { type: 'object', properties: { b: { type: 'string' } } },
    { c: 1 },
    ['a.default: Invalid value: {"c":1}: must not have unknown fields'],
  ],
  [
    'a field that is required',
    { type: 'object', properties: { b: { type: 'string' } }, required: ['b'] },
    {},
    ['a.default.b: Required value'],
  ],
  [
    'an item of another type',
    { type: 'array', items: { type: 'string' } },
    ['b', 1],
    ['a.default.[1]: Invalid value: "integer": [1] in body must be of type string: "integer"'],
  ],
  [
    'another value',
    { type: 'string', enum: ['b', 'c'] },
    'd',
    ['a.default: Unsupported value: "d": supported values: "b", "c"'],
  ],
  [
    'another number',
    { type: 'integer', enum: [1, 2] },
    3,
    ['a.default: Unsupported value: 3: supported values: "1", "2"'],
  ],
  ['too long a string', { type: 'string', maxLength: 2 }, 'bcd', ['a.default: Too long: may not be more than 2 bytes']],
  [
    'too short a string',
    { type: 'string', minLength: 2 },
    'b',
    ['a.default: Invalid value: "b":  in body should be at least 2 chars long'],
  ],
  [
    'a string unlike a pattern',
    { type: 'string', pattern: '^b' },
    'c',
    ['a.default: Invalid value: "c":  in body should match \'^b\''],
  ],
  ['characters, not bytes', { type: 'string', maxLength: 1 }, 'é', []],
  [
    'too small a number',
    { type: 'integer', minimum: 2 },
    1,
    ['a.default: Invalid value: 1:  in body should be greater than or equal to 2'],
  ],
  [
    'too big a number',
    { type: 'number', maximum: 1.5 },
    2.25,
    ['a.default: Invalid value: 2.25:  in body should be less than or equal to 1.5'],
  ],
  [
    'more than a million',
    { type: 'number', maximum: 1000000.5 },
    1e300,
    ['a.default: Invalid value: 1e+300:  in body should be less than or equal to 1.0000005e+06'],
  ],
  [
    'a number at its end',
    { type: 'integer', maximum: 2, exclusiveMaximum: true },
    2,
    ['a.default: Invalid value: 2:  in body should be less than 2'],
  ],
  [
    'a number at its beginning',
    { type: 'number', minimum: 1.5, exclusiveMinimum: true },
    1.5,
    ['a.default: Invalid value: 1.5:  in body should be greater than 1.5'],
  ],
  [
    'no multiple',
    { type: 'integer', multipleOf: 3 },
    4,
    ['a.default: Invalid value: 4:  in body should be a multiple of 3'],
  ],
  [
    'no multiple of a half',
    { type: 'number', multipleOf: 0.5 },
    1.3,
    ['a.default: Invalid value: 1.3:  in body should be a multiple of 0.5'],
  ],
  [
    'a multiple of less than nothing',
    { type: 'number', multipleOf: -1 },
    1.5,
    ['a.default: Invalid value: -1: factor MultipleOf declared for  must be positive: -1'],
  ],
  [
    'a multiple of a fraction of an integer',
    { type: 'integer', multipleOf: 0.5 },
    1,
    ['a.default: Invalid value: "": MultipleOf value must be of type integer (default format) in '],
  ],
  [
    'too big an integer for its format',
    { type: 'integer', format: 'int32' },
    3000000000,
    ['a.default: Invalid value: "": Checked value must be of type integer with format int32 in '],
  ],
  [
    'too big a number for its format',
    { type: 'number', format: 'float' },
    1e300,
    ['a.default: Invalid value: "": Checked value must be of type number with format float in '],
  ],
  [
    'too few items',
    { type: 'array', items: { type: 'string' }, minItems: 2 },
    ['b'],
    ['a.default: Invalid value: 1:  in body should have at least 2 items'],
  ],
  [
    'too many items',
    { type: 'array', items: { type: 'string' }, maxItems: 1 },
    ['b', 'c'],
    ['a.default: Too many: 2: must have at most 1 item'],
  ],
  [
    'too few fields',
    { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1 },
    {},
    ['a.default: Invalid value: 0:  in body should have at least 1 properties'],
  ],
  [
    'too many fields',
    { type: 'object', additionalProperties: { type: 'string' }, maxProperties: 1 },
    { b: '', c: '' },
    ['a.default: Too many: 2: must have at most 1 item'],
  ],
  [
    'a map of another type',
    { type: 'object', additionalProperties: { type: 'integer' } },
    { b: 'c' },
    ['a.default.b: Invalid value: "string": .b in body must be of type integer: "string"'],
  ],
  [
    'a map of nothing',
    { type: 'object', additionalProperties: false },
    { b: 'c' },
    ['a.default: Invalid value: "b": .b in body is a forbidden property'],
  ],
  ['a string of a format', { type: 'string', format: 'date-time' }, '2026-01-01T00:00:00Z', []],
  [
    'a string of another format',
    { type: 'string', format: 'date' },
    'today',
    ['a.default: Invalid value: "today":  in body must be of type date: "today"'],
  ],
  ['a string of an unknown format', { type: 'string', format: 'b' }, 'c', []],
  [
    'a number with a format for a string',
    { type: 'string', format: 'date' },
    1,
    ['a.default: Invalid value: "int64":  in body must be of type date: "int64"'],
  ],
  [
    'none of some',
    { type: 'string', anyOf: [{ maxLength: 1 }, { minLength: 5, pattern: '^b' }] },
    'bcd',
    [
      'a.default: Invalid value: "": "" must validate at least one schema (anyOf)',
      'a.default: Too long: may not be more than 1 byte',
    ],
  ],
  ['one of some', { type: 'string', anyOf: [{ maxLength: 1 }, { minLength: 2 }] }, 'bcd', []],
  [
    'two of one',
    { type: 'string', oneOf: [{ maxLength: 3 }, { minLength: 1 }] },
    'bcd',
    ['a.default: Invalid value: "": "" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
  ],
  [
    'none of one',
    { type: 'string', oneOf: [{ maxLength: 1 }, { minLength: 5 }] },
    'bcd',
    [
      'a.default: Invalid value: "": "" must validate one and only one schema (oneOf). Found none valid',
      'a.default: Too long: may not be more than 1 byte',
    ],
  ],
  [
    'one of all',
    { type: 'string', allOf: [{ maxLength: 1 }, { minLength: 1 }] },
    'bcd',
    [
      'a.default: Too long: may not be more than 1 byte',
      'a.default: Invalid value: "": "" must validate all the schemas (allOf)',
    ],
  ],
  [
    'none of all',
    { type: 'string', allOf: [{ maxLength: 1 }, { minLength: 5 }] },
    'bcd',
    [
      'a.default: Too long: may not be more than 1 byte',
      'a.default: Invalid value: "bcd":  in body should be at least 5 chars long',
      'a.default: Invalid value: "": "" must validate all the schemas (allOf). None validated',
    ],
  ],
  [
    'what it must not be',
    { type: 'string', not: { maxLength: 5 } },
    'bcd',
    ['a.default: Invalid value: "": "" must not validate the schema (not)'],
  ],
  [
    'unknown fields where they stay',
    { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { b: { type: 'object' } } },
    { c: { d: 1 } },
    [],
  ],
  [
    'unknown fields below where they stay',
    { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { b: { type: 'object' } } },
    { b: { d: 1 } },
    ['a.default: Invalid value: {"b":{"d":1}}: must not have unknown fields'],
  ],
  [
    'an object',
    { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' }, spec: {} },
    [],
  ],
  [
    'an object of no kind',
    { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    {},
    ['a.default.apiVersion: Required value', 'a.default.kind: Required value'],
  ],
  [
    'an object of empty kind',
    { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    { apiVersion: '', kind: '' },
    [
      'a.default.apiVersion: Invalid value: "": must not be empty',
      'a.default.kind: Invalid value: "": must not be empty',
    ],
  ],
  [
    'an object of a kind that is none',
    { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    { apiVersion: 'a/b/c', kind: 'A_b' },
    [
      'a.default.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      `a.default.kind: Invalid value: "A_b": may have mixed case, but should otherwise match: ${LABEL}`,
    ],
  ],
  [
    'an object of a version that is none',
    { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    { apiVersion: 1, kind: 'A' },
    ['a.default.apiVersion: Invalid value: 1: must be a string'],
  ],
  [
    'an object whose labels are none',
    { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    { apiVersion: 'v1', kind: 'A', metadata: { labels: { b: 1 } } },
    [
      'a.default.metadata: Invalid value: {"labels":{"b":1}}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    ],
  ],
  [
    'an object of a name that is none',
    { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    { apiVersion: 'v1', kind: 'A', metadata: { name: 'b/c', namespace: 'D' } },
    [
      'a.default.metadata.name: Invalid value: "b/c": may not contain \'/\'',
      "a.default.metadata.namespace: Invalid value: \"D\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
];

for (const [title, schema, value, expected] of cases) {
  test(`validateDefaults: ${title}`, () => {
    const faults = faultsOf({ ...schema, default: value });
    assert.deepEqual(
      faults.map((fault) => fault.replaceAll('root.properties[a]', 'a')),
      expected,
    );
  });
}

const inObjects: readonly [
  title: string,
  field: string,
  schema: StructuralSchema,
  value: Json,
  expected: readonly string[],
][] = [
  ['a kind', 'kind', { type: 'string' }, 'Pod', []],
  [
    'a kind that is none',
    'kind',
    { type: 'string' },
    'A_b',
    [
      `properties[kind].default: Invalid value: "A_b": must result in valid metadata: kind: Invalid value: "A_b": may have mixed case, but should otherwise match: ${LABEL}`,
    ],
  ],
  [
    'a version of another type',
    'apiVersion',
    { type: 'string', minLength: 9 },
    'v1',
    ['properties[apiVersion].default: Invalid value: "v1":  in body should be at least 9 chars long'],
  ],
  [
    'metadata that are none',
    'metadata',
    { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    { labels: { b: 1 } },
    [
      'properties[metadata].default: Invalid value: {"labels":{"b":1}}: must result in valid metadata: metadata: Invalid value: {"labels":{"b":1}}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    ],
  ],
  [
    'metadata of a name that is none',
    'metadata',
    { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    { labels: { 'd/e/f': '' }, name: 'b/c' },
    [
      `properties[metadata].default: Invalid value: {"labels":{"d/e/f":""},"name":"b/c"}: must result in valid metadata: [metadata.name: Invalid value: "b/c": may not contain '/', metadata.labels: Invalid value: "d/e/f": ${LABEL_KEY}]`,
    ],
  ],
];

for (const [title, field, schema, value, expected] of inObjects) {
  test(`validateDefaults in an object: ${title}`, () => {
    const properties = { [field]: { ...schema, default: value } };
    const faults = faultsOf({ type: 'object', 'x-kubernetes-embedded-resource': true, properties });
    assert.deepEqual(
      faults.map((fault) => fault.replaceAll('root.properties[a].properties', 'properties')),
      expected,
    );
  });
}
