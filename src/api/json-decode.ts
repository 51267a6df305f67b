// JSON text to values. The engine's parser does the work; what it loses, duplicate keys, is looked for by a scan of the
// text. Which duplicates count, and their paths, is in strict-fields.ts.

import { explainJsonSyntax } from './json-syntax.ts';
import { badRequest } from './status-error.ts';

/** Deeper than this no JSON value is taken, so that recursion over it is safe. */
export const MAX_JSON_DEPTH = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COLON = 0x3a;
/** Objects with more keys than this find theirs by a hash. */
const FEW_KEYS = 16;

// Fatal decoding is not asked for: upstream takes bytes that are not UTF-8 and replaces them.
const decoder = new TextDecoder();

/** The value of a JSON text. Throws BadRequest with the fault in Go's words. */
export function decodeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(explainJsonSyntax(text), error);
  }
}

/** Whether a value is nested deeper than is taken. */
export function isTooDeep(value: unknown, limit = MAX_JSON_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  for (const inner of Object.values(value)) if (isTooDeep(inner, limit - 1)) return true;
  return false;
}

export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Whether some object of a valid JSON text, at whatever depth, has a key twice. */
export function hasDuplicateKeys(text: string): boolean {
  const outer: KeySet[] = [];
  let keys = new KeySet();
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (text.charCodeAt(skipSpace(text, end + 1)) === COLON && !keys.add(keyOf(text, at, end))) return true;
      at = end;
    } else if (code === OPEN_BRACE) {
      outer.push(keys);
      keys = new KeySet();
    } else if (code === CLOSE_BRACE) {
      keys = outer.pop() ?? keys;
    }
  }
  return false;
}

/** The keys of one object: a short list is searched faster than hashed, and most objects are small. */
export class KeySet {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  /** False where the key is there already. */
  add(key: string): boolean {
    if (this.#many) {
      if (this.#many.has(key)) return false;
      this.#many.add(key);
      return true;
    }
    if (this.#few.includes(key)) return false;
    if (this.#few.push(key) > FEW_KEYS) this.#many = new Set(this.#few);
    return true;
  }
}

/** Where the string that opens at `open` has its closing quote. */
export function stringEnd(text: string, open: number): number {
  let end = text.indexOf('"', open + 1);
  while (end >= 0 && text.charCodeAt(end - 1) === BACKSLASH && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

/** The string between two quotes. */
export function keyOf(text: string, open: number, close: number): string {
  const raw = text.slice(open + 1, close);
  return raw.includes('\\') ? (JSON.parse(text.slice(open, close + 1)) as string) : raw;
}

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return at;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
