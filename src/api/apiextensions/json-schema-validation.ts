// The rules of the JSON schemas of custom resources, apart from those that make them structural. Upstream:
// ValidateCustomResourceDefinitionOpenAPISchema in k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation.

import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { isSchema, type JsonSchema } from './json-schema.ts';
import { checkListType, checkMapType } from './list-type-validation.ts';
import { checkRules } from './validation-rule-validation.ts';

/** Everything that is wrong with the schema of a resource and the schemas in it. */
export function validateJsonSchema(schema: JsonSchema, at: Path): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkSchema(schema, { isRoot: true, isInMetadata: false, noDefaults: undefined }, at, errors);
  return errors;
}

interface Place {
  readonly isRoot: boolean;
  /** The schema is of kind, version or metadata, or of something inside. */
  readonly isInMetadata: boolean;
  /** Why there may be no default. */
  readonly noDefaults: string | undefined;
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const OBJECT_FIELDS: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion']);

function checkSchema(schema: JsonSchema, place: Place, at: Path, errors: FieldError[]): void {
  checkSupported(schema, place, at, errors);
  if (schema.uniqueItems) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(fieldError.forbidden(at.child('uniqueItems'), why));
  }
  checkAdditionalProperties(schema, place, at.child('additionalProperties'), errors);
  checkProperties(schema, place, at.child('properties'), errors);
  checkCombined(schema, { ...place, isRoot: false }, at, errors);
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const preserveAt = at.child('x-kubernetes-preserve-unknown-fields');
    errors.push(fieldError.invalid(preserveAt, false, 'must be true or undefined'));
  }
  checkMapType(schema, at, errors);
  checkListType(schema, at, errors);
  checkRules(schema, at.child('x-kubernetes-validations'), errors);
}

const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;

function checkSupported(schema: JsonSchema, { isInMetadata, noDefaults }: Place, at: Path, errors: FieldError[]): void {
  const { type = '', items } = schema;
  const forbid = (field: string, why: string) => errors.push(fieldError.forbidden(at.child(field), why));
  if (type !== '' && !TYPES.includes(type)) errors.push(fieldError.notSupported(at.child('type'), type, TYPES));
  if (schema.default !== undefined && noDefaults !== undefined) forbid('default', `must not be set ${noDefaults}`);
  for (const field of UNSUPPORTED) if (schema[field] !== undefined) forbid(field, `${field} is not supported`);
  if (type === 'null') forbid('type', 'type cannot be set to null, use nullable as an alternative');
  if (Array.isArray(items) && items.length > 0) forbid('items', 'items must be a schema object and not an array');
  if (isInMetadata && schema['x-kubernetes-embedded-resource']) {
    forbid('x-kubernetes-embedded-resource', 'must not be used inside of resource meta');
  }
}

/** Properties are for structs, additional properties for maps. */
function checkAdditionalProperties(schema: JsonSchema, place: Place, at: Path, errors: FieldError[]): void {
  const { additionalProperties, properties = {} } = schema;
  if (additionalProperties === undefined) return;
  if (Object.keys(properties).length > 0 && additionalProperties !== true) {
    errors.push(fieldError.forbidden(at, 'additionalProperties and properties are mutual exclusive'));
  }
  if (!isSchema(additionalProperties)) return;
  const why = 'inside additionalProperties applying to object metadata';
  const noDefaults = place.isInMetadata ? why : place.noDefaults;
  checkSchema(additionalProperties, { ...place, isRoot: false, noDefaults }, at, errors);
}

function checkProperties(schema: JsonSchema, place: Place, at: Path, errors: FieldError[]): void {
  const isObject = place.isRoot || schema['x-kubernetes-embedded-resource'] === true;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isObjectField = isObject && OBJECT_FIELDS.has(name);
    const inside = {
      isRoot: false,
      isInMetadata: place.isInMetadata || isObjectField,
      noDefaults: isObjectField && place.isRoot ? `in top-level ${name}` : place.noDefaults,
    };
    checkSchema(property, inside, at.key(name), errors);
  }
}

function checkCombined(schema: JsonSchema, place: Place, at: Path, errors: FieldError[]): void {
  const check = (one: JsonSchema, path: Path) => checkSchema(one, place, path, errors);
  if (schema.not) check(schema.not, at.child('not'));
  for (const name of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [index, one] of (schema[name] ?? []).entries()) check(one, at.child(name).index(index));
  }
  for (const [name, one] of Object.entries(schema.definitions ?? {})) check(one, at.child('definitions').key(name));
  const { items, dependencies = {} } = schema;
  if (isSchema(items)) check(items, at.child('items'));
  else for (const [index, one] of (items ?? []).entries()) check(one, at.child('items').index(index));
  for (const [name, one] of Object.entries(dependencies)) {
    if (isSchema(one)) check(one, at.child('dependencies').key(name));
  }
}
