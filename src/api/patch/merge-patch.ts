// JSON Merge Patch (RFC 7386) on plain values. What the patch does not name is shared with the original, which stays as
// it was.

import { jsonTypeOf, setKey } from '../decode-leaf.ts';
import { badRequest } from '../status-error.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** The patch, if it is an object. Throws BadRequest. */
export function mergePatchObject(patch: unknown): JsonObject {
  if (patch === null) throw badRequest('Invalid JSON Patch');
  if (isObject(patch)) return patch;
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${jsonTypeOf(patch)} into Go value of type map[string]interface {}`,
  );
}

/** The original with the patch's fields; null in the patch removes a field. */
export function applyMergePatch(original: unknown, patch: JsonObject): Record<string, unknown> {
  const result: Record<string, unknown> = isObject(original) ? { ...original } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setKey(result, key, mergedValue(ownValue(result, key), value));
  }
  return result;
}

function mergedValue(before: unknown, value: unknown): unknown {
  if (isObject(value)) return applyMergePatch(before, value);
  // Upstream removes null fields from objects inside lists, but not where a list takes the place of an object.
  return isObject(before) ? value : withoutNulls(value);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isObject(value) ? applyMergePatch(undefined, value) : value;
}

function ownValue(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
