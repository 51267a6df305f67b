// One step of a path to a field, as FieldsV1 spells it: `f:replicas` is a field or key of a map, `k:{"name":"web"}` an
// item of a list by its keys, `v:"a"` an item of a set by its value, `i:0` one by its index. There is one canonical
// spelling of each, so that elements are equal when their texts are. Upstream: structured-merge-diff's fieldpath.

import { goJson, withSortedKeys } from '../go-json.ts';
import { byUtf8 } from '../normal-form.ts';

/** A canonical path element. */
export type PathElement = string;
/** From the object down. */
export type FieldPath = readonly PathElement[];

/** An entry that is no path element, or a value that cannot be one. */
export class PathElementError extends Error {
  override readonly name = 'PathElementError';
}

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

export function valueElement(value: string | number | boolean): PathElement {
  return `v:${goJson(value)}`;
}

/** The names have to be in order. */
export function keyElement(keys: readonly (readonly [name: string, value: unknown])[]): PathElement {
  let fields = '';
  for (const [name, value] of keys) fields += `${fields === '' ? '' : ','}${goJson(name)}:${goJson(value)}`;
  return `k:{${fields}}`;
}

/** The canonical spelling of an element that a client wrote; undefined for a kind that is not known and is passed over. */
export function canonicalElement(text: string): PathElement | undefined {
  if (text.length < 2) throw new PathElementError('key must be 2 characters long:');
  if (text[1] !== ':') throw new PathElementError(`missing colon: ${text}`);
  const content = text.slice(2);
  switch (text[0]) {
    case 'f':
      return text;
    case 'v':
      return `v:${goJson(withSortedKeys(parsed(content)))}`;
    case 'k':
      return keyElement(keysOf(content).sort(([a], [b]) => byUtf8(a, b)));
    case 'i':
      if (!/^[-+]?\d+$/.test(content)) throw new PathElementError(`invalid index: ${content}`);
      return `i:${Number(content)}`;
    default:
      return undefined;
  }
}

/** The order in which upstream writes elements: fields, keys, values, indexes. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  if (a[0] !== b[0]) return rankOf(a) - rankOf(b);
  switch (a[0]) {
    case 'f':
      // Below the surrogates, the engine's order is that of bytes.
      return BEYOND_SURROGATES.test(a) ? byUtf8(a, b) : a < b ? -1 : 1;
    case 'k':
      return compareTexts(a, b) ?? compareKeys(keysOf(a.slice(2)), keysOf(b.slice(2)));
    case 'v':
      return compareValues(parsed(a.slice(2)), parsed(b.slice(2)));
    default:
      return Number(a.slice(2)) - Number(b.slice(2));
  }
}

const QUOTE = 0x22;
const BEYOND_SURROGATES = /[\ud800-\uffff]/;

/** As conflicts name it: `.spec.containers[name="web"].image`. */
export function formatPath(path: FieldPath): string {
  return path.map(formatElement).join('');
}

function formatElement(element: PathElement): string {
  const content = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${content}`;
    case 'k':
      return `[${keysOf(content)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    case 'v':
      return `[=${JSON.stringify(parsed(content))}]`;
    default:
      return `[${content}]`;
  }
}

function rankOf(element: PathElement): number {
  return 'fkvi'.indexOf(element.charAt(0));
}

/**
 * The order of two texts of JSON that differ within a string without escapes, as most keys do: there the shorter string
 * ends first. Undefined where they have to be read.
 */
function compareTexts(a: string, b: string): number | undefined {
  if (a.includes('\\') || b.includes('\\') || BEYOND_SURROGATES.test(a)) return undefined;
  let isInString = false;
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return isInString ? (left === QUOTE ? -1 : right === QUOTE ? 1 : left - right) : undefined;
    if (left === QUOTE) isInString = !isInString;
  }
  return undefined;
}

type Key = [name: string, value: unknown];

function compareKeys(a: readonly Key[], b: readonly Key[]): number {
  for (const [index, [name, value]] of a.entries()) {
    const other = b[index];
    if (!other) return 1;
    const order = byUtf8(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const TYPE_ORDER: readonly string[] = ['number', 'string', 'boolean', 'list', 'map', 'null'];

/** Numbers before texts, and so on down to null. */
function compareValues(a: unknown, b: unknown): number {
  const type = typeOf(a);
  const byType = TYPE_ORDER.indexOf(type) - TYPE_ORDER.indexOf(typeOf(b));
  if (byType !== 0) return byType;
  if (type === 'string') return byUtf8(a as string, b as string);
  if (type === 'number' || type === 'boolean') return Number(a) - Number(b);
  return byUtf8(goJson(a), goJson(b));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'map' : typeof value;
}

function keysOf(content: string): Key[] {
  const value = parsed(content);
  if (typeOf(value) !== 'map') throw new PathElementError(`keys have to be an object: ${content}`);
  return Object.entries(value as object).map(([name, inner]): Key => [name, withSortedKeys(inner)]);
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new PathElementError(`invalid JSON: ${content}`);
  }
}
