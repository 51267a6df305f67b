// Strategic merge patch: a merge patch that knows from the schema which lists are merged, by which key, and which takes
// directives ($patch, $retainKeys, $deleteFromPrimitiveList, $setElementOrder). What it does not name is shared with the
// original, which stays as it was. Rules: sig-api-machinery/strategic-merge-patch.md; upstream:
// k8s.io/apimachinery/pkg/util/strategicpatch, whose order of elements this keeps exactly.

import { jsonTypeOf, setKey } from '../decode-leaf.ts';
import { type Field, leafOf, type Struct, structOf } from '../schema.ts';
import { badRequest } from '../status-error.ts';
import { type ListSchema, mergeLists, orderLists } from './merge-lists.ts';
import {
  directiveOf,
  isObject,
  type JsonObject,
  unknownDirective,
  withoutDirective,
  withoutDirectives,
} from './patch-directives.ts';

const RETAIN_KEYS = '$retainKeys';
const DELETE_PREFIX = '$deleteFromPrimitiveList/';
const ORDER_PREFIX = '$setElementOrder/';

/** What the schema knows of a map's fields: a struct's declarations, or one declaration for all keys, or nothing. */
type MapSchema = Struct | { readonly values: Field } | undefined;

/** The original with the patch applied. Throws BadRequest for directives that mean nothing. */
export function applyStrategicMergePatch(struct: Struct, original: JsonObject, patch: JsonObject): JsonObject {
  return mergeMap(original, patch, struct);
}

function mergeMap(original: JsonObject, patch: JsonObject, schema: MapSchema): JsonObject {
  if (directiveOf(patch) !== undefined) return replaceMap(patch);
  const result = retained(original, patch);
  const orders = Object.keys(patch).filter((key) => key.startsWith(ORDER_PREFIX));
  const done = new Set<string>([RETAIN_KEYS, ...orders]);
  for (const key of orders) {
    const name = key.slice(ORDER_PREFIX.length);
    const list = orderedList(result, patch, name, patch[key], schema);
    if (list) setKey(result, name, list);
    if (list) done.add(name);
  }
  for (const [key, value] of Object.entries(patch)) if (!done.has(key)) mergeField(result, key, value, schema);
  return result;
}

/** `$patch: replace` puts the patch in the place of the map, `$patch: delete` nothing. */
function replaceMap(patch: JsonObject): JsonObject {
  const directive = directiveOf(patch);
  if (directive === 'replace') return withoutDirective(patch);
  if (directive === 'delete') return {};
  throw unknownDirective(directive, patch);
}

/** A copy of the original, of which `$retainKeys` leaves only the keys it lists. */
function retained(original: JsonObject, patch: JsonObject): Record<string, unknown> {
  if (!(RETAIN_KEYS in patch)) return { ...original };
  const keys = patch[RETAIN_KEYS];
  if (!Array.isArray(keys)) throw badRequest('invalid patch format of retainKeys');
  const kept = new Set<unknown>(keys);
  for (const [key, value] of Object.entries(patch)) {
    const isOther =
      key === RETAIN_KEYS || value === null || key.startsWith(DELETE_PREFIX) || key.startsWith(ORDER_PREFIX);
    if (!isOther && !kept.has(key)) throw badRequest('invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.has(key)));
}

function mergeField(result: Record<string, unknown>, given: string, value: unknown, schema: MapSchema): void {
  const isDeleteList = given.startsWith(DELETE_PREFIX);
  const key = isDeleteList ? given.slice(DELETE_PREFIX.length) : given;
  if (value === null) {
    delete result[key];
    return;
  }
  const before = Object.hasOwn(result, key) ? result[key] : undefined;
  if (isDeleteList) {
    if (Array.isArray(before) && Array.isArray(value)) {
      const removed = new Set<unknown>(value);
      result[key] = before.filter((item) => !removed.has(item));
    }
    return;
  }
  const merged = mergedValue(before, value, key, schema);
  if (merged === undefined) delete result[key];
  else setKey(result, key, merged);
}

/** Undefined: the field goes away. */
function mergedValue(before: unknown, value: unknown, key: string, schema: MapSchema): unknown {
  const field = fieldOf(schema, key);
  if (isObject(before) && isObject(value) && !field?.options.replace) {
    return mergeMap(before, value, schemaInside(field, schema));
  }
  if (Array.isArray(before) && Array.isArray(value)) {
    return field?.options.merge ? mergeLists(before, value, listSchema(field)) : value;
  }
  return withoutDirectives(value);
}

/** The list a `$setElementOrder` is about, merged and in that order; undefined where there is no list. */
function orderedList(
  original: JsonObject,
  patch: JsonObject,
  name: string,
  order: unknown,
  schema: MapSchema,
): readonly unknown[] | undefined {
  const before = Object.hasOwn(original, name) ? original[name] : undefined;
  const given = Object.hasOwn(patch, name) ? patch[name] : undefined;
  for (const list of [order, before ?? [], given ?? []]) {
    if (!Array.isArray(list)) throw badRequest(`expected a list, but received a ${jsonTypeOf(list)}`);
  }
  const field = fieldOf(schema, name);
  if (!field) throw badRequest(`unable to find api field for the json field ${JSON.stringify(name)}`);
  if (before === undefined && given === undefined) return undefined;
  const merged =
    before === undefined
      ? withoutDirectives(given)
      : given === undefined
        ? before
        : mergedValue(before, given, name, schema);
  return orderLists(listSchema(field), {
    merged: merged as readonly unknown[],
    patch: (given ?? []) as readonly unknown[],
    order: order as readonly unknown[],
    original: (before ?? []) as readonly unknown[],
  });
}

function listSchema(field: Field): ListSchema {
  const { merge } = field.options;
  const item = leafOf(field) === undefined ? structOf(field) : undefined;
  return {
    mergeKey: typeof merge === 'string' ? merge : undefined,
    mergeItems: (before, patch) => mergeMap(before, patch, item),
  };
}

function fieldOf(schema: MapSchema, key: string): Field | undefined {
  if (!schema) return undefined;
  return 'values' in schema ? undefined : schema.jsonFields.get(key);
}

/** The schema of a map's or struct's own fields; the values of a map of structs are structs. */
function schemaInside(field: Field | undefined, outer: MapSchema): MapSchema {
  if (!field) return outer && 'values' in outer ? structOf(outer.values) : undefined;
  if (leafOf(field) !== undefined) return undefined;
  return field.shape === 'map' ? { values: field } : structOf(field);
}
