import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFieldError, Path } from '../field-error.ts';
import type { JsonSchema } from './json-schema.ts';
import { validateSchema } from './schema-validation.ts';

const faultsOf = (schema: JsonSchema, hasStatus = false) =>
  validateSchema(schema, Path.of('root'), { hasStatus }).map(formatFieldError);

test('validateSchema takes a schema, with a status of its own and without', () => {
  const schema: JsonSchema = {
    type: 'object',
    description: 'a',
    required: ['spec'],
    properties: { spec: { type: 'object' } },
  };
  assert.deepEqual(faultsOf(schema), []);
  assert.deepEqual(faultsOf(schema, true), []);
});

test('validateSchema refuses null', () => {
  assert.deepEqual(faultsOf({ type: 'object', nullable: true }), [
    'root.nullable: Forbidden: nullable cannot be true at the root',
  ]);
});

test('validateSchema lets nothing stand at the root that would be lost with the status', () => {
  const [fault = '', ...others] = faultsOf({ type: 'object', maxProperties: 3 }, true);
  assert.deepEqual(others, []);
  assert.match(
    fault,
    /^root: Invalid value: \{"ID":"","Schema":"","Ref":null,.*"MaxProperties":3,.*"XValidations":null\}: /,
  );
  assert.match(
    fault,
    /: only \[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations\] fields are allowed at the root of the schema if the status subresource is enabled$/,
  );
  assert.deepEqual(faultsOf({ type: 'object', maxProperties: 3 }), []);
});

test('validateSchema tells the type at the root twice', () => {
  assert.deepEqual(faultsOf({ type: 'string' }, true), [
    'root.type: Invalid value: "string": only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
    'root.type: Invalid value: "string": must be object at the root',
  ]);
});

test('validateSchema says why a schema cannot be structural where nothing else does', () => {
  assert.deepEqual(faultsOf({ type: 'object', $schema: 'a' }), [
    `root: Invalid value: "": OpenAPIV3Schema 'schema' is not supported`,
  ]);
  assert.deepEqual(faultsOf({ type: 'object', id: 'a' }), ['root.id: Forbidden: id is not supported']);
});

test('validateSchema looks at defaults once the structure is right', () => {
  const a = (schema: JsonSchema): JsonSchema => ({ type: 'object', properties: { a: schema } });
  assert.deepEqual(faultsOf(a({ type: 'string', default: 1 })), [
    'root.properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"',
  ]);
  assert.deepEqual(faultsOf(a({ default: 1 })), [
    'root.properties[a].type: Required value: must not be empty for specified object fields',
  ]);
});
