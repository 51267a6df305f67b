// The rules of structural schemas: everything has its type where it stands, and what is nested in `allOf`, `anyOf`,
// `oneOf` and `not` only restricts values. Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/validation.go.

import { compileGoRegexp, GoRegexpError } from '../../base/go-regexp.ts';
import { type FieldError, fieldError, formatFieldError, type Path } from '../field-error.ts';
import { itemSchema, type JsonSchema } from './json-schema.ts';
import { checkCompleteness } from './structural-completeness.ts';
import { additionalSchema, elementSchema, propertySchema, type StructuralSchema } from './structural-schema.ts';

/** Everything that is wrong with the schema of a resource, in the order of its text. */
export function validateStructuralSchema(schema: StructuralSchema, at: Path): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkSchema(schema, 'root', at, errors);
  checkCompleteness(schema, at, errors);
  return errors
    .map((error) => ({ error, text: formatFieldError(error) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ error }) => error);
}

type Level = 'root' | 'item' | 'field';

const NEEDS_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function checkSchema(schema: StructuralSchema, level: Level, at: Path, errors: FieldError[]): void {
  const { type = '', properties = {}, additionalProperties } = schema;
  const items = elementSchema(schema);
  if (type === 'array' && !items) errors.push(fieldError.required(at.child('items'), 'must be specified'));
  if (items) checkSchema(items, 'item', at.child('items'), errors);
  for (const [name, property] of Object.entries(properties)) {
    checkSchema(property, 'field', at.child('properties').key(name), errors);
  }
  const additionalAt = at.child('additionalProperties');
  if (additionalProperties !== undefined && level === 'root') {
    errors.push(fieldError.forbidden(additionalAt, 'must not be used at the root'));
  }
  const additional = additionalSchema(schema);
  if (additional) checkSchema(additional, 'field', additionalAt, errors);
  checkType(schema, level, at, errors);
  checkExtensions(schema, at, errors);
  checkValueRules(schema, isIntOrString(schema.anyOf), isIntOrString(schema.allOf?.[0]?.anyOf), at, errors);
  checkTypeMeta(schema, level, at, errors);
}

function checkType(schema: StructuralSchema, level: Level, at: Path, errors: FieldError[]): void {
  const { type = '' } = schema;
  const typeAt = at.child('type');
  if (schema['x-kubernetes-embedded-resource'] && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? fieldError.required(typeAt, why) : fieldError.invalid(typeAt, type, why));
  } else if (type === '' && !schema['x-kubernetes-int-or-string'] && !schema['x-kubernetes-preserve-unknown-fields']) {
    errors.push(fieldError.required(typeAt, NEEDS_TYPE[level]));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(fieldError.invalid(typeAt, type, 'must be object at the root'));
  }
}

function checkExtensions(schema: StructuralSchema, at: Path, errors: FieldError[]): void {
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  if (schema['x-kubernetes-int-or-string']) {
    const why = 'must be false if x-kubernetes-int-or-string is true';
    if (preserves) errors.push(fieldError.invalid(at.child('x-kubernetes-preserve-unknown-fields'), true, why));
    if (isEmbedded) errors.push(fieldError.invalid(at.child('x-kubernetes-embedded-resource'), true, why));
  }
  if (!isEmbedded) return;
  if (schema.additionalProperties !== undefined) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(fieldError.forbidden(at.child('additionalProperties'), why));
  }
  if (!preserves && Object.keys(schema.properties ?? {}).length === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(fieldError.required(at.child('properties'), why));
  }
}

/** What every object has is what it is: a schema may restrict the names of its metadata, and no more. */
function checkTypeMeta(schema: StructuralSchema, level: Level, at: Path, errors: FieldError[]): void {
  const properties = at.child('properties');
  const isObject = level === 'root' || schema['x-kubernetes-embedded-resource'] === true;
  for (const name of ['kind', 'apiVersion']) {
    const property = propertySchema(schema, name);
    if (!isObject || !property || property.type === 'string') continue;
    errors.push(fieldError.invalid(properties.key(name).child('type'), property.type ?? '', 'must be string'));
  }
  const metadata = propertySchema(schema, 'metadata');
  if (!metadata) return;
  const metadataAt = properties.key('metadata');
  if (isObject && metadata.type !== 'object') {
    errors.push(fieldError.invalid(metadataAt.child('type'), metadata.type ?? '', 'must be object'));
  }
  if (level === 'root' && !restrictsNamesOnly(metadata)) {
    const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(fieldError.forbidden(metadataAt, why));
  }
}

