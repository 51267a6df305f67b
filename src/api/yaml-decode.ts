// YAML text to JSON values, scalars resolved as sigs.k8s.io/yaml does (YAML 1.1 words: `yes` and `on` are true, 0777 is
// octal; dates stay text). The yaml package parses; what a plain scalar means is decided here. One document is read.

import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
} from 'yaml';
import { setKey } from './decode-leaf.ts';
import { MAX_JSON_DEPTH } from './json-decode.ts';

/** The text is not YAML, or not YAML that JSON can express. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
}

export interface DecodedYaml {
  readonly value: unknown;
  /** What is said of keys that stand twice in a map; the last one counts. */
  readonly duplicateKeys: string | undefined;
}

/** Beyond so many nodes made out of aliases a document is refused: a few lines could otherwise fill the memory. */
const MAX_ALIASED_NODES = 100_000;

/** The value of the first document; nothing is null. Throws `YamlError`. */
export function decodeYaml(text: string): DecodedYaml {
  const lines = new LineCounter();
  // Without schema every scalar is a string, and a second document is not an error but simply not read.
  const document = parseDocument(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    lineCounter: lines,
    logLevel: 'silent',
  });
  const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
  if (error) throw new YamlError(`yaml: line ${error.linePos?.[0].line ?? 1}: ${explain(error.code, error.message)}`);
  const reader = new YamlReader(document, lines, text);
  const value = reader.value(document.contents, 0);
  return {
    value,
    duplicateKeys:
      reader.duplicates.length > 0 ? ['yaml: unmarshal errors:', ...reader.duplicates].join('\n  ') : undefined,
  };
}

class YamlReader {
  readonly duplicates: string[] = [];
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #text: string;
  #aliased = 0;
  #inAlias = false;

  constructor(document: Document, lines: LineCounter, text: string) {
    this.#document = document;
    this.#lines = lines;
    this.#text = text;
  }

  value(node: unknown, depth: number): unknown {
    if (depth > MAX_JSON_DEPTH) throw new YamlError('yaml: exceeded max depth');
    if (this.#inAlias && ++this.#aliased > MAX_ALIASED_NODES) {
      throw new YamlError('yaml: document contains excessive aliasing');
    }
    if (isScalar(node)) return this.#isCutOff(node) ? String(node.value).replace(/\n$/, '') : scalarOf(node);
    if (isMap(node)) return this.#map(node.items, depth);
    if (isSeq(node)) return node.items.map((item) => this.value(item, depth + 1));
    if (isAlias(node)) return this.#alias(node, depth);
    return null;
  }

  /** A block whose last line has no end: the parser adds one, upstream does not. */
  #isCutOff(node: Scalar): boolean {
    if (node.type !== Scalar.BLOCK_LITERAL && node.type !== Scalar.BLOCK_FOLDED) return false;
    return !this.#text.endsWith('\n') && (node.range?.[1] ?? 0) >= this.#text.length;
  }

  #alias(node: Node, depth: number): unknown {
    const target = isAlias(node) ? node.resolve(this.#document) : undefined;
    if (!target) throw new YamlError(`yaml: unknown anchor '${isAlias(node) ? node.source : ''}' referenced`);
    const outer = this.#inAlias;
    this.#inAlias = true;
    const value = this.value(target, depth + 1);
    this.#inAlias = outer;
    return value;
  }

  #map(items: readonly unknown[], depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const merged: unknown[] = [];
    for (const pair of items) {
      if (!isPair(pair)) continue;
      const value = this.value(pair.value, depth + 1);
      if (isMergeKey(pair.key)) {
        merged.push(...(Array.isArray(value) ? value : [value]));
        continue;
      }
      const key = this.value(pair.key, depth + 1);
      if (Object.hasOwn(result, keyText(key))) this.#duplicate(pair.key, key);
      setKey(result, keyText(key), value);
    }
    for (const source of merged) mergeInto(result, source);
    return result;
  }

  #duplicate(node: unknown, key: unknown): void {
    const offset = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
    this.duplicates.push(`line ${this.#lines.linePos(offset).line}: key ${JSON.stringify(key)} already set in map`);
  }
}

function isMergeKey(node: unknown): boolean {
  return isScalar(node) && node.type === Scalar.PLAIN && node.source === '<<';
}

/** Own keys win over merged ones, earlier sources over later ones. */
function mergeInto(target: Record<string, unknown>, source: unknown): void {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw new YamlError('yaml: map merge requires map or sequence of maps as the value');
  }
  for (const [key, value] of Object.entries(source)) if (!Object.hasOwn(target, key)) setKey(target, key, value);
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean') return String(key);
  throw new YamlError('yaml: unsupported map key: a key must be a string, a number or a boolean');
}

function scalarOf(node: Scalar): unknown {
  const text = typeof node.value === 'string' ? node.value : String(node.value ?? '');
  switch (node.tag) {
    case undefined:
      return node.type === Scalar.PLAIN || node.type === undefined ? resolvePlain(text) : text;
    case 'tag:yaml.org,2002:int':
    case 'tag:yaml.org,2002:float':
    case 'tag:yaml.org,2002:bool':
    case 'tag:yaml.org,2002:null':
      return resolvePlain(text);
    default:
      return text;
  }
}

const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...spellings('y', 'yes', 'true', 'on').map((word): [string, boolean] => [word, true]),
  ...spellings('n', 'no', 'false', 'off').map((word): [string, boolean] => [word, false]),
  ...spellings('null').map((word): [string, null] => [word, null]),
  ['~', null],
  ['', null],
]);
const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const NOT_A_NUMBER = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** What an unquoted scalar means. */
function resolvePlain(text: string): unknown {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  if (NOT_A_NUMBER.test(text)) throw new YamlError(`json: unsupported value: ${text}`);
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  const value = INTEGER.test(plain) ? integerOf(plain) : FLOAT.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : text;
}

function integerOf(text: string): number {
  const digits = text.replace(/^[-+]/, '');
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  const value = Number(octal);
  return text.startsWith('-') && value !== 0 ? -value : value;
}

/** The three spellings each word has: `yes`, `Yes`, `YES`. */
function spellings(...words: readonly string[]): string[] {
  return words.flatMap((word) => [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()]);
}

/** The parser's message without its picture of the source, or what upstream says of the same fault. */
function explain(code: string, message: string): string {
  if (code === 'BLOCK_AS_IMPLICIT_KEY' || code === 'MULTILINE_IMPLICIT_KEY') {
    return 'mapping values are not allowed in this context';
  }
  if (code === 'TAB_AS_INDENT') return 'found character that cannot start any token';
  return message.split(/ at line \d+/)[0] ?? message;
}
