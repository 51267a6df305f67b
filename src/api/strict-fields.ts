// Strict field validation: which fields of a JSON text are unknown or given twice, with their paths, in the order of the
// text and in upstream's words (sigs.k8s.io/json, strict mode). Reads the text again, guided by the schema: it is only
// run once decoding has noticed something, or when duplicates were found.

import { cannotBeHandled, type ObjectType } from './decode-object.ts';
import { KeySet, keyOf, MAX_JSON_DEPTH, skipSpace, stringEnd } from './json-decode.ts';
import { type Field, leafOf, type Struct, structOf } from './schema.ts';
import { badRequest, type StatusError } from './status-error.ts';

/** How many faults are listed at most. */
const MAX_FAULTS = 100;
const ROOT_KEYS: ReadonlySet<string> = new Set(['kind', 'apiVersion']);

/**
 * `unknown field "spec.foo"`, `duplicate field "spec.replicas"`: at most 100, each once. The text is valid JSON; without
 * a struct it is taken as JSON of any form, in which only duplicates are faults. `isRoot`: kind and apiVersion are known.
 */
export function strictFieldErrors(text: string, struct?: Struct, isRoot = true): readonly string[] {
  const reader = new StrictReader(text);
  reader.read(struct ? { kind: 'struct', struct, isRoot } : ANY, '', 0);
  return [...reader.faults];
}

/** The message of all strict errors together. */
export function strictMessage(errors: readonly string[]): string {
  return `strict decoding error: ${errors.join(', ')}`;
}

/** The answer to an object with strict errors where the client asked for strictness. */
export function strictDecodingError(type: ObjectType, errors: readonly string[]): StatusError {
  return badRequest(cannotBeHandled(type, strictMessage(errors)));
}

/** What a value is read as. Leaves, and what upstream keeps as raw bytes, are passed over: nothing in them is checked. */
type Expected =
  | { readonly kind: 'struct'; readonly struct: Struct; readonly isRoot: boolean }
  | { readonly kind: 'list' | 'map'; readonly item: Expected }
  | { readonly kind: 'any' }
  | { readonly kind: 'skip' };

const ANY: Expected = { kind: 'any' };
const SKIP: Expected = { kind: 'skip' };

class StrictReader {
  readonly #text: string;
  #at = 0;
  readonly faults = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads the value that comes next. */
  read(expected: Expected, path: string, depth: number): void {
    this.#at = skipSpace(this.#text, this.#at);
    const first = this.#text[this.#at];
    if (expected.kind === 'skip' || depth > MAX_JSON_DEPTH) this.#skip();
    else if (first === '{' && expected.kind !== 'list') this.#object(expected, path, depth + 1);
    else if (first === '[' && (expected.kind === 'list' || expected.kind === 'any')) {
      this.#array(expected.kind === 'list' ? expected.item : ANY, path, depth + 1);
    } else this.#skip();
  }

  #object(expected: Exclude<Expected, { kind: 'list' | 'skip' }>, path: string, depth: number): void {
    const keys = new KeySet();
    while (this.#more('}')) {
      const end = stringEnd(this.#text, this.#at);
      const key = keyOf(this.#text, this.#at, end);
      this.#at = skipSpace(this.#text, end + 1) + 1;
      const inner = path === '' ? key : `${path}.${key}`;
      const value = expectedOfKey(expected, key);
      if (value === undefined) this.#fault('unknown field', inner);
      else if (!keys.add(key)) this.#fault('duplicate field', inner);
      this.read(value ?? SKIP, inner, depth);
    }
  }

  #array(item: Expected, path: string, depth: number): void {
    for (let index = 0; this.#more(']'); index++) this.read(item, `${path}[${index}]`, depth);
  }

  /** Passes the opening bracket or a comma and stands before the next entry; at the end passes the closing bracket. */
  #more(close: string): boolean {
    this.#at = skipSpace(this.#text, this.#at);
    if (this.#text[this.#at] === close) {
      this.#at++;
      return false;
    }
    this.#at = skipSpace(this.#text, this.#at + 1);
    if (this.#text[this.#at] !== close) return true;
    this.#at++; // An empty object or array.
    return false;
  }

  #skip(): void {
    let open = 0;
    do {
      this.#at = skipSpace(this.#text, this.#at);
      const char = this.#text[this.#at];
      if (char === '"') this.#at = stringEnd(this.#text, this.#at) + 1;
      else if (char === '{' || char === '[') {
        open++;
        this.#at++;
      } else if (char === '}' || char === ']') {
        open--;
        this.#at++;
      } else if (char === ',' || char === ':') this.#at++;
      else while (this.#at < this.#text.length && !',:]} \t\r\n'.includes(this.#text[this.#at] ?? '')) this.#at++;
    } while (open > 0 && this.#at < this.#text.length);
  }

  #fault(what: string, path: string): void {
    if (this.faults.size < MAX_FAULTS) this.faults.add(`${what} ${JSON.stringify(path)}`);
  }
}

/** Undefined: there is no such field. */
function expectedOfKey(expected: Exclude<Expected, { kind: 'list' | 'skip' }>, key: string): Expected | undefined {
  if (expected.kind === 'any') return ANY;
  if (expected.kind === 'map') return expected.item;
  if (expected.kind !== 'struct') return undefined;
  if (expected.isRoot && ROOT_KEYS.has(key)) return SKIP;
  const field = expected.struct.jsonFields.get(key);
  return field && expectedOf(field);
}

function expectedOf(field: Field): Expected {
  const item: Expected =
    leafOf(field) === undefined ? { kind: 'struct', struct: structOf(field), isRoot: false } : SKIP;
  return field.shape === 'list' || field.shape === 'map' ? { kind: field.shape, item } : item;
}