/** Defaults are refused elsewhere. */
function restrictsNamesOnly({ type: _type, default: _default, properties = {}, ...others }: StructuralSchema): boolean {
  const hasOtherProperties = Object.keys(properties).some((name) => name !== 'name' && name !== 'generateName');
  return !hasOtherProperties && Object.keys(others).length === 0;
}

/** `anyOf: [{type: integer}, {type: string}]`, the one place where a nested type is fine. */
function isIntOrString(anyOf: readonly JsonSchema[] | undefined): boolean {
  return anyOf?.length === 2 && isTypeOnly(anyOf[0], 'integer') && isTypeOnly(anyOf[1], 'string');
}

function isTypeOnly(schema: JsonSchema | undefined, type: string): boolean {
  return schema?.type === type && Object.keys(schema).length === 1;
}

/** `skipsAnyOf`, `skipsFirstAllOf`: the alternatives of int-or-string stand there. */
function checkValueRules(
  schema: JsonSchema | StructuralSchema,
  skipsAnyOf: boolean,
  skipsFirstAllOf: boolean,
  at: Path,
  errors: FieldError[],
): void {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern } = schema;
  if (!skipsAnyOf) {
    for (const [index, one] of anyOf.entries()) checkNested(one, false, at.child('anyOf').index(index), errors);
  }
  for (const [index, one] of allOf.entries()) {
    checkNested(one, skipsFirstAllOf && index === 0, at.child('allOf').index(index), errors);
  }
  for (const [index, one] of oneOf.entries()) checkNested(one, false, at.child('oneOf').index(index), errors);
  if (not) checkNested(not, false, at.child('not'), errors);
  if (pattern === undefined) return;
  try {
    compileGoRegexp(pattern);
  } catch (error) {
    if (!(error instanceof GoRegexpError)) throw error;
    const why = `must be a valid regular expression, but isn't: ${error.message}`;
    errors.push(fieldError.invalid(at.child('pattern'), pattern, why));
  }
}

/** What belongs to the structure and may not stand in a nested schema, with why. */
const NESTED_FORBIDDEN = {
  type: 'must be empty to be structural',
  additionalProperties: 'must be undefined to be structural',
  default: 'must be undefined to be structural',
  title: 'must be empty to be structural',
  description: 'must be empty to be structural',
  nullable: 'must be false to be structural',
  'x-kubernetes-preserve-unknown-fields': 'must be false to be structural',
  'x-kubernetes-embedded-resource': 'must be false to be structural',
  'x-kubernetes-int-or-string': 'must be false to be structural',
  'x-kubernetes-list-map-keys': 'must be empty to be structural',
  'x-kubernetes-list-type': 'must be undefined to be structural',
  'x-kubernetes-map-type': 'must be undefined to be structural',
  'x-kubernetes-validations': 'must be empty to be structural',
} as const satisfies Partial<Record<keyof JsonSchema, string>>;

function checkNested(schema: JsonSchema, skipsAnyOf: boolean, at: Path, errors: FieldError[]): void {
  checkValueRules(schema, skipsAnyOf, false, at, errors);
  const items = itemSchema(schema);
  if (items) checkNested(items, false, at.child('items'), errors);
  const { properties = {} } = schema;
  for (const [name, property] of Object.entries(properties)) {
    checkNested(property, false, at.child('properties').key(name), errors);
  }
  for (const field of Object.keys(NESTED_FORBIDDEN) as (keyof typeof NESTED_FORBIDDEN)[]) {
    const value = schema[field];
    if (value !== undefined && value !== false)
      errors.push(fieldError.forbidden(at.child(field), NESTED_FORBIDDEN[field]));
  }
  if (Object.hasOwn(properties, 'metadata')) {
    const why = 'must not be specified in a nested context';
    errors.push(fieldError.forbidden(at.child('properties').key('metadata'), why));
  }
}
