import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFieldError, Path } from '../field-error.ts';
import type { JsonSchema } from './json-schema.ts';
import { validateJsonSchema } from './json-schema-validation.ts';

const cases: readonly [title: string, schema: JsonSchema, expected: readonly string[]][] = [
  [
    'a rule',
    {
      type: 'object',
      properties: { b: { type: 'string' } },
      'x-kubernetes-validations': [
        {
          rule: 'self.b == "c"',
          message: 'a',
          messageExpression: '"a"',
          reason: 'FieldValueForbidden',
          fieldPath: '.b',
        },
      ],
    },
    [],
  ],
  [
    'no rule',
    { type: 'object', properties: { b: { type: 'string' } }, 'x-kubernetes-validations': [{ rule: ' ' }] },
    ['a.x-kubernetes-validations[0].rule: Required value: rule is not specified'],
  ],
  [
    'a blank message',
    {
      type: 'object',
      properties: { b: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'true', message: ' ', messageExpression: ' ' }],
    },
    [
      'a.x-kubernetes-validations[0].message: Invalid value: " ": must be non-empty if specified',
      'a.x-kubernetes-validations[0].messageExpression: Required value: messageExpression must be non-empty if specified',
    ],
  ],
  [
    'a message of two lines',
    {
      type: 'object',
      properties: { b: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'true', message: 'a\nb' }],
    },
    ['a.x-kubernetes-validations[0].message: Invalid value: "a\\nb": must not contain line breaks'],
  ],
  [
    'a rule of two lines',
    { type: 'object', properties: { b: { type: 'string' } }, 'x-kubernetes-validations': [{ rule: 'true &&\ntrue' }] },
    ['a.x-kubernetes-validations[0].message: Required value: message must be specified if rule contains line breaks'],
  ],
  [
    'an unknown reason',
    {
      type: 'object',
      properties: { b: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'true', reason: 'FieldValueOdd' as never }],
    },
    [
      'a.x-kubernetes-validations[0].reason: Unsupported value: "FieldValueOdd": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
    ],
  ],
  [
    'a blank path',
    {
      type: 'object',
      properties: { b: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'true', fieldPath: ' ' }],
    },
    [
      'a.x-kubernetes-validations[0].fieldPath: Invalid value: " ": must be non-empty if specified',
      'a.x-kubernetes-validations[0].fieldPath: Invalid value: " ": must be a valid path',
    ],
  ],
  [
    'a path that leads nowhere',
    {
      type: 'object',
      properties: { b: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'true', fieldPath: '.c' }],
    },
    ['a.x-kubernetes-validations[0].fieldPath: Invalid value: ".c": must be a valid path'],
  ],
  [
    'a path of two lines',
    {
      type: 'object',
      properties: { b: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'true', fieldPath: '.b\n' }],
    },
    [
      'a.x-kubernetes-validations[0].fieldPath: Invalid value: ".b\\n": must not contain line breaks',
      'a.x-kubernetes-validations[0].fieldPath: Invalid value: ".b\\n": must be a valid path',
    ],
  ],
  [
    'a path in brackets',
    {
      type: 'object',
      properties: { b: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'true', fieldPath: "['b']" }],
    },
    [],
  ],
];

for (const [title, schema, expected] of cases) {
  test(`checkRules: a field with ${title}`, () => {
    const faults = validateJsonSchema({ type: 'object', properties: { a: schema } }, Path.of('root')).map(
      formatFieldError,
    );
    assert.deepEqual(
      faults.map((fault) => fault.replaceAll('root.properties[a]', 'a')),
      expected,
    );
  });
}
