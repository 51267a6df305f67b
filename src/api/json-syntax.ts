// What is wrong with a text that is not JSON, in the words of Go's scanner, which is what clients of Kubernetes are used
// to. Only runs once the engine's own parser has refused the text, which it does for the same texts as Go's.

import { MAX_JSON_DEPTH } from './json-decode.ts';

const END = 'unexpected end of JSON input';
const SPACE = /[ \t\r\n]*/y;
const LITERALS = ['true', 'false', 'null'] as const;

/** The first fault of the text: `invalid character 'x' looking for beginning of value`. */
export function explainJsonSyntax(text: string): string {
  try {
    new Scanner(text).document();
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
  return 'invalid JSON';
}

class Fault extends Error {}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#fault('after top-level value');
  }

  #value(depth: number): void {
    this.#space();
    const char = this.#text[this.#at];
    if (char === '{' || char === '[') {
      if (depth >= MAX_JSON_DEPTH) throw new Fault('exceeded max depth');
      this.#at++;
      if (char === '{') this.#object(depth + 1);
      else this.#array(depth + 1);
    } else if (char === '"') this.#string();
    else if (char !== undefined && /[-0-9]/.test(char)) this.#number();
    else this.#literal();
  }

  #object(depth: number): void {
    this.#space();
    if (this.#take('}')) return;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') throw this.#fault('looking for beginning of object key string');
      this.#string();
      this.#space();
      if (!this.#take(':')) throw this.#fault('after object key');
      this.#value(depth);
      this.#space();
      if (this.#take('}')) return;
      if (!this.#take(',')) throw this.#fault('after object key:value pair');
    }
  }

  #array(depth: number): void {
    this.#space();
    if (this.#take(']')) return;
    for (;;) {
      this.#value(depth);
      this.#space();
      if (this.#take(']')) return;
      if (!this.#take(',')) throw this.#fault('after array element');
    }
  }

  #string(): void {
    for (this.#at++; !this.#take('"'); ) {
      if (this.#take('\\')) this.#escape();
      else if (this.#at >= this.#text.length || this.#text.charCodeAt(this.#at) < 0x20) {
        throw this.#fault('in string literal');
      } else this.#at++;
    }
  }

  #escape(): void {
    if (!this.#take('u')) {
      if (!/["\\/bfnrt]/.test(this.#text[this.#at] ?? '')) throw this.#fault('in string escape code');
      this.#at++;
      return;
    }
    for (let digit = 0; digit < 4; digit++) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) throw this.#fault('in \\u hexadecimal character escape');
      this.#at++;
    }
  }

  #number(): void {
    const isNegative = this.#take('-');
    if (!this.#take('0')) this.#digits(isNegative ? 'in numeric literal' : 'looking for beginning of value');
    if (this.#take('.')) this.#digits('after decimal point in numeric literal');
    if (this.#take('e') || this.#take('E')) {
      if (!this.#take('+')) this.#take('-');
      this.#digits('in exponent of numeric literal');
    }
  }

  #digits(context: string): void {
    const start = this.#at;
    while (/[0-9]/.test(this.#text[this.#at] ?? '')) this.#at++;
    if (this.#at === start) throw this.#fault(context);
  }

  #literal(): void {
    const word = LITERALS.find((literal) => literal[0] === this.#text[this.#at]);
    if (word === undefined) throw this.#fault('looking for beginning of value');
    for (const char of word) {
      if (!this.#take(char)) throw this.#fault(`in literal ${word} (expecting '${char}')`);
    }
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #fault(context: string): Fault {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return new Fault(END);
    return new Fault(`invalid character ${quoteChar(String.fromCodePoint(code))} ${context}`);
  }
}

function quoteChar(char: string): string {
  if (char === "'") return "'\\''";
  if (char === '"') return `'"'`;
  return `'${JSON.stringify(char).slice(1, -1)}'`;
}
