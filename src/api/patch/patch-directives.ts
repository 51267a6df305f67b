// What the two halves of strategic merge patches share: directives in the maps of a patch.

import { setKey } from '../decode-leaf.ts';
import { badRequest } from '../status-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const DIRECTIVE = '$patch';

/** `$patch` of a map in a patch; undefined where it has none. */
export function directiveOf(map: JsonObject): unknown {
  return map[DIRECTIVE];
}

export function withoutDirective(map: JsonObject): JsonObject {
  const { [DIRECTIVE]: _, ...rest } = map;
  return rest;
}

/** A new value as it stands in the object: without null fields, and without what carries a directive. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (directiveOf(value) !== undefined) return undefined;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const kept = inner === null ? undefined : withoutDirectives(inner);
    if (kept !== undefined) setKey(result, key, kept);
  }
  return result;
}

export function unknownDirective(directive: unknown, map: JsonObject): Error {
  const shown = typeof directive === 'string' ? directive : JSON.stringify(directive);
  return badRequest(`unknown patch type: ${shown} in map: ${JSON.stringify(map)}`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
