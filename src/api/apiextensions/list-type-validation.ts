// The rules of what schemas say of how lists and maps are merged (`x-kubernetes-list-type`, `x-kubernetes-map-type`): sets
// hold what can be compared as a whole, maps have keys that are there. Upstream:
// ValidateCustomResourceDefinitionOpenAPISchema in k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation.

import { checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { internalItems } from './internal-form.ts';
import { itemSchema, type JsonSchema } from './json-schema.ts';

const MAP_TYPE = 'x-kubernetes-map-type';
const LIST_TYPE = 'x-kubernetes-list-type';
const MAP_KEYS = 'x-kubernetes-list-map-keys';

export function checkMapType(schema: JsonSchema, at: Path, errors: FieldError[]): void {
  const mapType = schema[MAP_TYPE];
  if (mapType === undefined) return;
  checkTypeIs('object', `must be object if ${MAP_TYPE} is specified`, schema, at, errors);
  checkOneOf(mapType, ['atomic', 'granular'], at.child(MAP_TYPE), errors);
}

export function checkListType(schema: JsonSchema, at: Path, errors: FieldError[]): void {
  const listType = schema[LIST_TYPE];
  const keys = schema[MAP_KEYS] ?? [];
  const typeAt = at.child(LIST_TYPE);
  if (listType !== undefined) {
    checkTypeIs('array', `must be array if ${LIST_TYPE} is specified`, schema, at, errors);
    if (listType === 'set' && schema.type === 'array') checkSet(schema, at.child('items'), errors);
    checkOneOf(listType, ['atomic', 'set', 'map'], typeAt, errors);
  }
  const why = `must be map if ${MAP_KEYS} is non-empty`;
  if (keys.length > 0 && listType === undefined) errors.push(fieldError.required(typeAt, why));
  else if (keys.length > 0 && listType !== 'map') errors.push(fieldError.invalid(typeAt, listType, why));
  if (listType === 'map') checkMap(schema, keys, at, errors);
  if (listType === 'map' || listType === 'set') checkItems(schema, listType, keys, at.child('items'), errors);
}

function checkTypeIs(expected: string, why: string, { type = '' }: JsonSchema, at: Path, errors: FieldError[]): void {
  if (type === expected) return;
  const typeAt = at.child('type');
  errors.push(type === '' ? fieldError.required(typeAt, why) : fieldError.invalid(typeAt, type, why));
}

/** Items of sets are compared as a whole: lists are, unless they say otherwise, and structs only if they say so. */
function checkSet(schema: JsonSchema, at: Path, errors: FieldError[]): void {
  const items = itemSchema(schema);
  const why = `must be atomic as item of a list with ${LIST_TYPE}=set`;
  // Upstream shows the type of the list here, even where it is that of the map which is wrong.
  const shown = items?.[LIST_TYPE];
  if (items?.type === 'array' && (shown ?? 'atomic') !== 'atomic') {
    errors.push(fieldError.invalid(at.child(LIST_TYPE), shown, why));
  }
  if (items?.type === 'object' && items[MAP_TYPE] !== 'atomic') {
    errors.push(fieldError.invalid(at.child(MAP_TYPE), shown, why));
  }
}

function checkMap(schema: JsonSchema, keys: readonly string[], at: Path, errors: FieldError[]): void {
  const itemsAt = at.child('items');
  const items = itemSchema(schema);
  if (keys.length === 0) {
    errors.push(fieldError.required(at.child(MAP_KEYS), `must not be empty if ${LIST_TYPE} is map`));
  }
  if (schema.items === undefined) {
    errors.push(fieldError.required(itemsAt, `must have a schema if ${LIST_TYPE} is map`));
  } else if (!items) {
    const why = `must only have a single schema if ${LIST_TYPE} is map`;
    errors.push(fieldError.invalid(itemsAt, internalItems(schema.items), why));
  } else if (items.type !== 'object') {
    const why = `must be object if parent array's ${LIST_TYPE} is map`;
    errors.push(fieldError.invalid(itemsAt.child('type'), items.type ?? '', why));
  } else checkKeys(items, keys, at, errors);
}

function checkKeys(items: JsonSchema, keys: readonly string[], at: Path, errors: FieldError[]): void {
  const keysAt = at.child(MAP_KEYS);
  for (const [index, key] of keys.entries()) {
    const property = propertyOf(items, key);
    if (!property) errors.push(fieldError.invalid(keysAt, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const why = `must be a scalar type if parent array's ${LIST_TYPE} is map`;
      errors.push(fieldError.invalid(at.child('items', 'properties').key(key).child('type'), items.type, why));
    }
    if (keys.indexOf(key) < index) errors.push(fieldError.invalid(keysAt, keys, 'must not contain duplicate entries'));
  }
}

/** Items are there as a whole, and so are their keys. */
function checkItems(
  schema: JsonSchema,
  listType: 'map' | 'set',
  keys: readonly string[],
  at: Path,
  errors: FieldError[],
): void {
  const items = itemSchema(schema);
  if (!items) return;
  if (items.nullable) {
    errors.push(fieldError.forbidden(at.child('nullable'), `cannot be nullable when ${LIST_TYPE} is ${listType}`));
  }
  if (listType === 'set') return;
  for (const key of keys) {
    const property = propertyOf(items, key);
    if (!property) continue;
    const propertyAt = at.child('properties').key(key);
    const isIn = `this property is in ${MAP_KEYS}`;
    if (!items.required?.includes(key) && property.default === undefined) {
      const why = `${isIn}, so it must have a default or be a required property`;
      errors.push(fieldError.required(propertyAt.child('default'), why));
    }
    if (property.nullable) {
      errors.push(fieldError.forbidden(propertyAt.child('nullable'), `${isIn}, so it cannot be nullable`));
    }
  }
}

function propertyOf({ properties = {} }: JsonSchema, name: string): JsonSchema | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}
