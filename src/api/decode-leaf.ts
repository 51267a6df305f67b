// Leaves on their way in: each JSON value is checked against its declared type and brought into canonical form. The
// walk over structs is in decode-object.ts; what is said of a wrong type is in decode-error.ts.

import { type DecodeError, decodeFailure, typeMismatch } from './decode-error.ts';
import { MAX_JSON_DEPTH } from './json-decode.ts';
import { canonicalQuantity, QuantityError } from './quantity.ts';
import type { Leaf } from './schema.ts';
import { canonicalMicroTime, canonicalTime, formatDuration, parseDuration, TimeFormatError } from './time.ts';

/** Decodes a value that is not null; `undefined` where it counts as unset. Throws `DecodeError`. */
export type DecodeLeaf = (value: unknown) => unknown;

const MAX_INT32 = 2147483647;
const MIN_INT32 = -2147483648;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const DECODE_LEAF: Readonly<Record<Leaf, DecodeLeaf>> = {
  string: (value) => (typeof value === 'string' ? value : mismatch(value, 'string')),
  bool: (value) => (typeof value === 'boolean' ? value : mismatch(value, 'bool')),
  int32,
  int64,
  double: (value) => (typeof value === 'number' ? value : mismatch(value, 'float64')),
  bytes,
  time: (value) => attempt(() => canonicalTime(text(value)) ?? undefined),
  microTime: (value) => attempt(() => canonicalMicroTime(text(value)) ?? undefined),
  duration: (value) => attempt(() => formatDuration(parseDuration(text(value)))),
  quantity,
  intOrString: (value) => (typeof value === 'string' ? value : int32(value)),
  rawExtension: copyJson,
  fieldsV1: copyJson,
  json: copyJson,
  stringList,
  schemaOrArray: copyJson,
  schemaOrBool: copyJson,
  schemaOrStringArray: copyJson,
};

/** The Go type that an error names. */
export const LEAF_GO_TYPE: Readonly<Partial<Record<Leaf, string>>> = {
  double: 'float64',
  bytes: '[]uint8',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  duration: 'v1.Duration',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  stringList: '[]string',
};

/** A deep copy of any JSON value. Throws `DecodeError` where it is nested too deep. */
export function copyJson(value: unknown): unknown {
  return copy(value, 0);
}

/** Writes a key that the input chose: `__proto__` is a key like any other. */
export function setKey(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_JSON_DEPTH) throw decodeFailure('exceeded max depth');
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) setKey(result, key, copy((value as Record<string, unknown>)[key], depth + 1));
  return result;
}

function int32(value: unknown): number {
  if (typeof value !== 'number') return mismatch(value, 'int32');
  if (Number.isInteger(value) && value <= MAX_INT32 && value >= MIN_INT32) return value;
  throw typeMismatch(`number ${value}`, 'int32');
}

/** Integers that a number does not hold exactly are refused, never rounded. */
function int64(value: unknown): number {
  if (typeof value !== 'number') return mismatch(value, 'int64');
  if (Number.isSafeInteger(value)) return value;
  throw typeMismatch(`number ${value}`, 'int64');
}

function bytes(value: unknown): string | undefined {
  if (Array.isArray(value) && value.length === 0) return '';
  if (typeof value !== 'string') return mismatch(value, '[]uint8');
  if (BASE64.test(value)) return value;
  // Line breaks inside are allowed, and dropped.
  const joined = value.replace(/[\r\n]/g, '');
  if (BASE64.test(joined)) return joined;
  const valid = /^(?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{0,3}/.exec(value)?.[0].length ?? 0;
  throw decodeFailure(`illegal base64 data at input byte ${valid}`);
}

function quantity(value: unknown): string {
  if (typeof value === 'string') return attempt(() => canonicalQuantity(value.trim()));
  return attempt(() => canonicalQuantity(JSON.stringify(value)));
}

function stringList(value: unknown): string[] {
  if (!Array.isArray(value)) return mismatch(value, '[]string');
  return value.map((item) => (item === null ? '' : typeof item === 'string' ? item : mismatch(item, 'string')));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : mismatch(value, 'string');
}

function mismatch(value: unknown, goType: string): never {
  throw typeMismatch(jsonTypeOf(value), goType);
}

/** What Go's decoder calls the JSON value. */
export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof QuantityError || error instanceof TimeFormatError) throw failureOf(error);
    throw error;
  }
}

function failureOf(error: Error): DecodeError {
  return decodeFailure(error.message);
}
